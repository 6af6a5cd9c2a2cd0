// Chunks start, come back priced or not, reach the disk, and run out of time.

import { afterKill, giveBack, halve } from './bisection.ts';
import { deadlineMs } from './chunk-plan.ts';
import { chunkKey, type GridEvent } from './controller-state.ts';
import { learnCost } from './cost-model.ts';
import { costKey } from './hand-out.ts';
import {
  type Chunk,
  findChunk,
  hasEnded,
  type JobState,
  type RunningChunk,
  without,
  withoutChunk,
} from './job.ts';
import { addChunk } from './totals.ts';
import type { Turn } from './turn.ts';

type Of<K extends GridEvent['kind']> = Extract<GridEvent, { kind: K }>;

export function chunkStarted(turn: Turn, event: Of<'chunkStarted'>): void {
  const job = turn.jobs.get(event.job);
  const chunk = job?.running.get(event.chunk);
  if (job === undefined || chunk?.worker !== event.worker) return;
  const running = new Map(job.running);
  running.set(chunk.id, { ...chunk, startedMs: turn.now });
  turn.putJob({ ...job, running });
}

/** The first results of a chunk count, whoever sends them and whether or not they were still expected. */
export function chunkDone(turn: Turn, event: Of<'chunkDone'>): void {
  turn.release(event.worker, chunkKey(event.job, event.chunk));
  const job = turn.jobs.get(event.job);
  if (job === undefined || hasEnded(job) || job.hold === 'sealed') return;
  const chunk = findChunk(job, event.chunk);
  if (chunk === undefined) {
    turn.putJob({ ...job, duplicates: job.duplicates + 1 });
    const { worker, chunk: id } = event;
    turn.emit({ kind: 'duplicateDropped', worker, job: job.id, chunk: id });
    return;
  }
  const runningAt = job.running.get(chunk.id)?.worker;
  if (runningAt !== undefined && runningAt !== event.worker) {
    turn.release(runningAt, chunkKey(job.id, chunk.id));
    turn.emit({ kind: 'withdraw', worker: runningAt, job: job.id, chunk: chunk.id });
  }
  turn.costs = learnCost(turn.costs, classCounts(job, chunk), event.figures.busyMs);
  const storing = new Map(job.storing);
  storing.set(chunk.id, { ...chunk, worker: event.worker, figures: event.figures });
  turn.putJob({ ...withoutChunk(job, chunk.id), storing });
  const { id, from, count } = chunk;
  turn.emit({ kind: 'store', job: job.id, chunk: id, from, count, worker: event.worker });
}

function classCounts(job: JobState, chunk: Chunk): Map<string, number> {
  const byClass = new Array<number>(job.portfolio.classNames.length).fill(0);
  for (let i = chunk.from; i < chunk.from + chunk.count; i++) {
    const classNumber = job.portfolio.classOf(i);
    byClass[classNumber] = (byClass[classNumber] ?? 0) + 1;
  }
  const counts = new Map<string, number>();
  byClass.forEach((count, number) => {
    if (count > 0) counts.set(costKey(job, job.portfolio.classNames[number] ?? ''), count);
  });
  return counts;
}

export function chunkFailed(turn: Turn, event: Of<'chunkFailed'>): void {
  turn.release(event.worker, chunkKey(event.job, event.chunk));
  const job = turn.jobs.get(event.job);
  const chunk = job?.running.get(event.chunk);
  if (job === undefined || hasEnded(job) || chunk?.worker !== event.worker) return;
  const { reason } = event;
  if (reason === 'thread-died' || reason === 'deadline') afterKill(turn, job, chunk, reason);
  else if (reason === 'too-large' && chunk.count > 1) halve(turn, job, chunk);
  else giveBack(turn, job, chunk, reason);
}

export function chunkStored(turn: Turn, event: Of<'chunkStored'>): void {
  const job = turn.jobs.get(event.job);
  const chunk = job?.storing.get(event.chunk);
  if (job === undefined || chunk === undefined || hasEnded(job)) return;
  const after: JobState = {
    ...job,
    storing: without(job.storing, chunk.id),
    stored: job.stored + chunk.count,
    totals: addChunk(job.totals, chunk.figures, chunk.worker),
  };
  turn.putJob(after);
  turn.emit({ kind: 'jobChanged', job: job.id });
  completeIfDone(turn, after);
}

export function completeIfDone(turn: Turn, job: JobState): void {
  if (job.phase !== 'open' || job.stored < job.available) return;
  turn.putJob({ ...job, phase: 'completed', endedMs: turn.now });
  turn.emit({ kind: 'jobEnded', job: job.id });
}

/**
 * The worker itself stops a thread that is over its deadline and says so; this catches the worker that cannot, with
 * some grace. A chunk that lies unstarted goes to a worker that has room, if there is one.
 */
export function chunkDeadlines(turn: Turn): void {
  for (const { id } of [...turn.jobs.values()]) {
    const running = turn.jobs.get(id)?.running.values() ?? [];
    for (const chunk of [...running]) {
      const job = turn.jobs.get(id) as JobState;
      if (overDeadline(turn, chunk)) {
        turn.emit({ kind: 'withdraw', worker: chunk.worker, job: id, chunk: chunk.id });
        afterKill(turn, job, chunk, 'deadline');
      } else if (liesUnstarted(turn, chunk) && idleWorker(turn, chunk.worker)) {
        turn.emit({ kind: 'withdraw', worker: chunk.worker, job: id, chunk: chunk.id });
        giveBack(turn, job, chunk, 'unstarted');
      }
    }
  }
}

function overDeadline(turn: Turn, chunk: RunningChunk): boolean {
  if (chunk.startedMs === undefined) return false;
  const graceMs = turn.options.transitMs;
  return turn.now - chunk.startedMs > deadlineMs(chunk, turn.options) + graceMs;
}

const liesUnstarted = (turn: Turn, chunk: RunningChunk): boolean =>
  chunk.startedMs === undefined && turn.now - chunk.assignedMs > turn.options.startLimitMs;

function idleWorker(turn: Turn, except: string): boolean {
  for (const worker of turn.workers.values()) {
    if (worker.id === except || worker.standing !== 'active' || worker.reserve) continue;
    if (worker.held.size < worker.threads) return true;
  }
  return false;
}
