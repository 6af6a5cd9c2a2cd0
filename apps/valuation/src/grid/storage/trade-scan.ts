// Finds the trades in NDJSON bytes, what kind each is and which snapshots they name, without parsing them: only the ends
// of lines and the words after `"instrument"`, `"engine"` and `"snapshot"` matter here, and the controller's event loop sees every byte of every job.

import type { TradeIndex } from '../core/portfolio.ts';

const newline = 10;
const quote = 0x22;
const instrumentKey = Buffer.from('"instrument"');
const engineKey = Buffer.from('"engine"');
const snapshotKey = Buffer.from('"snapshot"');
/** A word longer than this is no name of an instrument, engine or snapshot. */
const wordMax = 64;

/** Appends the trades of `lines` (each line ended) to the index, names of snapshots to `snapshots`; how many there were. */
export function scanTrades(lines: Uint8Array, index: TradeIndex, snapshots: Set<string>): number {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const named = bytes.includes(snapshotKey);
  let trades = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(newline, start);
    const next = end === -1 ? bytes.length : end + 1;
    index.append(next - start, index.classNumber(classOf(bytes, start, next)));
    if (named) addSnapshot(bytes.subarray(start, next), snapshots);
    trades++;
    start = next;
  }
  return trades;
}

/** The snapshot that a single trade's JSON names, if any, added to `snapshots`. */
export function addSnapshot(line: Buffer, snapshots: Set<string>): void {
  const name = wordAfter(line, snapshotKey);
  if (name !== undefined) snapshots.add(name);
}

/** The kind of a single trade's JSON, as `scanTrades` names it. */
export function tradeClass(line: Uint8Array): string {
  return classOf(Buffer.from(line.buffer, line.byteOffset, line.byteLength), 0, line.byteLength);
}

function classOf(bytes: Buffer, start: number, end: number): string {
  const line = bytes.subarray(start, end);
  const instrument = wordAfter(line, instrumentKey) ?? 'trade';
  // Only options have engines, and only their engines differ in cost.
  if (!instrument.endsWith('Option')) return instrument;
  const engine = wordAfter(line, engineKey);
  return engine === undefined ? instrument : `${instrument} ${engine}`;
}

/** The text in quotes behind a key. A key inside another text can mislead it: that costs a poorer estimate, no more. */
function wordAfter(line: Buffer, key: Buffer): string | undefined {
  const at = line.indexOf(key);
  if (at === -1) return undefined;
  const from = line.indexOf(quote, at + key.length);
  if (from === -1) return undefined;
  const to = line.indexOf(quote, from + 1);
  if (to === -1 || to - from > wordMax) return undefined;
  return line.toString('latin1', from + 1, to);
}
