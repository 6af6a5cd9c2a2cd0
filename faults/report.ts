// What a run says: a line for each case, and at the end how long decisions took.

import { type FaultCase, heartbeatPause, stableAfter } from './fault-case.ts';
import type { Decision } from './fault-world.ts';

interface Outcome {
  readonly seconds: number;
  readonly decisions: readonly Decision[];
  readonly error?: unknown;
}

const columns = (words: readonly string[]): string => {
  const [verdict = '', name = '', took = '', decided = '', ended = '', expected = ''] = words;
  const start = `${verdict.padEnd(7)} ${name.padEnd(34)} ${took.padStart(6)}`;
  return `${start} ${decided.padStart(9)} ${ended.padStart(9)}  ${expected}`.trimEnd();
};

const figure = (seconds: number | undefined): string =>
  seconds === undefined ? '-' : `${seconds.toFixed(1)} s`;

export const table = {
  head: columns(['', 'case', 'took', 'decided', 'ended', 'expected']),
  row({ name, expected }: FaultCase, { seconds, decisions, error }: Outcome): string {
    const verdict = error === undefined ? 'ok' : 'FAILED';
    const last = decisions.at(-1);
    const figures = [figure(last?.decidedSeconds), figure(last?.endedSeconds)];
    return columns([verdict, name, `${seconds.toFixed(0)} s`, ...figures, expected]);
  },
};

/** From a cut, kill or stop to the first decision, and to the end of the last process that was to go. */
export function summary(decisions: readonly Decision[]): string[] {
  const decided = spread(decisions.map(({ decidedSeconds }) => decidedSeconds));
  const ended = spread(decisions.flatMap(({ endedSeconds }) => endedSeconds ?? []));
  return [
    `heartbeats may pause for ${heartbeatPause}, a split must be stable for ${stableAfter}`,
    ...(decided === undefined ? [] : [`first decision after a fault:    ${decided}`]),
    ...(ended === undefined ? [] : [`end of the last that had to go:  ${ended}`]),
  ];
}

function spread(seconds: readonly number[]): string | undefined {
  const sorted = [...seconds].sort((a, b) => a - b);
  const [first] = sorted;
  const last = sorted.at(-1);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (first === undefined || last === undefined || middle === undefined) return undefined;
  return `${figure(first)} to ${figure(last)}, median ${figure(middle)}, ${sorted.length} of them`;
}
