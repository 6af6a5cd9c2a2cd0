// A job goes to another controller: it stands still here, is closed for good once the other is told of it, and goes on
// there; or here again, when the other did not take it.

import { assert } from 'parvi/runtime';
import { hasEnded, type JobState, plainChunk } from './job.ts';
import type { Turn } from './turn.ts';

/**
 * Numbers of chunks left out when a job goes on here that another controller may have begun with: a worker that still
 * has a chunk of the other's must not be taken for one that has ours.
 */
const chunksLeftOut = 1_000_000;

export function jobFrozen(turn: Turn, id: string): void {
  const job = turn.jobs.get(id);
  if (job?.hold === 'none') turn.putJob({ ...job, hold: 'frozen' });
}

/** Chunks that are with workers wait again: the other hands them out, unless their results come there first. */
export function jobSealed(turn: Turn, id: string): void {
  const job = turn.jobs.get(id);
  if (job === undefined || job.hold === 'sealed') return;
  assert(job.storing.size === 0, `job "${id}" is sealed when all its results are on disk`);
  const waiting = [...job.waiting, ...[...job.running.values()].map(plainChunk)];
  const requeued = job.requeued + job.running.size;
  turn.putJob({ ...job, hold: 'sealed', waiting, running: new Map(), requeued });
}

export function jobThawed(turn: Turn, id: string): void {
  const job = turn.jobs.get(id);
  if (job === undefined || job.hold === 'none') return;
  const left = job.hold === 'sealed' ? chunksLeftOut : 0;
  turn.putJob({ ...job, hold: 'none', nextChunk: job.nextChunk + left });
  turn.emit({ kind: 'jobChanged', job: id });
}

/** Enters the sharing as a new job does. */
export function jobAdopted(turn: Turn, job: JobState): void {
  assert(!turn.jobs.has(job.id), `job "${job.id}" is kept once`);
  assert(job.running.size === 0 && job.storing.size === 0, `job "${job.id}" stood still`);
  turn.putJob({ ...job, hold: 'none', servedMs: turn.virtualMs });
  if (!hasEnded(job)) turn.emit({ kind: 'jobChanged', job: job.id });
}
