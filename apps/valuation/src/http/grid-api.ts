// What the HTTP routes need of the grid, in the words of the views. The grid service of a controller provides it.

import type { IntakeBatch } from '../intake/index.ts';
import type {
  GridView,
  HistogramView,
  JobView,
  MemberEventView,
  ResultPageView,
  ResultView,
  SnapshotInfoView,
} from './views.ts';

export interface JobRequest {
  readonly metric: string;
  readonly snapshot: string;
  readonly engine?: string;
  readonly name?: string;
  /** Further options of the metric, such as how a delta bumps. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** `skip` prices the good trades and lists the others; `reject` prices nothing unless all are good. */
  readonly onError: 'skip' | 'reject';
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
  readonly cursor?: string;
  readonly limit: number;
  readonly failedOnly: boolean;
}

export interface Subscription {
  cancel(): void;
}

export interface GridListener {
  grid(view: GridView): void;
  member(event: MemberEventView): void;
  job(view: JobView): void;
}

export interface GridApi {
  /** Takes a job; resolves when the whole input is stored. A source that throws leaves no job behind. */
  submit(request: JobRequest, batches: AsyncIterable<IntakeBatch>): Promise<JobView>;
  /** The metric's reference trade, `trades` times. */
  submitReference(metric: string, trades: number): Promise<JobView>;
  jobs(query: { readonly limit: number; readonly state?: string }): Promise<readonly JobView[]>;
  job(id: string): Promise<JobView>;
  results(id: string, query: ResultQuery): Promise<ResultPageView>;
  /** All results in the order of the input, in blocks; waits for those that are still to come unless the job has ended. */
  resultBlocks(id: string): AsyncIterable<readonly ResultView[]>;
  histogram(id: string, bins: number): Promise<HistogramView>;
  /** Calls back on progress, at most five times a second, and once at the end. */
  watchJob(id: string, listener: (job: JobView) => void): Promise<Subscription>;
  cancel(id: string): Promise<JobView>;
  value(request: ValueRequest): Promise<readonly ResultView[]>;
  snapshots(): Promise<readonly SnapshotInfoView[]>;
  snapshot(name: string): Promise<unknown>;
  putSnapshot(name: string, snapshot: unknown): Promise<SnapshotInfoView>;
  grid(): GridView;
  watchGrid(listener: GridListener): Subscription;
}
