// Remembers texts of payloads by their bytes. Field names and many values repeat without end: comparing a few words with
// what stood in this place last time costs a fraction of making a string. Fixed size and direct-mapped, so that hostile
// texts can only push others out; names refer to each other by slot, never by reference, for the same reason.

import { AsciiCache } from './ascii-cache.ts';

const slotCount = 1024;
/** Longer field names are decoded each time and share one entry. */
const nameBytesMax = 40;
/** Longer values are not remembered. */
const valueBytesMax = 128;
const cachedValueMax = 24;
/** A field whose values differed that often in a row is tried again only now and then. */
const missesMax = 12;
const retryMask = 0xff;

/** A text with its encoding, head included, as words and the bytes left over. */
export class KnownText {
  readonly text: string;
  readonly length: number;
  readonly #words: Int32Array;
  readonly #rest: Uint8Array;

  constructor(text: string, bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.text = text;
    this.length = bytes.length;
    this.#words = new Int32Array(bytes.length >>> 2);
    for (let i = 0; i < this.#words.length; i++) this.#words[i] = view.getInt32(i * 4, true);
    this.#rest = Uint8Array.prototype.slice.call(bytes, this.#words.length * 4);
  }

  /** Whether exactly this text stands there. */
  isAt(view: DataView, at: number, end: number): boolean {
    const after = at + this.length;
    if (after > end) return false;
    const words = this.#words;
    let position = at;
    for (let i = 0; i < words.length; i++) {
      if (view.getInt32(position, true) !== words[i]) return false;
      position += 4;
    }
    const rest = this.#rest;
    for (let i = 0; i < rest.length; i++) {
      if (view.getUint8(position + i) !== rest[i]) return false;
    }
    return true;
  }
}

const unknownText = new KnownText('', Uint8Array.of(0x60));

/** What is known of a field name: what follows it, and what its value was. */
export class FieldName {
  readonly known: KnownText;
  readonly slot: number;
  /** Slot of the name that came after it in the same map. */
  nextSlot = 0;
  /** Slot of the first name in the map that was its value. */
  childSlot = 0;
  value: KnownText = unknownText;
  misses = 0;

  constructor(known: KnownText, slot: number) {
    this.known = known;
    this.slot = slot;
  }
}

/** Field names and short values of one reader. */
export class TextMemory {
  /** Stands above the first map of a message. */
  readonly root = new FieldName(unknownText, 0);
  readonly #names: FieldName[] = new Array<FieldName>(slotCount).fill(this.root);
  readonly #values = new AsciiCache(2048, cachedValueMax);

  nameAt(slot: number): FieldName {
    return this.#names[slot] as FieldName;
  }

  /** The entry of the name whose encoding is `bytes[start..end)`, with the text from `textStart` on. */
  name(bytes: Buffer, start: number, textStart: number, end: number): FieldName {
    const slot = slotOf(bytes, textStart, end);
    const name = this.#names[slot] as FieldName;
    const text = bytes.toString('utf8', textStart, end);
    if (name.known.text === text && name.known.length === end - start) return name;
    const fresh = new FieldName(new KnownText(text, bytes.subarray(start, end)), slot);
    if (end - textStart <= nameBytesMax) this.#names[slot] = fresh;
    return fresh;
  }

  /** An entry for a name that is not worth remembering. */
  unlisted(text: string): FieldName {
    return new FieldName(new KnownText(text, new Uint8Array(0)), 0);
  }

  /** The value text of `name` whose encoding is `bytes[start..end)`; it was not the remembered one. */
  value(name: FieldName, bytes: Buffer, start: number, textStart: number, end: number): string {
    const length = end - textStart;
    const text =
      (length <= cachedValueMax ? this.#values.text(bytes, textStart, end) : undefined) ??
      bytes.toString('utf8', textStart, end);
    if (length > valueBytesMax) return text;
    const misses = ++name.misses;
    if (misses <= missesMax || (misses & retryMask) === 0) {
      name.value = new KnownText(text, bytes.subarray(start, end));
    }
    return text;
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash, 31) + (bytes[i] as number);
  // Slot 0 is the root's.
  return (hash ^ (hash >>> 10)) & (slotCount - 1) || 1;
}
