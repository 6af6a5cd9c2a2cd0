// Suspicion of a silent peer as a number that grows with its silence, measured against how regularly it spoke before.
// The phi accrual failure detector of Hayashibara et al. (2004) with the logistic approximation of the normal
// distribution and the acceptable pause that Pekko's `PhiAccrualFailureDetector` uses. Pure: time is handed in.

export interface PhiAccrualOptions {
  /** Phi at and above which the peer counts as unreachable. Cluster 8, remote watch 10. */
  readonly threshold: number;
  /** Intervals remembered. Cluster 1000, remote watch 200. */
  readonly samplesMax: number;
  /** Lower bound of the standard deviation, so that very regular peers are not suspected at the first delay; 100. */
  readonly minStdDeviationMs: number;
  /** Silence tolerated on top of the mean interval. Cluster 3000, remote watch 10000. */
  readonly acceptablePauseMs: number;
  /** The interval assumed before any was measured; 1000. */
  readonly firstEstimateMs: number;
}

/**
 * What is known of one peer's heartbeats. Immutable to its holders: a newer value shares the list of intervals with
 * the older one, which looks only at its own stretch of it.
 */
export interface HeartbeatHistory {
  readonly lastHeartbeatMs: number;
  readonly intervals: number[];
  readonly from: number;
  readonly to: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** The history after a heartbeat at the given time; the first one starts from two made-up intervals around the estimate. */
export function withHeartbeat(
  history: HeartbeatHistory | undefined,
  nowMs: number,
  options: PhiAccrualOptions,
): HeartbeatHistory {
  if (history === undefined) {
    const quarter = Math.trunc(options.firstEstimateMs / 4);
    return startOf([options.firstEstimateMs - quarter, options.firstEstimateMs + quarter], nowMs);
  }
  // An interval that ends a time of being dead says nothing about how regular the peer is when alive.
  if (!isAvailable(history, nowMs, options)) return { ...history, lastHeartbeatMs: nowMs };
  return append(history, nowMs - history.lastHeartbeatMs, nowMs, options.samplesMax);
}

/** A history with exactly these intervals. */
export function startOf(intervals: readonly number[], lastHeartbeatMs: number): HeartbeatHistory {
  let sum = 0;
  let sumOfSquares = 0;
  for (const interval of intervals) {
    sum += interval;
    sumOfSquares += interval * interval;
  }
  const to = intervals.length;
  return { lastHeartbeatMs, intervals: [...intervals], from: 0, to, sum, sumOfSquares };
}

function append(
  history: HeartbeatHistory,
  interval: number,
  nowMs: number,
  samplesMax: number,
): HeartbeatHistory {
  let { intervals, from, to, sum, sumOfSquares } = history;
  // Whoever appended first owns the shared list's end; a second successor of the same history, and a list that has
  // become mostly past, get a list of their own.
  if (to !== intervals.length || from > samplesMax) {
    intervals = intervals.slice(from, to);
    to -= from;
    from = 0;
  }
  intervals.push(interval);
  to++;
  sum += interval;
  sumOfSquares += interval * interval;
  if (to - from > samplesMax) {
    const oldest = intervals[from] ?? 0;
    sum -= oldest;
    sumOfSquares -= oldest * oldest;
    from++;
  }
  return { lastHeartbeatMs: nowMs, intervals, from, to, sum, sumOfSquares };
}

export function meanOf(history: HeartbeatHistory): number {
  return history.sum / (history.to - history.from);
}

export function varianceOf(history: HeartbeatHistory): number {
  const mean = meanOf(history);
  return Math.max(history.sumOfSquares / (history.to - history.from) - mean * mean, 0);
}

/** Suspicion now; 0 for a peer never heard of. */
export function phi(
  history: HeartbeatHistory | undefined,
  nowMs: number,
  options: PhiAccrualOptions,
): number {
  if (history === undefined) return 0;
  const stdDeviation = Math.max(Math.sqrt(varianceOf(history)), options.minStdDeviationMs);
  const mean = meanOf(history) + options.acceptablePauseMs;
  return phiOf(nowMs - history.lastHeartbeatMs, mean, stdDeviation);
}

/** `-log10(1 - F(elapsed))` for the normal distribution F, by the logistic approximation. */
export function phiOf(elapsedMs: number, meanMs: number, stdDeviationMs: number): number {
  const y = (elapsedMs - meanMs) / stdDeviationMs;
  const e = Math.exp(-y * (1.5976 + 0.070566 * y * y));
  if (elapsedMs > meanMs) return -Math.log10(e / (1 + e));
  return -Math.log10(1 - 1 / (1 + e));
}

export function isAvailable(
  history: HeartbeatHistory | undefined,
  nowMs: number,
  options: PhiAccrualOptions,
): boolean {
  if (history === undefined) return true;
  // Up to the mean plus the pause phi is at most 0.31, so most calls need no logarithm.
  const elapsedMs = nowMs - history.lastHeartbeatMs;
  if (options.threshold > 0.31 && elapsedMs <= meanOf(history) + options.acceptablePauseMs)
    return true;
  return phi(history, nowMs, options) < options.threshold;
}

/** Histories by peer; a peer that is not in it is not monitored and counts as available. */
export type DetectorRegistry = ReadonlyMap<string, HeartbeatHistory>;

export const emptyRegistry: DetectorRegistry = new Map();

export function heartbeatFrom(
  registry: DetectorRegistry,
  peer: string,
  nowMs: number,
  options: PhiAccrualOptions,
): DetectorRegistry {
  return new Map(registry).set(peer, withHeartbeat(registry.get(peer), nowMs, options));
}

export function withoutPeer(registry: DetectorRegistry, peer: string): DetectorRegistry {
  if (!registry.has(peer)) return registry;
  const rest = new Map(registry);
  rest.delete(peer);
  return rest;
}
