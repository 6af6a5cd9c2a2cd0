// Frames of one stream that are encoded and wait for their link: whole slabs, first in first out. How much may wait is
// decided by the stream; here it is only counted.

import type { Slab } from '../wire/index.ts';

export interface SealedSlab {
  readonly slab: Slab;
  readonly frames: number;
}

export class OutboundQueue {
  #sealed: SealedSlab[] = [];
  #head = 0;
  /** Frames and bytes waiting. */
  frames = 0;
  bytes = 0;

  get isEmpty(): boolean {
    return this.#head === this.#sealed.length;
  }

  push(sealed: SealedSlab): void {
    this.#sealed.push(sealed);
    this.frames += sealed.frames;
    this.bytes += sealed.slab.used;
  }

  shift(): SealedSlab | undefined {
    const sealed = this.#sealed[this.#head];
    if (sealed === undefined) return undefined;
    this.#head++;
    if (this.#head === this.#sealed.length) {
      this.#sealed = [];
      this.#head = 0;
    }
    this.frames -= sealed.frames;
    this.bytes -= sealed.slab.used;
    return sealed;
  }

  /** Takes everything, oldest first. */
  drain(): SealedSlab[] {
    const sealed = this.#sealed.slice(this.#head);
    this.#sealed = [];
    this.#head = 0;
    this.frames = 0;
    this.bytes = 0;
    return sealed;
  }
}
