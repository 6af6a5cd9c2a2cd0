// What controllers and workers say to each other. Delivery is at most once: whatever is lost is made good by the
// worker's status, which it sends every second to each controller, and by the controllers' news of their jobs.
//
// Every message stays below what the large stream takes, `payloadBytesMax` and its envelope: chunks of trades, blocks of
// results and snapshots by their own limits, pages of results and news of jobs by being cut.

import type { ChunkFailure } from './core/controller-state.ts';
import type { ChunkFigures } from './core/totals.ts';
import type { HandOverMessage } from './hand-over/protocol.ts';
import type { KeyedJob } from './key-claims.ts';
import type { ResultQuery } from './requests.ts';
import type { PricingRequest } from './threads/thread-protocol.ts';
import type { JobView, NodeLoad } from './views.ts';

/** The other side, near or far: the part of an actor ref that the grid uses. */
export interface Peer<M> {
  /** Names this incarnation. */
  readonly path: string;
  tell(message: M): void;
}

export type WorkerMessage =
  /** A chunk to price; answered with `chunkDone` or `chunkFailed`. */
  | {
      readonly type: 'price';
      readonly controller: Peer<ControllerMessage>;
      readonly job: string;
      readonly chunk: number;
      readonly request: PricingRequest;
      readonly bytes: Uint8Array;
      /** The one trade in `bytes` is to be priced this often. */
      readonly copies?: number;
      readonly first: number;
      readonly deadlineMs: number;
      readonly urgent: boolean;
    }
  | { readonly type: 'withdraw'; readonly job: string; readonly chunk: number }
  | { readonly type: 'snapshot'; readonly hash: string; readonly bytes: Uint8Array }
  /** The job has ended; nothing more of it will come. */
  | { readonly type: 'jobEnded'; readonly job: string; readonly state: string };

/** A version of a named snapshot. Of two versions the later wins, of two at the same time the greater hash. */
export interface SnapshotVersion {
  readonly name: string;
  readonly hash: string;
  readonly evaluationDate: string;
  readonly changedWallMs: number;
}

/** A job as the other controllers know it. */
export interface JobNews {
  readonly view: JobView;
  readonly idempotencyKey?: string;
  readonly digest?: string;
  /** How often the job went to another controller; left out for never. What was told before a move is old. */
  readonly moves?: number;
}

/** A job as a controller knows it that may not keep it. */
export interface FoundJob {
  readonly view: JobView;
  /** Address of the controller that keeps it. */
  readonly controller: string;
  /** That controller is gone, and the results with it. */
  readonly gone: boolean;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

/** What one controller asks another about a job of the other; `find` also about what the other has heard of. */
export type JobQuery = {
  /** Passed on by a controller that kept the job before; not passed on again. */
  readonly forwarded?: true;
} & (
  | { readonly kind: 'find'; readonly job: string }
  | { readonly kind: 'view'; readonly job: string }
  | { readonly kind: 'cancel'; readonly job: string }
  | { readonly kind: 'results'; readonly job: string; readonly query: ResultQuery }
  | { readonly kind: 'histogram'; readonly job: string; readonly bins: number }
  /** Asks the keeper of an idempotency key for it, or renews that; `job` is the key. A controller that knows no keys refuses. */
  | { readonly kind: 'claimKey'; readonly job: string; readonly holder: string }
  /** The submission of the holder has ended, with a job or without. */
  | {
      readonly kind: 'endKey';
      readonly job: string;
      readonly holder: string;
      readonly taken?: KeyedJob;
    }
);

export interface WorkerStatus {
  readonly type: 'workerStatus';
  readonly worker: Peer<WorkerMessage>;
  readonly address: string;
  readonly threads: number;
  /** Chunks it wants in hand. */
  readonly window: number;
  /** Chunks of this controller that it has not answered, as `job/chunk`. */
  readonly holding: readonly string[];
  readonly load: NodeLoad;
}

export interface ControllerStatus {
  readonly type: 'controllerStatus';
  readonly address: string;
  readonly load: NodeLoad;
  readonly queue: { readonly jobs: number; readonly trades: number };
  readonly totals: { readonly trades: number; readonly jobs: number };
  readonly snapshots: readonly SnapshotVersion[];
  /** The version of hand-overs it takes; left out by controllers that know of none. */
  readonly handOver?: number;
  /** It leaves the cluster and takes nothing any more. */
  readonly leaving?: true;
}

export type ControllerMessage =
  | WorkerStatus
  | { readonly type: 'workerLeaving'; readonly worker: Peer<WorkerMessage> }
  | {
      readonly type: 'chunkStarted';
      readonly worker: string;
      readonly job: string;
      readonly chunk: number;
    }
  | {
      readonly type: 'chunkDone';
      readonly worker: string;
      readonly job: string;
      readonly chunk: number;
      readonly figures: ChunkFigures;
      /** As `writeResultBlock` makes it. */
      readonly block: Uint8Array;
    }
  | {
      readonly type: 'chunkFailed';
      readonly worker: string;
      readonly job: string;
      readonly chunk: number;
      readonly reason: ChunkFailure;
      readonly error: string;
    }
  | {
      readonly type: 'wantSnapshot';
      readonly hash: string;
      readonly replyTo: Peer<{
        readonly type: 'snapshot';
        readonly hash: string;
        readonly bytes: Uint8Array;
      }>;
    }
  | { readonly type: 'snapshot'; readonly hash: string; readonly bytes: Uint8Array }
  | ControllerStatus
  | HandOverMessage
  /** `controller`: address of the controller that keeps these jobs, or kept them and is gone. */
  | {
      readonly type: 'jobNews';
      readonly controller: string;
      readonly jobs: readonly JobNews[];
      readonly gone?: true;
    }
  | {
      readonly type: 'jobQuery';
      readonly query: JobQuery;
      /** Told back with the answer. */
      readonly question: number;
      readonly replyTo: Peer<ControllerMessage>;
    }
  | { readonly type: 'jobAnswer'; readonly question: number; readonly answer: Answer<unknown> };
