// NDJSON to trades. A piece of plain ASCII, which nearly all are, is decoded once and its lines are parts of that text;
// others are decoded line by line, since then a position in the text is none in the bytes.

import type { BatchBuilder } from './batch-builder.ts';
import { LineCutter } from './line-cutter.ts';

const newline = 10;

export class NdjsonLines {
  readonly #builder: BatchBuilder;
  readonly #cutter = new LineCutter();
  readonly #onLine = (line: Uint8Array): void => {
    if (line.length > 0) this.#builder.addJson(line);
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
      if (to > from) this.#builder.addJsonText(text.slice(from, to), lines, from, to);
      from = end + 1;
    }
  }
}
