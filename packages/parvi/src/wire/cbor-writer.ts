// Values to CBOR (RFC 8949), in the dialect that Jackson reads: definite lengths, shortest integers, floats of eight
// bytes, text for dates. Hot code: works on the slab directly, allocates nothing for plain objects.

import type { ByteWriter } from './byte-writer.ts';
import {
  mapTag,
  negativeBignumTag,
  numberArrayBytes,
  positiveBignumTag,
  refTag,
  setTag,
} from './cbor-tags.ts';
import { WireError } from './errors.ts';
import { wholeNumberBytesMax } from './internal/whole-numbers.ts';
import { wireLimitsDefaults } from './options.ts';
import { isRefLike, refText } from './ref-text.ts';

/** Texts up to this length are copied by a loop and have a head of one byte; longer ones are worth a native call. */
const loopedTextMax = 23;
const uint32Count = 4_294_967_296;

export class CborWriter {
  readonly #depthMax: number;
  #depth = 0;

  constructor(depthMax: number = wireLimitsDefaults.depthMax) {
    this.#depthMax = depthMax;
  }

  /**
   * Appends one value: plain objects, arrays, strings, numbers, booleans, null, undefined, bigints, byte and typed
   * arrays, maps, sets, refs, and what has a `toJSON` (dates become ISO text). Fields that are undefined are left out.
   *
   * @throws WireError `VALUE_NOT_SERIALIZABLE` for functions, symbols, instances of classes and too deep nesting
   */
  write(value: unknown, out: ByteWriter): void {
    this.#depth = 0;
    this.#value(value, out);
  }

  /** Appends the fields of a message without the one that names its type. */
  writeFields(message: object, leftOut: string, out: ByteWriter): void {
    this.#depth = 0;
    this.#object(message as Record<string, unknown>, leftOut, out);
  }

  #value(value: unknown, out: ByteWriter): void {
    switch (typeof value) {
      case 'string':
        writeText(value, out);
        return;
      case 'number':
        writeNumber(value, out);
        return;
      case 'boolean':
        out.byte(value ? 0xf5 : 0xf4);
        return;
      case 'undefined':
        out.byte(0xf7);
        return;
      case 'bigint':
        writeBigint(value, out);
        return;
      case 'object':
        if (value === null) out.byte(0xf6);
        else if (Array.isArray(value)) this.#array(value, out);
        else if (isPlain(value)) this.#object(value as Record<string, unknown>, undefined, out);
        else this.#special(value, out);
        return;
      default:
        throw notSerializable(`a ${typeof value}`);
    }
  }

  #object(value: Record<string, unknown>, leftOut: string | undefined, out: ByteWriter): void {
    this.#enter();
    out.reserve(1);
    const start = out.position++;
    let count = 0;
    for (const key in value) {
      const field = value[key];
      if (field === undefined || key === leftOut) continue;
      count++;
      writeText(key, out);
      if (typeof field === 'string') writeText(field, out);
      else if (typeof field === 'number') writeNumber(field, out);
      else this.#value(field, out);
    }
    this.#depth--;
    if (count < 24) out.bytes[start] = 0xa0 | count;
    else widenHead(start, 0xa0, count, out);
  }

  #array(value: readonly unknown[], out: ByteWriter): void {
    this.#enter();
    writeHead(0x80, value.length, out);
    for (let i = 0; i < value.length; i++) this.#value(value[i], out);
    this.#depth--;
  }

  #special(value: object, out: ByteWriter): void {
    if (value instanceof Uint8Array) {
      writeBytes(value, out);
      return;
    }
    if (isRefLike(value)) {
      writeHead(0xc0, refTag, out);
      writeText(value[refText](), out);
      return;
    }
    if (value instanceof Map || value instanceof Set) {
      this.#collection(value, out);
      return;
    }
    const numbers = numberArrayBytes(value);
    if (numbers === undefined) {
      this.#value(standIn(value), out);
      return;
    }
    writeHead(0xc0, numbers.tag, out);
    writeBytes(numbers.bytes, out);
  }

  #collection(value: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>, out: ByteWriter): void {
    this.#enter();
    if (value instanceof Map) {
      writeHead(0xc0, mapTag, out);
      writeHead(0xa0, value.size, out);
      for (const [key, entry] of value) {
        this.#value(key, out);
        this.#value(entry, out);
      }
    } else {
      writeHead(0xc0, setTag, out);
      writeHead(0x80, value.size, out);
      for (const entry of value.keys()) this.#value(entry, out);
    }
    this.#depth--;
  }

  #enter(): void {
    if (++this.#depth > this.#depthMax) {
      throw new WireError(
        'VALUE_NOT_SERIALIZABLE',
        `Cannot write a value nested deeper than ${this.#depthMax} levels, or one that contains itself`,
        { fields: { depthMax: this.#depthMax } },
      );
    }
  }
}

/** What an instance of a class says it looks like as data: a date gives its ISO text, which Jackson reads as Instant. */
export function standIn(value: object): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON !== 'function') {
    throw notSerializable(`an instance of ${value.constructor?.name ?? 'a class'}`);
  }
  const text: unknown = toJSON.call(value);
  if (text === value) throw notSerializable('a value that stands for itself');
  return text;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return !(refText in value);
}

function writeText(text: string, out: ByteWriter): void {
  const { length } = text;
  if (length > loopedTextMax) {
    writeLongText(text, out);
    return;
  }
  out.reserve(1 + length);
  const { bytes } = out;
  let at = out.position;
  bytes[at++] = 0x60 | length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) {
      writeLongText(text, out);
      return;
    }
    bytes[at++] = code;
  }
  out.position = at;
}

function writeLongText(text: string, out: ByteWriter): void {
  // With room for three bytes a character the head is known before the text, unless it is near a border.
  const most = text.length * 3;
  const least = text.length;
  if (headBytes(most) !== headBytes(least)) {
    writeHead(0x60, Buffer.byteLength(text), out);
    out.utf8(text);
    return;
  }
  const width = headBytes(least);
  out.reserve(width + most);
  const start = out.position;
  out.position = start + width;
  const written = out.utf8(text);
  const end = out.position;
  out.position = start;
  writeHead(0x60, written, out);
  out.position = end;
}

function writeNumber(value: number, out: ByteWriter): void {
  if (value === (value | 0) && (value !== 0 || !Object.is(value, -0))) {
    if (value >= 0) writeHead(0x00, value, out);
    else writeHead(0x20, -1 - value, out);
  } else if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    if (value >= 0) writeHead(0x00, value, out);
    else writeHead(0x20, -1 - value, out);
  } else {
    out.reserve(9);
    out.bytes[out.position] = 0xfb;
    out.view.setFloat64(out.position + 1, value);
    out.position += 9;
  }
}

function writeBigint(value: bigint, out: ByteWriter): void {
  const negative = value < 0n;
  const magnitude = negative ? -1n - value : value;
  if (magnitude < 0x1_0000_0000n) {
    writeHead(negative ? 0x20 : 0x00, Number(magnitude), out);
  } else if (magnitude <= 0xffff_ffff_ffff_ffffn) {
    out.reserve(9);
    out.bytes[out.position] = negative ? 0x3b : 0x1b;
    out.view.setBigUint64(out.position + 1, magnitude);
    out.position += 9;
  } else {
    const hex = magnitude.toString(16);
    if (hex.length > 2 * wholeNumberBytesMax) throw notSerializable('a whole number that long');
    writeHead(0xc0, negative ? negativeBignumTag : positiveBignumTag, out);
    writeBytes(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'), out);
  }
}

function writeBytes(value: Uint8Array, out: ByteWriter): void {
  writeHead(0x40, value.length, out);
  out.raw(value);
}

/** Major type in the top three bits, and a count in as few bytes as it fits. */
function writeHead(major: number, count: number, out: ByteWriter): void {
  out.reserve(9);
  const { bytes } = out;
  const at = out.position;
  if (count < 24) {
    bytes[at] = major | count;
    out.position = at + 1;
  } else if (count < 0x100) {
    bytes[at] = major | 24;
    bytes[at + 1] = count;
    out.position = at + 2;
  } else if (count < 0x10000) {
    bytes[at] = major | 25;
    bytes[at + 1] = count >>> 8;
    bytes[at + 2] = count;
    out.position = at + 3;
  } else if (count < uint32Count) {
    bytes[at] = major | 26;
    out.view.setUint32(at + 1, count);
    out.position = at + 5;
  } else {
    bytes[at] = major | 27;
    out.view.setUint32(at + 1, Math.floor(count / uint32Count));
    out.view.setUint32(at + 5, count % uint32Count);
    out.position = at + 9;
  }
}

function headBytes(count: number): number {
  return count < 24 ? 1 : count < 0x100 ? 2 : count < 0x10000 ? 3 : 5;
}

/** Replaces the one byte that was left for a head by a wider one. */
function widenHead(start: number, major: number, count: number, out: ByteWriter): void {
  const extra = headBytes(count) - 1;
  out.reserve(extra);
  const end = out.position;
  out.bytes.copyWithin(start + 1 + extra, start + 1, end);
  out.position = start;
  writeHead(major, count, out);
  out.position = end + extra;
}

function notSerializable(what: string): WireError {
  return new WireError(
    'VALUE_NOT_SERIALIZABLE',
    `Cannot send ${what} in a message: only plain data crosses the wire (objects, arrays, text, numbers, bytes, dates, maps, sets, refs)`,
    { fields: { value: what } },
  );
}
