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
}

/** Shared by all writers of a node. Slabs that had to grow are not kept. */
export class SlabPool {
  readonly slabBytes: number;
  readonly slabsMax: number;
  readonly #free: Slab[] = [];

  constructor(options: SlabPoolOptions = {}) {
    this.slabBytes = options.slabBytes ?? 65_536;
    this.slabsMax = options.slabsMax ?? 32;
    assert(this.slabBytes >= 64, `a slab has at least 64 bytes, not ${this.slabBytes}`);
  }

  /** A slab of at least that many bytes, empty. */
  acquire(bytesMin: number): Slab {
    if (bytesMin > this.slabBytes) return new Slab(bytesMin);
    const slab = this.#free.pop() ?? new Slab(this.slabBytes);
    slab.used = 0;
    return slab;
  }

  /** Gives a slab back; nobody may read or write it afterwards. */
  release(slab: Slab): void {
    if (slab.capacity === this.slabBytes && this.#free.length < this.slabsMax) {
      this.#free.push(slab);
    }
  }
}
