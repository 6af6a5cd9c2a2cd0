// Which job is served next. Start-time fair queueing (Goyal, Vin, Cheng 1996): every job counts the work it was
// handed, divided by its weight, and the one with the least goes next; a new job enters where the others stand, so
// that it neither waits behind them nor makes up for the time before it came. Work is counted in estimated
// milliseconds rather than trades, since trades differ in cost by a factor of thousands.

import { hasWork, type JobState } from './job.ts';

/** The jobs that have work to hand out, the one to serve next first. */
export function jobsInTurn(jobs: Iterable<JobState>, storingMax: number): JobState[] {
  const ready: JobState[] = [];
  for (const job of jobs) if (hasWork(job, storingMax)) ready.push(job);
  return ready.sort(
    (a, b) =>
      Number(b.interactive) - Number(a.interactive) ||
      a.servedMs - b.servedMs ||
      (a.id < b.id ? -1 : 1),
  );
}

/** What a job was served after a chunk that is expected to take `estimateMs`. */
export const servedAfter = (job: JobState, estimateMs: number): number =>
  job.servedMs + estimateMs / job.weight;
