// What a worker node's event loop and its pricing threads say to each other.

import type { ChunkFigures } from '../core/totals.ts';

/** What is to be computed of trades; the same for all chunks of a job. */
export interface PricingRequest {
  readonly metric: string;
  /** Engine of all options that name none. */
  readonly engine?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Name of the snapshot for trades that name none. */
  readonly snapshot: string;
  /** Content hash of each snapshot by name, as they were when the job was taken. */
  readonly snapshots: Readonly<Record<string, string>>;
}

export interface ChunkWork extends PricingRequest {
  /** Trades as NDJSON; a single trade when `copies` is given. */
  readonly bytes: Uint8Array;
  /** Price the one trade this often, each time anew. */
  readonly copies?: number;
  /** Number of the chunk's first trade in its job. */
  readonly first: number;
}

export type ToThread =
  | { readonly kind: 'snapshot'; readonly hash: string; readonly bytes: Uint8Array }
  | { readonly kind: 'price'; readonly task: number; readonly work: ChunkWork };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly task: number }
  | {
      readonly kind: 'done';
      readonly task: number;
      /** As `writeResultBlock` makes it. */
      readonly block: Uint8Array;
      readonly figures: ChunkFigures;
    };
