// Texts remembered by their bytes. Paths, manifests, field names and many values repeat without end, and comparing a few
// words costs a fraction of making a string. Fixed size and direct-mapped, so that hostile texts can only push others out.

import { copyBytes } from './copy-bytes.ts';

/** A text with its encoding, length included, as words and the bytes left over. */
export class KnownText {
  readonly text: string;
  readonly length: number;
  readonly #words: Int32Array;
  readonly #rest: Uint8Array;

  constructor(text: string, bytes: Uint8Array, length = bytes.length) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.text = text;
    this.length = length;
    this.#words = new Int32Array(bytes.length >>> 2);
    for (let i = 0; i < this.#words.length; i++) this.#words[i] = view.getInt32(i * 4, true);
    this.#rest = copyBytes(bytes, this.#words.length * 4);
  }

  /** Whether exactly this text, with its length, stands at that place. */
  isAt(view: DataView, at: number, end: number): boolean {
    if (at + this.length > end) return false;
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

/** Stands where nothing is remembered yet; matches no bytes, as it is longer than any frame. */
export const noKnownText = new KnownText('', new Uint8Array(0), 2 ** 30);

export class TextCache {
  readonly #mask: number;
  readonly #textBytesMax: number;
  readonly #slots: KnownText[];

  /** `slotCount` is a power of two; texts longer than `textBytesMax` are not kept. */
  constructor(slotCount: number, textBytesMax: number) {
    this.#mask = slotCount - 1;
    this.#textBytesMax = textBytesMax;
    this.#slots = new Array<KnownText>(slotCount).fill(noKnownText);
  }

  /**
   * The ASCII text of `bytes[textStart..end)`, whose length stands from `start` on; `undefined` when a byte is not ASCII.
   * `view` is over the same bytes.
   */
  find(bytes: Buffer, view: DataView, at: TextPlace): KnownText | undefined {
    const { start, textStart, end } = at;
    const slot = slotOf(bytes, textStart, end) & this.#mask;
    const known = this.#slots[slot] as KnownText;
    if (known.length === end - start && known.isAt(view, start, end)) return known;
    if (!isAscii(bytes, textStart, end)) return undefined;
    const text = bytes.toString('latin1', textStart, end);
    const fresh = new KnownText(text, bytes.subarray(start, end));
    if (end - textStart <= this.#textBytesMax) this.#slots[slot] = fresh;
    return fresh;
  }
}

export interface TextPlace {
  readonly start: number;
  readonly textStart: number;
  readonly end: number;
}

/** Ends differ more than beginnings: the last eight bytes count, a few from the middle, and the length. */
export function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  const tail = Math.max(end - 8, start);
  for (let i = tail; i < end; i++) hash = Math.imul(hash, 31) + (bytes[i] as number);
  const middle = (start + tail) >>> 1;
  hash = Math.imul(hash, 31) + (bytes[middle] as number);
  hash = Math.imul(hash, 31) + (bytes[(middle + tail) >>> 1] as number);
  return hash ^ (hash >>> 11);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if ((bytes[i] as number) > 0x7f) return false;
  }
  return true;
}
