// What the controller and its intake thread say to each other.

import type { IntakeFormat } from './intake.ts';
import type { ArrayFields } from './json-array-cutter.ts';
import type { IntakeBatch, IntakeFailureCode } from './row-problem.ts';

export type ToThread =
  | { readonly kind: 'open'; readonly upload: number; readonly format: IntakeFormat }
  | { readonly kind: 'chunk'; readonly upload: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly upload: number }
  | { readonly kind: 'close'; readonly upload: number };

export type FromThread =
  | {
      readonly kind: 'batch';
      readonly upload: number;
      readonly batch: IntakeBatch;
      readonly fields: ArrayFields | undefined;
      readonly ended: boolean;
    }
  | {
      readonly kind: 'failed';
      readonly upload: number;
      /** `undefined` for a failure that is not the input's. */
      readonly code: IntakeFailureCode | undefined;
      readonly message: string;
      readonly row: number | undefined;
    };
