// Cuts a stream of bytes into lines without decoding them, with a limit on the length of one line.

import { IntakeError } from './row-problem.ts';

/** The longest line or array element taken, in bytes. A trade is some hundred bytes. */
export const lineBytesMax = 256 * 1024;

const newline = 10;
const carriageReturn = 13;

export class LineCutter {
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  /** Lines handed on. */
  #line = 0;

  /** Calls back with each whole line (without its end) in `chunk`; the bytes are only valid during the call. */
  push(chunk: Uint8Array, onLine: (line: Uint8Array) => void): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(newline, start);
      if (end === -1) break;
      this.#emit(chunk.subarray(start, end), onLine);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.slice(start));
  }

  /** The last line may lack its end. */
  end(onLine: (line: Uint8Array) => void): void {
    if (this.#restBytes > 0) this.#emit(new Uint8Array(0), onLine);
  }

  /** Counts a whole line that was cut elsewhere. */
  countLine(bytes: number): void {
    this.#check(bytes);
    this.#line++;
  }

  #emit(tail: Uint8Array, onLine: (line: Uint8Array) => void): void {
    this.#check(this.#restBytes + tail.length);
    this.#line++;
    let line = tail;
    if (this.#restBytes > 0) {
      line = Buffer.concat([...this.#rest, tail]);
      this.#rest = [];
      this.#restBytes = 0;
    }
    if (line.at(-1) === carriageReturn) line = line.subarray(0, -1);
    onLine(line);
  }

  #keep(part: Uint8Array): void {
    this.#check(this.#restBytes + part.length);
    this.#rest.push(part);
    this.#restBytes += part.length;
  }

  /** Of the line after those handed on. */
  #check(bytes: number): void {
    if (bytes <= lineBytesMax) return;
    const line = this.#line + 1;
    throw new IntakeError(
      'UPLOAD_LINE_TOO_LONG',
      `Line ${line} of the upload is longer than ${lineBytesMax} bytes: give one trade a line`,
      line,
    );
  }
}
