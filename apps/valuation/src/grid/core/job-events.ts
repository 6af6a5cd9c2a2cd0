// Jobs come in, grow while their input is read, are stopped and are forgotten.

import { completeIfDone } from './chunk-events.ts';
import { chunkKey } from './controller-state.ts';
import { type EarlyEnd, hasEnded, type JobSpec, type JobState, newJob } from './job.ts';
import type { Turn } from './turn.ts';

export function jobAdded(turn: Turn, spec: JobSpec): void {
  turn.putJob(newJob(spec, turn.virtualMs));
}

export function tradesAppended(turn: Turn, id: string, available: number): void {
  const job = turn.jobs.get(id);
  if (job?.phase !== 'accepting') return;
  turn.putJob({ ...job, available });
}

export function inputEnded(turn: Turn, id: string): void {
  const job = turn.jobs.get(id);
  if (job?.phase !== 'accepting') return;
  const open: JobState = {
    ...job,
    phase: 'open',
    servedMs: Math.max(job.servedMs, turn.virtualMs),
  };
  turn.putJob(open);
  turn.emit({ kind: 'jobChanged', job: id });
  completeIfDone(turn, open);
}

/** Ends a job before its time. What is stored stays readable; what runs is called back. */
export function jobStopped(turn: Turn, id: string, phase: EarlyEnd): void {
  const job = turn.jobs.get(id);
  if (job === undefined || hasEnded(job)) return;
  for (const chunk of job.running.values()) {
    turn.release(chunk.worker, chunkKey(id, chunk.id));
    turn.emit({ kind: 'withdraw', worker: chunk.worker, job: id, chunk: chunk.id });
  }
  turn.putJob({
    ...job,
    phase,
    endedMs: turn.now,
    waiting: [],
    running: new Map(),
    storing: new Map(),
  });
  turn.emit({ kind: 'jobEnded', job: id });
}
