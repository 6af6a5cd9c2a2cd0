// Errors of observation. All of them are mistakes in how a metric or a check is declared, found when it is registered.

import { ParviError, type ParviErrorOptions } from '../runtime/index.ts';

export type ObserveErrorCode =
  | 'METRIC_NAME_INVALID'
  | 'METRIC_CONFLICT'
  | 'METRIC_LABELS_INVALID'
  | 'HEALTH_CHECK_CONFLICT';

export class ObserveError extends ParviError {
  declare readonly code: ObserveErrorCode;

  constructor(code: ObserveErrorCode, message: string, options?: ParviErrorOptions) {
    super(code, message, options);
  }
}
