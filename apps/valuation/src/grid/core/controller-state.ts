// The whole state of the scheduling of one controller, the events that move it and the effects it asks for.

import { type CostModel, emptyCostModel } from './cost-model.ts';
import type { EarlyEnd, JobSpec, JobState } from './job.ts';
import { type SchedulingOptions, schedulingDefaults } from './options.ts';
import type { ChunkFigures } from './totals.ts';

/** `silent`: reachable or not, it has not been heard of for too long, so its chunks went to others. */
export type WorkerStanding = 'active' | 'silent';

export interface WorkerState {
  /** Names this incarnation of the worker; a restarted one has another id. */
  readonly id: string;
  readonly threads: number;
  /** Chunks it wants to hold at a time. */
  readonly window: number;
  /** Only for jobs that somebody waits for, and only while no other worker is there. */
  readonly reserve: boolean;
  readonly standing: WorkerStanding;
  readonly heardMs: number;
  /** Chunks it is thought to hold, as `chunkKey`. */
  readonly held: ReadonlySet<string>;
}

export interface ControllerState {
  readonly options: SchedulingOptions;
  readonly workers: ReadonlyMap<string, WorkerState>;
  readonly jobs: ReadonlyMap<string, JobState>;
  readonly costs: CostModel;
  /** What the job served last had been served: where a new job enters the sharing. */
  readonly virtualMs: number;
  /** When the last tick came; undefined before the first. */
  readonly tickedMs: number | undefined;
}

export const initialState = (options: Partial<SchedulingOptions> = {}): ControllerState => ({
  options: { ...schedulingDefaults, ...options },
  workers: new Map(),
  jobs: new Map(),
  costs: emptyCostModel,
  virtualMs: 0,
  tickedMs: undefined,
});

/**
 * Why a chunk came back without results. Only the first two say something against its trades; `too-large` is a chunk
 * whose results do not fit into a message.
 */
export type ChunkFailure = 'thread-died' | 'deadline' | 'given-back' | 'too-large';

export type GridEvent =
  | { readonly kind: 'jobAdded'; readonly spec: JobSpec }
  | { readonly kind: 'tradesAppended'; readonly job: string; readonly available: number }
  | { readonly kind: 'inputEnded'; readonly job: string }
  | { readonly kind: 'jobStopped'; readonly job: string; readonly phase: EarlyEnd }
  | { readonly kind: 'jobRemoved'; readonly job: string }
  /** Nothing more of the job is handed out, since it goes to another controller; what workers have still counts. */
  | { readonly kind: 'jobFrozen'; readonly job: string }
  /** The job is what another controller is told of it: nothing that comes changes it any more. */
  | { readonly kind: 'jobSealed'; readonly job: string }
  /** The job goes on here after all. */
  | { readonly kind: 'jobThawed'; readonly job: string }
  /** A job of another controller goes on here. */
  | { readonly kind: 'jobAdopted'; readonly job: JobState }
  /** Another controller has the job. */
  | { readonly kind: 'jobMoved'; readonly job: string }
  /** A worker registered or told how it stands; `holding` are the chunks it has not answered, as `chunkKey`. */
  | {
      readonly kind: 'workerStatus';
      readonly worker: string;
      readonly threads: number;
      readonly window: number;
      readonly reserve?: boolean;
      readonly holding: readonly string[];
    }
  /** The cluster does not reach the worker any more, for now or for ever. */
  | { readonly kind: 'workerUnreachable'; readonly worker: string }
  | { readonly kind: 'workerGone'; readonly worker: string }
  /** The worker stops in order and prices nothing more. */
  | { readonly kind: 'workerLeft'; readonly worker: string }
  | {
      readonly kind: 'chunkStarted';
      readonly worker: string;
      readonly job: string;
      readonly chunk: number;
    }
  | {
      readonly kind: 'chunkDone';
      readonly worker: string;
      readonly job: string;
      readonly chunk: number;
      readonly figures: ChunkFigures;
    }
  | {
      readonly kind: 'chunkFailed';
      readonly worker: string;
      readonly job: string;
      readonly chunk: number;
      readonly reason: ChunkFailure;
    }
  | { readonly kind: 'chunkStored'; readonly job: string; readonly chunk: number }
  | { readonly kind: 'tick' };

export type GridEffect =
  | {
      readonly kind: 'assign';
      readonly worker: string;
      readonly job: string;
      readonly chunk: number;
      readonly from: number;
      readonly count: number;
      /** Time one thread may take for the chunk. */
      readonly deadlineMs: number;
    }
  /** The worker need not price this chunk any more. */
  | {
      readonly kind: 'withdraw';
      readonly worker: string;
      readonly job: string;
      readonly chunk: number;
    }
  /** Keep the results that came with this event; answer with `chunkStored`. */
  | {
      readonly kind: 'store';
      readonly job: string;
      readonly chunk: number;
      readonly from: number;
      readonly count: number;
      readonly worker: string;
    }
  /** Keep a failed result for each trade of the range; answer with `chunkStored`. */
  | {
      readonly kind: 'storeFailed';
      readonly job: string;
      readonly chunk: number;
      readonly from: number;
      readonly count: number;
      readonly code: 'TRADE_KILLS_WORKER' | 'TRADE_EXCEEDS_DEADLINE';
    }
  | {
      readonly kind: 'duplicateDropped';
      readonly worker: string;
      readonly job: string;
      readonly chunk: number;
    }
  | {
      readonly kind: 'chunkRequeued';
      readonly job: string;
      readonly chunk: number;
      readonly count: number;
      readonly worker: string;
      readonly reason: string;
    }
  | { readonly kind: 'workerSilent'; readonly worker: string; readonly silentMs: number }
  | { readonly kind: 'jobChanged'; readonly job: string }
  | { readonly kind: 'jobEnded'; readonly job: string };

/** Whether anybody is there to price ordinary jobs. */
export function hasWorkers(state: Pick<ControllerState, 'workers'>): boolean {
  for (const worker of state.workers.values()) {
    if (worker.standing === 'active' && !worker.reserve) return true;
  }
  return false;
}

export const chunkKey = (job: string, chunk: number): string => `${job}/${chunk}`;
