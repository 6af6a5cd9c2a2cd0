// How many bytes parts of messages take at most on the wire, without writing them: keys and heads of CBOR are counted
// for what they can be, texts by their length in UTF-8.

import type { JobNews } from './protocol.ts';
import type { ResultView } from './views.ts';

/** Keys, heads and numbers of a row without its texts and further figures. */
const rowBytes = 120;
/** A key's head and a number. */
const figureBytes = 5 + 9;
const newsHeadBytes = 700;
const shareBytes = 100;

const textBytes = (text: string | undefined): number =>
  text === undefined ? 0 : 5 + Buffer.byteLength(text);

export function resultBytes(row: ResultView): number {
  const { id, instrument, metric, worker, error, extra } = row;
  let bytes = rowBytes + textBytes(id) + textBytes(instrument) + textBytes(metric);
  bytes += textBytes(worker);
  if (error !== undefined) {
    bytes += textBytes(error.code) + textBytes(error.field) + textBytes(error.message);
  }
  for (const name in extra) bytes += figureBytes + Buffer.byteLength(name);
  return bytes;
}

export function newsBytes({ view, idempotencyKey, digest }: JobNews): number {
  let bytes = newsHeadBytes + textBytes(idempotencyKey) + textBytes(digest);
  for (const text of [view.id, view.name, view.metric, view.snapshot, view.reason, view.owner]) {
    bytes += textBytes(text);
  }
  for (const code of Object.keys(view.errors)) bytes += figureBytes + textBytes(code);
  for (const { address } of view.workers) bytes += shareBytes + textBytes(address);
  return bytes;
}
