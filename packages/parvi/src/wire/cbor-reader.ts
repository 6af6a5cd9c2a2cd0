// CBOR (RFC 8949) to values. Reads what Jackson writes: indefinite maps, arrays and texts, 64-bit integers, all widths of
// floats. Nothing from the bytes is trusted: every length is checked against what is left, nesting is limited, and a key
// can never become a prototype.

import {
  decimalTag,
  mapTag,
  negativeBignumTag,
  numberArrayOf,
  positiveBignumTag,
  refTag,
  setTag,
} from './cbor-tags.ts';
import { WireError } from './errors.ts';
import { bignumOf, decimalOf, define, halfOf } from './internal/cbor-values.ts';
import { copyBytes } from './internal/copy-bytes.ts';
import { type FieldName, TextMemory } from './internal/text-memory.ts';
import { wireLimitsDefaults } from './options.ts';
import { type RefResolver, textRefs } from './ref-text.ts';

const indefinite = -1;
const uint32Count = 4_294_967_296;
const scratch = new DataView(new ArrayBuffer(8));

export interface CborReaderOptions {
  /** Turns tagged path texts into refs. Default: they stay texts. */
  readonly refs?: RefResolver;
  readonly depthMax?: number;
}

export class CborReader {
  readonly #refs: RefResolver;
  readonly #depthMax: number;
  readonly #memory = new TextMemory();
  #bytes: Buffer = Buffer.alloc(0);
  #source: Uint8Array = this.#bytes;
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #end = 0;
  #depth = 0;
  /** What was left of the map in which a key that is not a text stopped {@link #object}. */
  #pairsLeft = 0;

  constructor(options: CborReaderOptions = {}) {
    this.#refs = options.refs ?? textRefs;
    this.#depthMax = options.depthMax ?? wireLimitsDefaults.depthMax;
  }

  /**
   * Reads exactly one value from `bytes[start..end)`. Integers beyond 2^53 become bigints; byte strings are copies.
   *
   * @throws WireError `PAYLOAD_MALFORMED`, `PAYLOAD_TOO_LARGE` (nesting)
   */
  read(bytes: Uint8Array, start = 0, end = bytes.length): unknown {
    this.#begin(bytes, start, end);
    const value = this.#value(this.#memory.root);
    this.#finish();
    return value;
  }

  /**
   * Reads one map into `target`, which may have fields already; they win over fields of the same name in the bytes.
   *
   * @throws WireError as {@link read}, also when the value is no map
   */
  readFields(
    target: Record<string, unknown>,
    fixed: string,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#begin(bytes, start, end);
    const head = this.#byte();
    if (head >>> 5 !== 5) throw this.#malformed('the message is not a map');
    const kept = target[fixed];
    if (!this.#object(head & 31, target, this.#memory.root)) {
      throw this.#malformed('a field name of the message is not a text');
    }
    target[fixed] = kept;
    this.#finish();
  }

  #begin(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#source) {
      this.#source = bytes;
      const { buffer, byteOffset, length } = bytes;
      this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, length);
      this.#view = new DataView(buffer, byteOffset, length);
    }
    this.#at = start;
    this.#end = end;
    this.#depth = 0;
  }

  #finish(): void {
    if (this.#at !== this.#end) throw this.#malformed('bytes are left over after the value');
  }

  /** @param name the field it belongs to, which tells what to expect */
  #value(name: FieldName): unknown {
    const head = this.#byte();
    const info = head & 31;
    switch (head >>> 5) {
      case 0:
        return info < 24 ? info : this.#integer(info, false);
      case 1:
        return info < 24 ? -1 - info : this.#integer(info, true);
      case 2:
        return this.#byteString(info);
      case 3:
        return this.#text(info, name);
      case 4:
        return this.#array(info, name);
      case 5:
        return this.#map(info, name);
      case 6:
        return this.#tagged(info, name);
      default:
        return this.#simple(info);
    }
  }

  #byte(): number {
    const at = this.#at;
    if (at >= this.#end) throw this.#malformed('it ends too early');
    this.#at = at + 1;
    return this.#bytes[at] as number;
  }

  /** The count after a head, -1 for indefinite. A 64-bit count beyond 2^53 cannot be the length of anything. */
  #count(info: number): number {
    if (info < 24) return info;
    if (info === 31) return indefinite;
    const width = info < 28 ? 1 << (info - 24) : 0;
    if (width === 0) throw this.#malformed('a head is reserved');
    let count = 0;
    for (let i = 0; i < width; i++) count = count * 256 + this.#byte();
    return count;
  }

  #integer(info: number, negative: boolean): number | bigint {
    if (info === 27) return this.#longInteger(negative);
    if (info > 27) throw this.#malformed('an integer has no length');
    const count = this.#count(info);
    return negative ? -1 - count : count;
  }

  #longInteger(negative: boolean): number | bigint {
    const high = this.#count(26);
    const low = this.#count(26);
    if (high < 0x20_0000) {
      const count = high * uint32Count + low;
      if (!negative) return count;
      if (count < Number.MAX_SAFE_INTEGER) return -1 - count;
    }
    const count = (BigInt(high) << 32n) | BigInt(low);
    return negative ? -1n - count : count;
  }

  #byteString(info: number): Uint8Array<ArrayBuffer> {
    const length = this.#count(info);
    if (length === indefinite) {
      const chunks = this.#chunks(2, (size) => this.#byteString(size));
      return copyBytes(Buffer.concat(chunks));
    }
    const start = this.#skip(length);
    return copyBytes(this.#bytes, start, this.#at);
  }

  #text(info: number, name: FieldName): string {
    const start = this.#at - 1;
    if (name.value.isAt(this.#view, start, this.#end)) {
      name.misses = 0;
      this.#at = start + name.value.length;
      return name.value.text;
    }
    const length = info < 24 ? info : info === 24 ? this.#byte() : this.#count(info);
    if (length === indefinite) return this.#pieces(name);
    const textStart = this.#skip(length);
    const place = { start, textStart, end: this.#at };
    return this.#memory.value(name, this.#bytes, this.#view, place);
  }

  #pieces(name: FieldName): string {
    return this.#chunks(3, (size) => this.#text(size, name)).join('');
  }

  /** Pieces of an indefinite string: definite ones of the same kind, up to a break. */
  #chunks<T>(major: number, read: (info: number) => T): T[] {
    const chunks: T[] = [];
    for (let head = this.#byte(); head !== 0xff; head = this.#byte()) {
      if (head >>> 5 !== major || (head & 31) === 31) {
        throw this.#malformed('an indefinite string has a piece of another kind');
      }
      chunks.push(read(head & 31));
    }
    return chunks;
  }

  #array(info: number, name: FieldName): unknown[] {
    const count = this.#count(info);
    this.#enter(count);
    const items: unknown[] = [];
    if (count === indefinite) {
      while (!this.#atBreak()) items.push(this.#value(name));
    } else {
      for (let i = 0; i < count; i++) items.push(this.#value(name));
    }
    this.#depth--;
    return items;
  }

  /** A plain object, or a Map when a key is not text. */
  #map(info: number, parent: FieldName): unknown {
    const object: Record<string, unknown> = {};
    if (this.#object(info, object, parent)) return object;
    // Going on with what was read, never reading it again: maps in maps would double the work with each level.
    return this.#pairs(this.#pairsLeft, new Map<unknown, unknown>(Object.entries(object)));
  }

  /** Reads pairs into the target; `false` when a key is not text, which is then what is read next. */
  #object(info: number, target: Record<string, unknown>, parent: FieldName): boolean {
    const count = this.#count(info);
    this.#enter(count);
    let before: FieldName | undefined;
    for (let i = 0; count === indefinite ? !this.#atBreak() : i < count; i++) {
      const name = this.#name(before === undefined ? parent.childSlot : before.nextSlot);
      if (name === undefined) {
        this.#depth--;
        this.#pairsLeft = count === indefinite ? indefinite : count - i;
        return false;
      }
      if (before === undefined) parent.childSlot = name.slot;
      else before.nextSlot = name.slot;
      before = name;
      const key = name.known.text;
      const value = this.#value(name);
      // The first places have a store each: messages of one kind have the same name in the same place, and V8 makes a
      // store that has seen one name only many times as fast as one that has seen many.
      if (key === '__proto__') define(target, key, value);
      else if (i === 0) target[key] = value;
      else if (i === 1) target[key] = value;
      else if (i === 2) target[key] = value;
      else if (i === 3) target[key] = value;
      else target[key] = value;
    }
    this.#depth--;
    return true;
  }

  /** The next field name, most likely the one of that slot; `undefined` when it is not a text. */
  #name(expectedSlot: number): FieldName | undefined {
    const start = this.#at;
    const expected = this.#memory.nameAt(expectedSlot);
    if (expected.known.isAt(this.#view, start, this.#end) && expected.slot !== 0) {
      this.#at = start + expected.known.length;
      return expected;
    }
    const head = this.#byte();
    if (head >>> 5 !== 3) {
      this.#at = start;
      return undefined;
    }
    const length = this.#count(head & 31);
    if (length === indefinite) {
      // Nobody writes names in pieces; such a one is read, not remembered.
      const text = this.#pieces(this.#memory.root);
      return this.#memory.unlisted(text);
    }
    const textStart = this.#skip(length);
    return this.#memory.name(this.#bytes, start, textStart, this.#at);
  }

  #pairs(count: number, entries: Map<unknown, unknown>): Map<unknown, unknown> {
    this.#enter(count);
    for (let i = 0; count === indefinite ? !this.#atBreak() : i < count; i++) {
      const key = this.#value(this.#memory.root);
      entries.set(key, this.#value(this.#memory.root));
    }
    this.#depth--;
    return entries;
  }

  #tagged(info: number, name: FieldName): unknown {
    const tag = this.#count(info);
    if (tag === indefinite) throw this.#malformed('a tag has no number');
    this.#enter(1);
    const value = tag === mapTag ? this.#taggedMap() : this.#untagged(tag, this.#value(name));
    this.#depth--;
    return value;
  }

  #taggedMap(): unknown {
    const head = this.#byte();
    if (head >>> 5 === 5) return this.#pairs(this.#count(head & 31), new Map());
    throw this.#malformed('a tag of a map stands before something else');
  }

  /** Tags that are not known are skipped, as Jackson does. */
  #untagged(tag: number, value: unknown): unknown {
    if (tag === refTag) return typeof value === 'string' ? this.#refs.resolveRef(value) : value;
    if (tag === setTag) return Array.isArray(value) ? new Set(value) : value;
    if (tag === decimalTag) return decimalOf(value);
    if (!(value instanceof Uint8Array)) return value;
    if (tag === positiveBignumTag || tag === negativeBignumTag) {
      return bignumOf(value, tag === negativeBignumTag);
    }
    return numberArrayOf(tag, value as Uint8Array<ArrayBuffer>) ?? value;
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 23:
        return undefined;
      case 25:
        return halfOf(this.#count(25));
      case 26:
        scratch.setUint32(0, this.#count(26));
        return scratch.getFloat32(0);
      case 27:
        scratch.setUint32(0, this.#count(26));
        scratch.setUint32(4, this.#count(26));
        return scratch.getFloat64(0);
      default:
        throw this.#malformed('a simple value is not known');
    }
  }

  #atBreak(): boolean {
    if (this.#at >= this.#end) throw this.#malformed('it ends too early');
    if (this.#bytes[this.#at] !== 0xff) return false;
    this.#at++;
    return true;
  }

  #skip(length: number): number {
    const start = this.#at;
    if (length < 0 || length > this.#end - start)
      throw this.#malformed('a text or byte string is longer than what is left');
    this.#at = start + length;
    return start;
  }

  /** Each item has at least one byte, so a count beyond what is left is a lie. */
  #enter(count: number): void {
    if (count > this.#end - this.#at)
      throw this.#malformed('a list or map is longer than what is left');
    if (++this.#depth > this.#depthMax) {
      throw new WireError(
        'PAYLOAD_TOO_LARGE',
        `Cannot read CBOR: it is nested deeper than ${this.#depthMax} levels`,
        { fields: { depthMax: this.#depthMax } },
      );
    }
  }

  #malformed(reason: string): WireError {
    return new WireError('PAYLOAD_MALFORMED', `Cannot read CBOR: ${reason}`, {
      fields: { at: this.#at },
    });
  }
}
