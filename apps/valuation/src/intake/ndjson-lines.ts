// NDJSON to trades. A piece of plain ASCII, which nearly all are, is decoded once and its lines are parts of that text;
// others are decoded line by line, since then a position in the text is none in the bytes.

import type { BatchBuilder } from './batch-builder.ts';
import { LineCutter } from './line-cutter.ts';

const newline = 10;
const space = 0x20;
const byteOrderMark = Buffer.from('\uFEFF');

export class NdjsonLines {
  readonly #builder: BatchBuilder;
  readonly #cutter = new LineCutter();
  #isFirst = true;
  readonly #onLine = (line: Uint8Array): void => {
    const text = this.#isFirst ? withoutMark(line) : line;
    this.#isFirst = false;
    if (text.some((byte) => byte > space)) this.#builder.addJson(text);
  };

  constructor(builder: BatchBuilder) {
    this.#builder = builder;
  }

  push(chunk: Uint8Array): void {
    // The first line may have begun in the piece before, and the last may go on in the next.
    const from = chunk.indexOf(newline) + 1;
    const to = chunk.lastIndexOf(newline) + 1;
    if (from === 0) {
      this.#cutter.push(chunk, this.#onLine);
      return;
    }
    this.#cutter.push(chunk.subarray(0, from), this.#onLine);
    if (to > from) this.#takeLines(chunk.subarray(from, to));
    if (to < chunk.length) this.#cutter.push(chunk.subarray(to), this.#onLine);
  }

  end(): void {
    this.#cutter.end(this.#onLine);
  }

  /** Whole lines, each with its end. */
  #takeLines(lines: Uint8Array): void {
    const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString('utf8');
    if (text.length !== lines.length) {
      this.#cutter.push(lines, this.#onLine);
      return;
    }
    for (let from = 0; from < text.length; ) {
      const end = text.indexOf('\n', from);
      const to = text.charCodeAt(end - 1) === 0x0d && end > from ? end - 1 : end;
      this.#cutter.countLine(end - from);
      const line = text.slice(from, to);
      if (!isBlank(line)) this.#builder.addJsonText(line, lines, from, to);
      from = end + 1;
    }
  }
}

const withoutMark = (line: Uint8Array): Uint8Array =>
  byteOrderMark.equals(line.subarray(0, byteOrderMark.length))
    ? line.subarray(byteOrderMark.length)
    : line;

/** Nearly every line begins with a brace, and is not looked at any further. */
const isBlank = (line: string): boolean =>
  line === '' || (line.charCodeAt(0) <= space && line.trim() === '');
