// Cuts the elements out of a JSON array of trades as the bytes come in, either a bare array or the `trades` field of
// an object, so that a large upload is never held whole. The elements are left to `JSON.parse`; this only finds where
// each begins and ends. Streaming parsers that build values were an order of magnitude slower here.

import { isUtf8 } from 'node:buffer';
import { lineBytesMax } from './line-cutter.ts';
import { IntakeError } from './row-problem.ts';

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const headMax = 64 * 1024;

type Place = 'head' | 'elements' | 'tail';

/** The fields beside the array of trades; empty for a bare array. */
export type ArrayFields = Readonly<Record<string, unknown>>;

export class JsonArrayCutter {
  #place: Place = 'head';
  #head = '';
  #tail = '';
  #headBytes: number[] = [];
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #count = 0;
  #afterComma = false;

  push(chunk: Uint8Array, onElement: (element: Uint8Array) => void): void {
    let from = 0;
    if (this.#place === 'head') from = this.#readHead(chunk);
    if (this.#place === 'elements') from = this.#readElements(chunk, from, onElement);
    if (this.#place === 'tail') this.#readTail(chunk.subarray(from));
  }

  /** The fields before the array; `undefined` while the array has not begun. */
  get fieldsBefore(): ArrayFields | undefined {
    if (this.#place === 'head') return undefined;
    return parseAround(
      this.#head.trimStart().startsWith('{') ? `${this.#head}]}` : `${this.#head}]`,
    );
  }

  /** Ends the upload; returns the fields before and after the array. */
  end(): ArrayFields {
    if (this.#place === 'tail') return parseAround(`${this.#head}]${this.#tail}`);
    if (this.#place === 'elements') {
      throw new IntakeError(
        'UPLOAD_TRUNCATED',
        `The JSON upload ended inside its array, after trade ${this.#count}: send it again whole`,
        this.#count,
      );
    }
    throw new IntakeError(
      'UPLOAD_JSON_MALFORMED',
      'The JSON upload has no array of trades: give an array, or an object with the field "trades"',
    );
  }

  /** Looks for the opening bracket of a bare array or of the field `trades` at the first level. */
  #readHead(chunk: Uint8Array): number {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      this.#headBytes.push(byte);
      if (this.#headBytes.length > headMax) {
        throw new IntakeError(
          'UPLOAD_JSON_MALFORMED',
          `The JSON upload has no array of trades in its first ${headMax} bytes: put the field "trades" last or send NDJSON`,
        );
      }
      if (this.#inString) {
        this.#stepInString(byte);
        continue;
      }
      if (byte === quote) this.#inString = true;
      else if (byte === openBrace) this.#depth++;
      else if (byte === closeBrace || byte === closeBracket) this.#depth--;
      else if (byte === openBracket && this.#opensTrades()) {
        this.#head = textOf(Buffer.from(this.#headBytes));
        this.#headBytes = [];
        this.#depth = 0;
        this.#place = 'elements';
        return i + 1;
      } else if (byte === openBracket) this.#depth++;
    }
    return chunk.length;
  }

  #opensTrades(): boolean {
    const before = Buffer.from(this.#headBytes.slice(0, -1)).toString('utf8').trimEnd();
    if (this.#depth === 0) return before === '' || before === '\uFEFF';
    return this.#depth === 1 && /[{,]\s*"trades"\s*:$/.test(before);
  }

  #readElements(chunk: Uint8Array, from: number, onElement: (element: Uint8Array) => void): number {
    let start = this.#partBytes > 0 || this.#depth > 0 ? from : -1;
    for (let i = from; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (this.#inString) {
        this.#stepInString(byte);
      } else if (byte === quote) {
        this.#inString = true;
        if (start === -1) start = i;
      } else if (byte === openBrace || byte === openBracket) {
        if (start === -1) start = i;
        this.#depth++;
      } else if (this.#depth === 0 && (byte === comma || byte === closeBracket)) {
        this.#finish(start === -1 ? undefined : chunk.subarray(start, i), byte, onElement);
        start = -1;
        if (byte === closeBracket) {
          this.#place = 'tail';
          return i + 1;
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth--;
      } else if (start === -1 && !isSpace(byte)) {
        start = i;
      }
    }
    if (start !== -1) this.#keep(chunk.slice(start));
    return chunk.length;
  }

  #stepInString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) this.#inString = false;
  }

  #finish(
    last: Uint8Array | undefined,
    ender: number,
    onElement: (element: Uint8Array) => void,
  ): void {
    const bytes = this.#partBytes + (last?.length ?? 0);
    this.#check(bytes);
    if (bytes === 0) {
      const emptyArray = ender === closeBracket && this.#count === 0 && !this.#afterComma;
      if (emptyArray) return;
      throw new IntakeError(
        'UPLOAD_JSON_MALFORMED',
        `The JSON upload has a comma without a trade after trade ${this.#count}`,
        this.#count,
      );
    }
    this.#count++;
    this.#afterComma = ender === comma;
    const whole = this.#partBytes === 0 ? last : Buffer.concat(this.#parts.concat(last ?? []));
    this.#parts = [];
    this.#partBytes = 0;
    if (whole !== undefined) onElement(whole);
  }

  #keep(part: Uint8Array): void {
    this.#parts.push(part);
    this.#partBytes += part.length;
    this.#check(this.#partBytes);
  }

  #readTail(rest: Uint8Array): void {
    this.#tail += Buffer.from(rest).toString('utf8');
    if (this.#tail.length > headMax) {
      throw new IntakeError(
        'UPLOAD_JSON_MALFORMED',
        `The JSON upload goes on for more than ${headMax} bytes after its trades`,
      );
    }
  }

  #check(bytes: number): void {
    if (bytes <= lineBytesMax) return;
    throw new IntakeError(
      'UPLOAD_LINE_TOO_LONG',
      `Trade ${this.#count + 1} of the upload is longer than ${lineBytesMax} bytes`,
      this.#count + 1,
    );
  }
}

/** Without the byte order mark that some editors put in front. */
function textOf(head: Uint8Array): string {
  if (isUtf8(head)) return new TextDecoder().decode(head);
  throw new IntakeError(
    'UPLOAD_JSON_MALFORMED',
    'The JSON upload has bytes that are not UTF-8 before its trades: save it as UTF-8',
  );
}

function parseAround(text: string): ArrayFields {
  try {
    const around: unknown = JSON.parse(text);
    return Array.isArray(around) ? {} : (around as Record<string, unknown>);
  } catch (error) {
    throw new IntakeError(
      'UPLOAD_JSON_MALFORMED',
      `The JSON around the trades cannot be read: ${(error as Error).message}`,
      undefined,
      { cause: error },
    );
  }
}
