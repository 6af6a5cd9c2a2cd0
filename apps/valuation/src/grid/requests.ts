// What the grid is asked for, and by whom it wants to be told.

import type { GridView, JobView, MemberEventView } from './views.ts';

export interface JobRequest {
  readonly metric: string;
  /** Snapshot of trades that name none. */
  readonly snapshot: string;
  /** Engine of options that name none. */
  readonly engine?: string;
  /** For people. */
  readonly name?: string;
  /** Further options of the metric, such as how a delta bumps. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** `skip` prices the good trades and lists the others; `reject` prices nothing unless all are good. */
  readonly onError: 'skip' | 'reject';
  /** The same key with the same input gives the job that the first request made. */
  readonly idempotencyKey?: string;
}

export interface ValueRequest {
  readonly metric: string;
  readonly snapshot: string;
  readonly engine?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly trades: readonly unknown[];
}

export interface ResultQuery {
  /** Where the last page ended; left out for the first. */
  readonly cursor?: string;
  readonly limit: number;
  readonly failedOnly: boolean;
}

export interface JobsQuery {
  readonly limit: number;
  readonly state?: string;
}

export interface Subscription {
  cancel(): void;
}

export interface GridListener {
  grid(view: GridView): void;
  member(event: MemberEventView): void;
  job(view: JobView): void;
}
