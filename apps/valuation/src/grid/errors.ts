// The errors of the grid: the codes a client can branch on, and the codes a single trade can fail with.

import { ParviError } from 'parvi/runtime';

/** Codes of requests that the grid refuses or cannot answer. */
export const gridErrorCodes = {
  GRID_TOO_MANY_JOBS: 'As many jobs are running as the controller takes',
  GRID_QUEUE_FULL: 'As many trades are queued as the controller takes',
  GRID_NO_WORKERS: 'The trades were not priced in time: no worker answered',
  GRID_STOPPING: 'The controller is leaving the cluster and takes no new work',
  GRID_DISK_FAILED: 'The controller cannot write or read its spool of trades and results',
  JOB_UNKNOWN: 'No controller knows a job of this id',
  JOB_LOST: 'The controller that kept the job is gone, and the results with it',
  JOB_CANCELLED: 'The job was cancelled before this could be answered',
  OWNER_UNREACHABLE: 'The controller that keeps the job does not answer',
  TRADES_EMPTY: 'The input has no trades',
  TRADES_REJECTED: 'Some trades of the input are not valid and the request asks for all or nothing',
  REQUEST_INVALID: 'A field of the request has a value that cannot be',
  METRIC_UNKNOWN: 'There is no metric of this name',
  SNAPSHOT_UNKNOWN: 'There is no market snapshot of this name',
  SNAPSHOT_INVALID: 'The market snapshot cannot be used for pricing',
  CURSOR_INVALID: 'The cursor was not given out by this job',
  IDEMPOTENCY_KEY_REUSED: 'The idempotency key was used for another request',
  IDEMPOTENCY_KEY_BUSY: 'Another submission with the idempotency key is still coming in',
} as const;
export type GridErrorCode = keyof typeof gridErrorCodes;

/** Codes that the grid itself gives a trade; all others come from the pricing. */
export const tradeErrorCodes = {
  TRADE_KILLS_WORKER: 'Each of several tries to price the trade alone killed its worker',
  TRADE_EXCEEDS_DEADLINE: 'Each of several tries to price the trade alone exceeded its time',
  TRADE_UNPRICEABLE: 'The pricing raised an error that names no reason it knows',
} as const;
export type TradeErrorCode = keyof typeof tradeErrorCodes;

/**
 * A request that the grid refuses or cannot answer. `fields.retryAfterSeconds`, where it is there, says when a retry
 * makes sense.
 */
export class GridError extends ParviError {
  constructor(
    code: GridErrorCode,
    message: string,
    options: { readonly fields?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(code, message, options);
  }
}

export function controllerStopping(): GridError {
  return new GridError(
    'GRID_STOPPING',
    'This controller is leaving the cluster and takes no new work: ask another one',
    { fields: { retryAfterSeconds: 5 } },
  );
}
