// Consistent hashing: each node stands at many points of a ring of 2^32; a key belongs to the next node clockwise. When
// a node comes or goes, only keys next to its points move. The order of additions plays no part, so that all
// processes with the same nodes agree.

import { assert } from '../../runtime/index.ts';

/** Stable hash of a text: FNV-1a over its UTF-16 units, mixed by the finaliser of MurmurHash3 (fmix32). Unsigned. */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

interface Point<R> {
  readonly hash: number;
  readonly name: string;
  readonly node: R;
}

export class HashRing<R> {
  readonly #virtualNodes: number;
  readonly #nodes = new Map<string, R>();
  /** Ascending by hash, then by name. */
  #points: Point<R>[] = [];

  constructor(virtualNodes: number) {
    assert(virtualNodes >= 1, `a node has at least one point on the ring, not ${virtualNodes}`);
    this.#virtualNodes = virtualNodes;
  }

  get size(): number {
    return this.#nodes.size;
  }

  add(name: string, node: R): void {
    this.remove(name);
    this.#nodes.set(name, node);
    for (let i = 0; i < this.#virtualNodes; i++) {
      this.#points.push({ hash: stableHash(`${name}#${i}`), name, node });
    }
    this.#points.sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1));
  }

  remove(name: string): void {
    if (!this.#nodes.delete(name)) return;
    this.#points = this.#points.filter((point) => point.name !== name);
  }

  all(): Iterable<R> {
    return [...this.#nodes.values()];
  }

  /** The node that the key belongs to; `undefined` on an empty ring. */
  find(key: string): R | undefined {
    const hash = stableHash(key);
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#points[middle] as Point<R>).hash < hash) low = middle + 1;
      else high = middle;
    }
    return (this.#points[low] ?? this.#points[0])?.node;
  }
}
