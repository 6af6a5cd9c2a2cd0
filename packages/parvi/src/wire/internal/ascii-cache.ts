// Turns bytes into strings and remembers them by their bytes: paths, manifests and field names repeat without end, and
// comparing sixty bytes costs less than making a string of them. Fixed size, direct-mapped, so that hostile texts can
// only push others out.

/** Texts that are compared, hashed and decoded in one place, see {@link AsciiCache.text}. */
export class AsciiCache {
  readonly #mask: number;
  readonly #textBytesMax: number;
  readonly #keys: (Uint8Array | undefined)[];
  readonly #texts: string[];

  /** `slots` is a power of two; longer texts than `textBytesMax` are decoded each time. */
  constructor(slots: number, textBytesMax: number) {
    this.#mask = slots - 1;
    this.#textBytesMax = textBytesMax;
    this.#keys = new Array<Uint8Array | undefined>(slots).fill(undefined);
    this.#texts = new Array<string>(slots).fill('');
  }

  /** The text of `bytes[start..end)`; `undefined` when a byte is not ASCII. */
  text(bytes: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start;
    if (length > this.#textBytesMax) return asciiText(bytes, start, end);
    const slot = this.#slot(bytes, start, end);
    const key = this.#keys[slot];
    if (key !== undefined && key.length === length && sameBytes(key, bytes, start)) {
      return this.#texts[slot] as string;
    }
    const text = asciiText(bytes, start, end);
    if (text !== undefined) {
      this.#keys[slot] = Uint8Array.prototype.slice.call(bytes, start, end);
      this.#texts[slot] = text;
    }
    return text;
  }

  /** Ends differ more than beginnings: the hash takes the last eight bytes, a few from the middle, and the length. */
  #slot(bytes: Uint8Array, start: number, end: number): number {
    let hash = end - start;
    const tail = Math.max(end - 8, start);
    for (let i = tail; i < end; i++) hash = Math.imul(hash, 31) + (bytes[i] as number);
    const middle = (start + tail) >>> 1;
    hash = Math.imul(hash, 31) + (bytes[middle] as number);
    hash = Math.imul(hash, 31) + (bytes[(middle + tail) >>> 1] as number);
    return (hash ^ (hash >>> 11)) & this.#mask;
  }
}

function sameBytes(key: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < key.length; i++) {
    if (key[i] !== bytes[start + i]) return false;
  }
  return true;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (let i = start; i < end; i++) {
    if ((bytes[i] as number) > 0x7f) return undefined;
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
