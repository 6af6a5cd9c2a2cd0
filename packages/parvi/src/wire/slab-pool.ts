// Memory that frames are written into. A slab belongs to one writer from its first byte until the socket has
// taken it, then goes back to the pool, so that steady traffic allocates nothing and idle peers hold nothing.

import { assert } from '../runtime/index.ts';

/** One piece of memory with the two views that writers need. */
export class Slab {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** Number of bytes that hold finished frames. */
  used = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, capacity);
  }

  get capacity(): number {
    return this.bytes.length;
  }

  /** The finished frames, without copying. */
  get filled(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.used);
  }
}

export interface SlabPoolOptions {
  /** Size of a fresh slab. Default 65536. */
  readonly slabBytes?: number;
  /** Slabs kept for reuse. Default 32. */
  readonly slabsMax?: number;
  /** Memory of larger slabs kept for reuse, all together. Default 2 MiB. */
  readonly largeBytesMax?: number;
}

/** A larger slab serves messages down to this part of its size, so that small ones do not take the large away. */
const largeShareMin = 0.25;

/** Shared by all writers of a node. */
export class SlabPool {
  readonly slabBytes: number;
  readonly slabsMax: number;
  readonly #largeBytesMax: number;
  /** The one given back last is taken first, so those at the front stand unused the longest. */
  readonly #free: Slab[] = [];
  /** How many were free at all times since the last `trim`. */
  #unused = 0;
  /** Larger ones, used last at the end. */
  readonly #large: Slab[] = [];
  #largeBytes = 0;

  constructor(options: SlabPoolOptions = {}) {
    this.slabBytes = options.slabBytes ?? 65_536;
    this.slabsMax = options.slabsMax ?? 32;
    this.#largeBytesMax = options.largeBytesMax ?? 2_097_152;
    assert(this.slabBytes >= 64, `a slab has at least 64 bytes, not ${this.slabBytes}`);
  }

  /** A slab of at least that many bytes, empty. Large ones have whole multiples of the usual size, to serve again. */
  acquire(bytesMin: number): Slab {
    const slab = bytesMin > this.slabBytes ? this.#takeLarge(bytesMin) : this.#free.pop();
    if (slab === undefined)
      return new Slab(Math.max(1, Math.ceil(bytesMin / this.slabBytes)) * this.slabBytes);
    slab.used = 0;
    if (this.#free.length < this.#unused) this.#unused = this.#free.length;
    return slab;
  }

  /** Gives a slab back; nobody may read or write it afterwards. Large ones push out those that were not used for longer. */
  release(slab: Slab): void {
    if (slab.capacity === this.slabBytes) {
      if (this.#free.length < this.slabsMax) this.#free.push(slab);
      return;
    }
    if (slab.capacity < this.slabBytes || slab.capacity > this.#largeBytesMax) return;
    this.#large.push(slab);
    this.#largeBytes += slab.capacity;
    while (this.#largeBytes > this.#largeBytesMax) {
      this.#largeBytes -= this.#large.shift()?.capacity ?? 0;
    }
  }

  #takeLarge(bytesMin: number): Slab | undefined {
    const fits = ({ capacity }: Slab): boolean =>
      capacity >= bytesMin && capacity * largeShareMin <= bytesMin;
    const at = this.#large.findLastIndex(fits);
    if (at < 0) return undefined;
    const [slab] = this.#large.splice(at, 1);
    this.#largeBytes -= slab?.capacity ?? 0;
    return slab;
  }
  /** Lets go of half of the slabs that nobody has needed since the last call, so that a burst does not cost memory for ever. */
  trim(): void {
    this.#free.splice(0, Math.ceil(this.#unused / 2));
    this.#unused = this.#free.length;
  }
}
