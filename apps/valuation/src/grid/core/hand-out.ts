// Gives work to the workers that want some, until either side has none left. Workers pull: none holds more chunks than
// the window it asked for, so a slow worker is never flooded and a fast one never starved.

import { chunkTargetMs, cutChunk, deadlineMs } from './chunk-plan.ts';
import { chunkKey, hasWorkers, type WorkerState } from './controller-state.ts';
import { costOf } from './cost-model.ts';
import { jobsInTurn, servedAfter } from './fair-share.ts';
import type { Chunk, JobState } from './job.ts';
import type { Turn } from './turn.ts';

export function handOut(turn: Turn): void {
  for (;;) {
    const workers = wanting(turn);
    if (workers.length === 0) return;
    const jobs = jobsInTurn(turn.jobs.values(), turn.options.storingMax);
    if (jobs.length === 0 || !assignOne(turn, jobs, workers)) return;
  }
}

/** Workers with room, those with the least in hand for each of their threads first. */
function wanting(turn: Turn): WorkerState[] {
  const found: WorkerState[] = [];
  for (const worker of turn.workers.values()) {
    if (worker.standing === 'active' && worker.held.size < worker.window) found.push(worker);
  }
  const load = (worker: WorkerState): number => worker.held.size / worker.threads;
  return found.sort((a, b) => load(a) - load(b) || (a.id < b.id ? -1 : 1));
}

function assignOne(
  turn: Turn,
  jobs: readonly JobState[],
  workers: readonly WorkerState[],
): boolean {
  const reserveTakes = !hasWorkers(turn);
  for (const worker of workers) {
    for (const job of jobs) {
      if (worker.reserve && !(reserveTakes && job.interactive)) continue;
      const waiting = job.waiting.find((chunk) => mayTake(turn, worker, job, chunk));
      if (waiting !== undefined) {
        assign(turn, worker, job, waiting);
        return true;
      }
      if (job.next < job.available) {
        assign(turn, worker, ...cut(turn, job));
        return true;
      }
    }
  }
  return false;
}

/** A chunk goes elsewhere than before if it can, and never beside another suspect, so that a death has one cause. */
function mayTake(turn: Turn, worker: WorkerState, job: JobState, chunk: Chunk): boolean {
  // Late answer of a former try: the worker still has it.
  if (worker.held.has(chunkKey(job.id, chunk.id))) return false;
  if (chunk.avoid === worker.id && otherActive(turn, worker.id)) return false;
  return !chunk.suspect || !holdsSuspect(turn, worker.id);
}

function otherActive(turn: Turn, id: string): boolean {
  for (const worker of turn.workers.values()) {
    if (worker.id !== id && worker.standing === 'active' && !worker.reserve) return true;
  }
  return false;
}

function holdsSuspect(turn: Turn, worker: string): boolean {
  for (const job of turn.jobs.values()) {
    for (const chunk of job.running.values()) {
      if (chunk.suspect && chunk.worker === worker) return true;
    }
  }
  return false;
}

function cut(turn: Turn, job: JobState): [JobState, Chunk] {
  const cost = (classNumber: number): number | undefined =>
    costOf(turn.costs, costKey(job, job.portfolio.classNames[classNumber] ?? ''));
  const { count, estimateMs, measured } = cutChunk({
    portfolio: job.portfolio,
    from: job.next,
    until: job.available,
    costOf: cost,
    targetMs: target(turn, job),
    limits: turn.options,
  });
  const chunk: Chunk = {
    id: job.nextChunk,
    from: job.next,
    count,
    estimateMs,
    measured,
    kills: 0,
    suspect: false,
    avoid: undefined,
  };
  return [{ ...job, next: job.next + count, nextChunk: job.nextChunk + 1 }, chunk];
}

/** Towards the end of a job chunks get shorter, so that all threads end together. */
function target(turn: Turn, job: JobState): number {
  let threads = 0;
  for (const worker of turn.workers.values()) {
    if (worker.standing === 'active' && !worker.reserve) threads += worker.threads;
  }
  const done = job.totals.priced + job.totals.failed;
  const msPerTrade = done === 0 ? Number.POSITIVE_INFINITY : job.totals.busyMs / done;
  const remainingMs =
    job.phase === 'open' ? (job.available - job.next) * msPerTrade : Number.POSITIVE_INFINITY;
  return chunkTargetMs(remainingMs, threads, turn.options);
}

function assign(turn: Turn, worker: WorkerState, job: JobState, chunk: Chunk): void {
  const running = new Map(job.running);
  running.set(chunk.id, {
    ...chunk,
    worker: worker.id,
    assignedMs: turn.now,
    startedMs: undefined,
  });
  if (!job.interactive) turn.virtualMs = Math.max(turn.virtualMs, job.servedMs);
  turn.putJob({
    ...job,
    waiting: job.waiting.filter((other) => other.id !== chunk.id),
    running,
    servedMs: servedAfter(job, chunk.estimateMs),
    startedMs: job.startedMs ?? turn.now,
  });
  const held = new Set(worker.held).add(chunkKey(job.id, chunk.id));
  turn.putWorker({ ...worker, held });
  turn.emit({
    kind: 'assign',
    worker: worker.id,
    job: job.id,
    chunk: chunk.id,
    from: chunk.from,
    count: chunk.count,
    deadlineMs: deadlineMs(chunk, turn.options),
  });
}

/** Costs are learned by what is computed and for what kind of trade. */
export const costKey = (job: JobState, className: string): string =>
  `${job.costScope} ${className}`;
