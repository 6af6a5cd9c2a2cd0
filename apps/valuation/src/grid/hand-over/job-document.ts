// All of a job but its trades and results, as one controller tells it to the next: the request, how far the scheduling
// is, the figures so far. JSON, whose doubles come out as they went in.

import { hasEnded, type JobState } from '../core/job.ts';
import type { Totals, WorkerShare } from '../core/totals.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { PricingRequest } from '../threads/thread-protocol.ts';

/** A worker as results and shares name it. */
export interface NamedWorker {
  readonly id: string;
  readonly address: string;
  readonly threads: number;
}

type Scheduling = Pick<
  JobState,
  | 'costScope'
  | 'weight'
  | 'eager'
  | 'phase'
  | 'available'
  | 'next'
  | 'nextChunk'
  | 'waiting'
  | 'stored'
  | 'requeued'
  | 'duplicates'
>;

export interface JobDocument {
  readonly id: string;
  readonly name?: string;
  readonly pricing: PricingRequest;
  readonly submittedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly endedWallMs?: number;
  readonly reason?: string;
  readonly idempotency?: { readonly key: string; readonly digest: string };
  readonly moves: number;
  /** The one trade, where it is priced many times. */
  readonly repeated?: { readonly line: string; readonly kind: string; readonly copies: number };
  /** Kinds of trades by their numbers in the index. */
  readonly classNames: readonly string[];
  readonly scheduling: Scheduling;
  readonly totals: Omit<Totals, 'workers' | 'min' | 'max'> & {
    readonly min?: number;
    readonly max?: number;
    readonly workers: readonly (readonly [worker: string, share: WorkerShare])[];
  };
  /** Since the first chunk was handed out; left out before that. */
  readonly elapsedMs?: number;
  /** Workers that shares and results name; results by the position here. */
  readonly workers: readonly NamedWorker[];
}

export function jobDocumentOf(
  record: JobRecord,
  job: JobState,
  context: { readonly nowMs: number; readonly workers: readonly NamedWorker[] },
): JobDocument {
  const { repeated, startedAt, endedAt, endedWallMs, reason, idempotency, name } = record;
  const { startedMs, endedMs, portfolio } = job;
  return {
    id: job.id,
    ...(name === undefined ? {} : { name }),
    pricing: record.pricing,
    submittedAt: record.submittedAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(endedWallMs === undefined ? {} : { endedWallMs }),
    ...(reason === undefined ? {} : { reason }),
    ...(idempotency === undefined ? {} : { idempotency }),
    moves: record.moves + 1,
    ...(repeated === undefined
      ? {}
      : { repeated: { ...repeated, line: Buffer.from(repeated.line).toString('utf8') } }),
    classNames: portfolio.classNames,
    scheduling: schedulingOf(job),
    totals: totalsOf(job.totals),
    ...(startedMs === undefined ? {} : { elapsedMs: (endedMs ?? context.nowMs) - startedMs }),
    workers: context.workers,
  };
}

function schedulingOf(job: JobState): Scheduling {
  const { costScope, weight, eager, phase, available, next, nextChunk } = job;
  const { waiting, stored, requeued, duplicates } = job;
  const handedOut = { next, nextChunk, waiting, stored, requeued, duplicates };
  return { costScope, weight, eager, phase, available, ...handedOut };
}

function totalsOf({ min, max, workers, ...sums }: Totals): JobDocument['totals'] {
  return {
    ...sums,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    workers: [...workers],
  };
}

/** The scheduling of a job that goes on under this record. */
export function jobOf(document: JobDocument, record: JobRecord, nowMs: number): JobState {
  const { id, scheduling, elapsedMs, totals } = document;
  const { min, max, workers, ...sums } = totals;
  const job: JobState = {
    ...scheduling,
    // JSON knows no undefined.
    waiting: scheduling.waiting.map((chunk) => ({ ...chunk, avoid: chunk.avoid })),
    id,
    portfolio: record.portfolio,
    interactive: false,
    hold: 'none',
    running: new Map(),
    storing: new Map(),
    servedMs: 0,
    totals: { ...sums, min, max, workers: new Map(workers) },
    startedMs: elapsedMs === undefined ? undefined : nowMs - elapsedMs,
    endedMs: undefined,
  };
  return hasEnded(job) ? { ...job, endedMs: nowMs } : job;
}
