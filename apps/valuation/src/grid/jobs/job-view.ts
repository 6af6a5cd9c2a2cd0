// A job as people see it: made of its scheduling and its record.

import type { Logger } from 'parvi/observe';
import { sumValue } from '../core/exact-sum.ts';
import type { JobState as Scheduled } from '../core/job.ts';
import type { JobState, JobView, WorkerShareView } from '../views.ts';
import type { JobRecord } from './job-record.ts';

/** Workers named in a view, those with the most trades first: a view goes to other controllers in a message. */
const workersShownMax = 1000;

export interface ViewContext {
  readonly owner: string;
  readonly nowMs: number;
  /** Whether anybody is there to price. */
  readonly hasWorkers: boolean;
  readonly workerName: (worker: string) => string;
  readonly workerThreads: (worker: string) => number;
}

export function jobViewOf(job: Scheduled, record: JobRecord, context: ViewContext): JobView {
  const { totals } = job;
  const endMs = job.endedMs ?? context.nowMs;
  const elapsedMs = job.startedMs === undefined ? 0 : Math.max(0, endMs - job.startedMs);
  const state = stateOf(job, context.hasWorkers);
  const reason = record.reason ?? waitingReason(state);
  const sum = totals.priced === 0 ? null : sumValue(totals.sum);
  return {
    id: job.id,
    ...(record.name === undefined ? {} : { name: record.name }),
    metric: record.pricing.metric,
    snapshot: record.pricing.snapshot,
    state,
    ...(reason === undefined ? {} : { reason }),
    owner: context.owner,
    submittedAt: record.submittedAt,
    ...(record.startedAt === undefined ? {} : { startedAt: record.startedAt }),
    ...(record.endedAt === undefined ? {} : { endedAt: record.endedAt }),
    trades: job.available,
    priced: totals.priced,
    failed: totals.failed,
    rejected: record.rejected.size,
    chunksDone: totals.chunks,
    chunksTotal: totals.chunks + job.waiting.length + job.running.size + job.storing.size,
    sum,
    mean: sum === null ? null : sum / totals.priced,
    min: totals.min ?? null,
    max: totals.max ?? null,
    elapsedMs: round(elapsedMs),
    pricingMs: round(totals.pricingMs),
    tradesPerSecond: elapsedMs === 0 ? 0 : round((job.stored / elapsedMs) * 1000),
    errors: { ...totals.errors },
    workers: sharesOf(job, elapsedMs, context),
  };
}

function stateOf(job: Scheduled, hasWorkers: boolean): JobState {
  if (job.phase !== 'open') return job.phase;
  return hasWorkers || job.running.size > 0 || job.storing.size > 0
    ? 'running'
    : 'waiting-for-workers';
}

function waitingReason(state: JobState): string | undefined {
  if (state !== 'waiting-for-workers') return undefined;
  return 'No worker is there: the job goes on by itself when one joins the cluster';
}

function sharesOf(job: Scheduled, elapsedMs: number, context: ViewContext): WorkerShareView[] {
  const shares = [...job.totals.workers].map(([worker, share]) => ({
    address: context.workerName(worker),
    trades: share.trades,
    chunks: share.chunks,
    busyMs: round(share.busyMs),
    busyShare: busyShare(share.busyMs, elapsedMs * context.workerThreads(worker)),
  }));
  shares.sort((a, b) => b.trades - a.trades || (a.address < b.address ? -1 : 1));
  return shares.slice(0, workersShownMax);
}

function busyShare(busyMs: number, threadMs: number): number {
  return threadMs === 0 ? 0 : Math.min(1, round(busyMs / threadMs, 4));
}

function round(value: number, digits = 3): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** One line for a job that has ended. */
export function logJobEnd(log: Logger, view: JobView): void {
  const { id, metric, trades, priced, failed, sum, mean, elapsedMs, pricingMs } = view;
  const { state, reason, tradesPerSecond } = view;
  const figures = { metric, trades, priced, failed, result: mean, sum };
  const times = { elapsedMs, pricingMs, tradesPerSecond };
  const why = reason === undefined ? {} : { reason };
  log.info({ job: id, ...figures, ...times, ...why }, `Job ${state}`);
}
