// What the grid tells about itself: jobs, results, nodes. Plain data, the same on every controller.

export const jobStates = [
  'accepting',
  'waiting-for-workers',
  'running',
  'completed',
  'cancelled',
  'failed',
  'lost',
] as const;

/**
 * `accepting`: the input comes in. `waiting-for-workers`: there are trades to price and nobody to price them.
 * `lost`: the controller that kept the job died or left before it ended.
 */
export type JobState = (typeof jobStates)[number];

export interface WorkerShareView {
  readonly address: string;
  readonly trades: number;
  readonly chunks: number;
  readonly busyMs: number;
  /** Part of the job's time that the worker's threads were busy with it, from 0 to 1. */
  readonly busyShare: number;
}

export interface JobView {
  readonly id: string;
  readonly name?: string;
  readonly metric: string;
  /** Snapshot of trades that name none. */
  readonly snapshot: string;
  readonly state: JobState;
  /** Why the job is in this state, when there is something to say. */
  readonly reason?: string;
  /** Address of the controller that keeps the job. */
  readonly owner: string;
  /** ISO 8601, as the other two. */
  readonly submittedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly trades: number;
  readonly priced: number;
  readonly failed: number;
  /** Trades of the input that were refused and never queued. */
  readonly rejected: number;
  readonly chunksDone: number;
  /** Chunks known so far; grows while trades are still to be cut into chunks. */
  readonly chunksTotal: number;
  readonly sum: number | null;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** From the first chunk handed out to the end or now. */
  readonly elapsedMs: number;
  /** Time that worker threads spent pricing, added up. */
  readonly pricingMs: number;
  readonly tradesPerSecond: number;
  /** Failed trades by error code. */
  readonly errors: Record<string, number>;
  readonly workers: WorkerShareView[];
}

export interface TradeErrorView {
  readonly code: string;
  readonly field?: string;
  readonly message: string;
}

export interface ResultView {
  /** Position of the trade in the input, from 1. */
  readonly row: number;
  readonly id: string;
  readonly instrument: string;
  readonly metric: string;
  readonly value?: number;
  /** Further figures, such as greeks. */
  readonly extra?: Record<string, number>;
  readonly error?: TradeErrorView;
  readonly worker?: string;
}

export interface ResultPageView {
  readonly jobId: string;
  readonly results: ResultView[];
  /** There are more results, or will be. */
  readonly nextCursor?: string;
}

export interface HistogramView {
  readonly from: number;
  readonly to: number;
  readonly counts: number[];
  readonly below: number;
  readonly above: number;
}

export interface NodeLoad {
  readonly tradesPerSecond: number;
  readonly busyShare: number;
  readonly loopDelayP99Ms: number;
  readonly rssBytes: number;
  readonly chunksInFlight: number;
}

export interface NodeView {
  readonly address: string;
  readonly roles: string[];
  /** Member status as Pekko names it: Joining, WeaklyUp, Up, Leaving, Exiting, Down. */
  readonly status: string;
  readonly reachable: boolean;
  readonly upSince?: string;
  readonly threads?: number;
  readonly load?: NodeLoad;
}

export interface GridView {
  readonly at: string;
  readonly cluster: {
    readonly name: string;
    readonly leader?: string;
    readonly selfAddress: string;
  };
  readonly nodes: NodeView[];
  /** Jobs that have not ended and trades without result, on all controllers. */
  readonly queue: { readonly jobs: number; readonly trades: number };
  readonly rate: { readonly tradesPerSecond: number };
  /** Since the controllers started. */
  readonly totals: { readonly trades: number; readonly jobs: number };
}

export type MemberChange =
  | 'joined'
  | 'weakly-up'
  | 'up'
  | 'leaving'
  | 'exiting'
  | 'down'
  | 'removed'
  | 'unreachable'
  | 'reachable';

export interface MemberEventView {
  readonly at: string;
  readonly address: string;
  readonly roles: string[];
  readonly change: MemberChange;
}

export interface SnapshotInfoView {
  readonly name: string;
  readonly hash: string;
  readonly evaluationDate: string;
}

export const hasJobEnded = (view: JobView): boolean =>
  view.state !== 'accepting' && view.state !== 'waiting-for-workers' && view.state !== 'running';
