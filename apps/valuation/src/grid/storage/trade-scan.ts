// Finds the trades in NDJSON bytes and what kind each is, without parsing them: only the ends of lines and the words
// after `"instrument"` and `"engine"` matter here, and the controller's event loop sees every byte of every job.

import type { TradeIndex } from '../core/portfolio.ts';

const newline = 10;
const quote = 0x22;
const instrumentKey = Buffer.from('"instrument"');
const engineKey = Buffer.from('"engine"');
/** A word longer than this is no name of an instrument or engine. */
const wordMax = 32;

/** Appends the trades of `lines` (each line ended) to the index; how many there were. */
export function scanTrades(lines: Uint8Array, index: TradeIndex): number {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  let trades = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(newline, start);
    const next = end === -1 ? bytes.length : end + 1;
    index.append(next - start, index.classNumber(classOf(bytes, start, next)));
    trades++;
    start = next;
  }
  return trades;
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
  return line.latin1Slice(from + 1, to);
}
