// How many trades go into the next chunk: as many as take the target time by what is known of their kinds, within the
// limits of bytes and number; few while a kind was never measured.

import type { SchedulingOptions } from './options.ts';
import type { Portfolio } from './portfolio.ts';

export interface ChunkCut {
  readonly count: number;
  readonly estimateMs: number;
  /** False when a kind in the chunk has no measured cost, so that the estimate is a guess. */
  readonly measured: boolean;
}

/** What a trade of a never measured kind is taken to cost, for sharing between jobs only. */
const guessedMsPerTrade = 0.05;

export interface ChunkRequest {
  readonly portfolio: Portfolio;
  /** First trade of the chunk. */
  readonly from: number;
  /** End of the trades that may be handed out; above `from`. */
  readonly until: number;
  /** Milliseconds a trade of a class takes; undefined when never measured. */
  readonly costOf: (classNumber: number) => number | undefined;
  readonly targetMs: number;
  readonly limits: Pick<SchedulingOptions, 'firstChunkTrades' | 'chunkTradesMax' | 'chunkBytesMax'>;
}

/** The next chunk; at least one trade, however slow or long it is. */
export function cutChunk(request: ChunkRequest): ChunkCut {
  const { portfolio, from, targetMs, limits } = request;
  const costs = portfolio.classNames.map((_, number) => request.costOf(number));
  const until = Math.min(request.until, from + limits.chunkTradesMax);
  const byteLimit = portfolio.startOf(from) + limits.chunkBytesMax;
  let estimateMs = 0;
  let unmeasured = 0;
  let end = from;
  while (end < until) {
    const cost = costs[portfolio.classOf(end)];
    if (cost === undefined) unmeasured++;
    const withThis = estimateMs + (cost ?? guessedMsPerTrade);
    const tooMuch =
      withThis > targetMs ||
      portfolio.startOf(end + 1) > byteLimit ||
      (unmeasured > 0 && end - from >= limits.firstChunkTrades);
    if (tooMuch && end > from) break;
    estimateMs = withThis;
    end++;
  }
  return { count: end - from, estimateMs, measured: unmeasured === 0 };
}

/** How long a chunk should take when `remainingMs` of pricing are left for `threads`: shorter towards the end of a job. */
export function chunkTargetMs(
  remainingMs: number,
  threads: number,
  options: Pick<SchedulingOptions, 'chunkTargetMs' | 'chunkTargetMsMin'>,
): number {
  const share = remainingMs / Math.max(1, 2 * threads);
  return Math.min(options.chunkTargetMs, Math.max(options.chunkTargetMsMin, share));
}

/** How long a started chunk may take. Each try that failed gives it four times as long. */
export function deadlineMs(
  chunk: { readonly estimateMs: number; readonly measured: boolean; readonly kills: number },
  options: SchedulingOptions,
): number {
  const base = chunk.measured
    ? Math.max(options.deadlineMsMin, chunk.estimateMs * options.deadlineFactor)
    : options.deadlineMsUnknown;
  return Math.min(options.deadlineMsMax, base * 4 ** chunk.kills);
}
