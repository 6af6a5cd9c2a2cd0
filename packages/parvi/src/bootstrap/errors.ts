// Errors of this layer. Codes are stable; the catalogue is compared with the error reference.

import { ParviError, type ParviErrorOptions } from '../runtime/index.ts';

export class BootstrapError extends ParviError {
  constructor(code: BootstrapErrorCode, message: string, options: ParviErrorOptions = {}) {
    super(code, message, options);
  }
}

/** Every code this layer raises, with what to do about it. */
export const bootstrapErrorCodes = {
  BOOTSTRAP_OPTION_INVALID: 'An option of bootstrap has no usable value; the message names it',
  BOOTSTRAP_INCOMPLETE:
    'Bootstrap was asked for without what it stands on: give the node a cluster, management and discovery',
} as const satisfies Record<string, string>;

export type BootstrapErrorCode = keyof typeof bootstrapErrorCodes;
