// One line of a benchmark's result, in the form the common runner collects.

export interface BenchRow {
  readonly figure: string;
  /** Microseconds a trade, the median of the rounds. */
  readonly ours: number;
  readonly peer: number;
  /** Peer time over our time, the median of the ratios of the rounds. */
  readonly ratio: number;
  /** Lowest and highest ratio of any round. */
  readonly spread: readonly [number, number];
  /** The least ratio wanted; null where the row is for information. */
  readonly goal: number | null;
  /** Fast enough, and every value equal within the tolerance. */
  readonly met: boolean;
  /** The largest difference of any value, in units of max(notional, |value|). */
  readonly worstDifference: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
