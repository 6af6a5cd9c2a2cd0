// One figure of a benchmark, in the form that every part hands to the common runner, and how it is judged.

export type Range = readonly [lowest: number, highest: number];

export interface Goal {
  /** What is judged: the figure itself, or its ratio to the peer. */
  readonly on: 'ours' | 'ratio';
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface BenchRow {
  readonly figure: string;
  /** Of `ours` and of the peer's value, such as `µs a trade` or `messages/s`. */
  readonly unit: string;
  /** The median of the rounds. */
  readonly ours: number;
  /** Lowest and highest of the rounds. */
  readonly spread: Range;
  /** What was measured beside it in the same run. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** How many times better than the peer, or what the figure's text says; median and spread of the rounds' ratios. */
  readonly ratio?: { readonly value: number; readonly spread: Range };
  /** None where the row is for information. */
  readonly goal?: Goal;
  readonly met: boolean;
  /** Conditions, and the reason of a goal that is missed. */
  readonly note?: string;
}

/** Whether a goal is met by the medians. A row without goal is always in order. */
export function isMet(row: Pick<BenchRow, 'ours' | 'ratio' | 'goal'>): boolean {
  const { goal } = row;
  if (goal === undefined) return true;
  const value = goal.on === 'ours' ? row.ours : (row.ratio?.value ?? Number.NaN);
  return value >= (goal.atLeast ?? -Infinity) && value <= (goal.atMost ?? Infinity);
}

/** A row of rounds that were measured one after the other: medians, spreads, and whether the goal is met. */
export function rowOf(
  row: Pick<BenchRow, 'figure' | 'unit' | 'goal' | 'note'> & {
    readonly rounds: readonly number[];
    /** The peer's rounds, each measured beside ours of the same place. */
    readonly peer?: { readonly name: string; readonly rounds: readonly number[] };
    /** Whether a better figure is a higher one; then ratios are ours over the peer's, otherwise the peer's over ours. */
    readonly better?: 'more' | 'less';
  },
): BenchRow {
  const { rounds, peer, better = 'more', ...head } = row;
  const made = { ...head, ours: median(rounds), spread: rangeOf(rounds) };
  if (peer === undefined) return { ...made, met: isMet(made) };
  const ratios = rounds.map((ours, i) => {
    const theirs = peer.rounds[i] ?? Number.NaN;
    return better === 'more' ? ours / theirs : theirs / ours;
  });
  const compared = {
    ...made,
    peer: { name: peer.name, value: median(peer.rounds) },
    ratio: { value: median(ratios), spread: rangeOf(ratios) },
  };
  return { ...compared, met: isMet(compared) };
}

export function rangeOf(values: readonly number[]): Range {
  return [Math.min(...values), Math.max(...values)];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
