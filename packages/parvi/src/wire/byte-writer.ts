// Appends bytes to a growing slab. Serializers write straight into the outgoing frame through it; hot code reads
// `bytes` and `position` once, works on locals and stores the position back.

import { copyBytes } from './internal/copy-bytes.ts';
import { type Slab, SlabPool } from './slab-pool.ts';

export class ByteWriter {
  /** Replaced when the slab grows: never keep it across a call that may {@link reserve}. */
  bytes: Buffer<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** Where the next byte goes. */
  position = 0;
  readonly #pool: SlabPool;
  #slab: Slab | undefined;

  constructor(pool: SlabPool = new SlabPool()) {
    this.#pool = pool;
    this.bytes = noBytes;
    this.view = noView;
  }

  /** Makes room for that many more bytes. */
  reserve(byteCount: number): void {
    if (this.position + byteCount > this.bytes.length) this.#grow(byteCount);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  int32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.position, value, true);
    this.position += 4;
  }

  int64(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.position, BigInt.asIntN(64, value), true);
    this.position += 8;
  }

  raw(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.position);
    this.position += source.length;
  }

  /** Appends UTF-8 without a length; returns the number of bytes. */
  utf8(text: string): number {
    this.reserve(text.length * 3);
    const written = this.bytes.write(text, this.position, 'utf8');
    this.position += written;
    return written;
  }

  /** A copy of what was written so far. */
  toBytes(from = 0): Uint8Array<ArrayBuffer> {
    return copyBytes(this.bytes, from, this.position);
  }

  /** Takes the slab with all that was written; the writer starts empty again. `undefined` when nothing was. */
  detach(): Slab | undefined {
    const slab = this.#slab;
    if (slab === undefined || this.position === 0) return undefined;
    slab.used = this.position;
    this.#slab = undefined;
    this.bytes = noBytes;
    this.view = noView;
    this.position = 0;
    return slab;
  }

  #grow(byteCount: number): void {
    const needed = this.position + byteCount;
    const old = this.#slab;
    const slab = this.#pool.acquire(
      old === undefined ? needed : Math.max(needed, old.capacity * 2),
    );
    if (old !== undefined) {
      slab.bytes.set(old.bytes.subarray(0, this.position));
      this.#pool.release(old);
    }
    this.#slab = slab;
    this.bytes = slab.bytes;
    this.view = slab.view;
  }
}

const noBytes: Buffer<ArrayBuffer> = Buffer.alloc(0);
const noView = new DataView(noBytes.buffer, noBytes.byteOffset, 0);
