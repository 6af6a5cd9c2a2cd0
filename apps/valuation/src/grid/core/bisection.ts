// What happens to a chunk that killed its worker or held it up: once more whole when it may have been innocent, in
// halves when it was not, and at last, for a trade alone, a failed result. A poison trade among n is found after about
// log2(n) deaths, and everything else in its chunk is priced.

import { chunkKey } from './controller-state.ts';
import type { Chunk, JobState, RunningChunk } from './job.ts';
import { plainChunk, withoutChunk, withWaiting } from './job.ts';
import { failedFigures } from './totals.ts';
import type { Turn } from './turn.ts';

/** `worker-lost` blames by circumstance: somebody may simply have pulled the plug. */
export type KillCause = 'thread-died' | 'deadline' | 'worker-lost';

/** Whole chunks get a second chance after this many losses of a worker that may have had another cause. */
const lossesUntilSplit = 2;

export function afterKill(turn: Turn, job: JobState, chunk: RunningChunk, cause: KillCause): void {
  const kills = chunk.kills + 1;
  const { worker } = chunk;
  turn.release(worker, chunkKey(job.id, chunk.id));
  if (chunk.count === 1 && kills >= turn.options.triesMax) {
    failTrade(turn, job, { ...chunk, kills }, cause);
    return;
  }
  turn.emit({
    kind: 'chunkRequeued',
    job: job.id,
    chunk: chunk.id,
    count: chunk.count,
    worker,
    reason: cause,
  });
  const whole = chunk.count === 1 || (cause === 'worker-lost' && kills < lossesUntilSplit);
  turn.putJob(
    whole
      ? withWaiting(job, { ...plainChunk(chunk), kills, suspect: true, avoid: worker })
      : split(job, { ...chunk, suspect: true }),
  );
}

/** Cuts a chunk in halves that did nothing wrong but is too much at once. */
export function halve(turn: Turn, job: JobState, chunk: RunningChunk): void {
  const { worker, id, count } = chunk;
  turn.release(worker, chunkKey(job.id, id));
  const about = { job: job.id, chunk: id, count, worker, reason: 'too-large' };
  turn.emit({ kind: 'chunkRequeued', ...about });
  turn.putJob(split(job, chunk));
}

/** Puts a chunk back that did nothing wrong. */
export function giveBack(turn: Turn, job: JobState, chunk: RunningChunk, reason: string): void {
  const { worker } = chunk;
  turn.release(worker, chunkKey(job.id, chunk.id));
  turn.emit({
    kind: 'chunkRequeued',
    job: job.id,
    chunk: chunk.id,
    count: chunk.count,
    worker,
    reason,
  });
  turn.putJob(withWaiting(job, { ...plainChunk(chunk), avoid: worker }));
}

function split(job: JobState, chunk: RunningChunk): JobState {
  const first = Math.ceil(chunk.count / 2);
  const half = (id: number, from: number, count: number): Chunk => ({
    id,
    from,
    count,
    estimateMs: (chunk.estimateMs * count) / chunk.count,
    measured: chunk.measured,
    kills: 0,
    suspect: chunk.suspect,
    avoid: chunk.suspect ? chunk.worker : undefined,
  });
  const rest = withoutChunk(job, chunk.id);
  const halves = [
    half(job.nextChunk, chunk.from, first),
    half(job.nextChunk + 1, chunk.from + first, chunk.count - first),
  ];
  return {
    ...rest,
    nextChunk: job.nextChunk + 2,
    waiting: [...rest.waiting, ...halves],
    requeued: job.requeued + 1,
  };
}

function failTrade(turn: Turn, job: JobState, chunk: Chunk, cause: KillCause): void {
  const code = cause === 'deadline' ? 'TRADE_EXCEEDS_DEADLINE' : 'TRADE_KILLS_WORKER';
  const figures = failedFigures(code, chunk.count);
  const storing = new Map(job.storing);
  storing.set(chunk.id, { ...chunk, worker: undefined, figures });
  turn.putJob({ ...withoutChunk(job, chunk.id), storing });
  const { id, from, count } = chunk;
  turn.emit({ kind: 'storeFailed', job: job.id, chunk: id, from, count, code });
}
