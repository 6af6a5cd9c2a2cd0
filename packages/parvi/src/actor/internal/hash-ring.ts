// Consistent hashing: each node stands at many points of a ring of 2^32; a key belongs to the next node clockwise. When
// a node comes or goes, only keys next to its points move. The order of additions plays no part, so that all
// processes with the same nodes agree.

import { assert } from '../../runtime/index.ts';

/** Stable hash of a text: FNV-1a over its UTF-16 units, mixed by the finaliser of MurmurHash3 (fmix32). Unsigned. */
export function stableHash(text: string): number {
  return mixed(hashOn(0x811c9dc5, text));
}

/** FNV-1a goes on with further text where it stopped. */
function hashOn(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash;
}

function mixed(start: number): number {
  let hash = Math.imul(start ^ (start >>> 16), 0x85ebca6b);
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
  /** Ascending by hash, then by name; without what {@link #coming} and {@link #going} tell of. */
  #points: Point<R>[] = [];
  /** Changes since the last look-up: many of them are made at once, at the next one. */
  readonly #coming = new Map<string, R>();
  readonly #going = new Set<string>();
  /** Names that have points. */
  readonly #placed = new Set<string>();

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
    this.#coming.set(name, node);
  }

  remove(name: string): void {
    if (!this.#nodes.delete(name)) return;
    this.#coming.delete(name);
    if (this.#placed.has(name)) this.#going.add(name);
  }

  all(): Iterable<R> {
    return [...this.#nodes.values()];
  }

  /** The node that the key belongs to; `undefined` on an empty ring. */
  find(key: string): R | undefined {
    if (this.#coming.size + this.#going.size > 0) this.#settle();
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
  /** O(p log p) for p new points, and one pass over the old ones. */
  #settle(): void {
    const going = this.#going;
    const kept =
      going.size === 0 ? this.#points : this.#points.filter(({ name }) => !going.has(name));
    for (const name of going) this.#placed.delete(name);
    const fresh: Point<R>[] = [];
    for (const [name, node] of this.#coming) {
      this.#placed.add(name);
      const start = hashOn(0x811c9dc5, `${name}#`);
      for (let i = 0; i < this.#virtualNodes; i++) {
        fresh.push({ hash: mixed(hashOn(start, String(i))), name, node });
      }
    }
    this.#points = merged(kept, fresh.sort(inOrder));
    this.#coming.clear();
    going.clear();
  }
}

function inOrder(a: Point<unknown>, b: Point<unknown>): number {
  if (a.hash !== b.hash) return a.hash - b.hash;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** Of two lists in order, one. */
function merged<R>(a: Point<R>[], b: Point<R>[]): Point<R>[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const points: Point<R>[] = [];
  let ai = 0;
  let bi = 0;
  while (ai < a.length && bi < b.length) {
    const first = a[ai] as Point<R>;
    const second = b[bi] as Point<R>;
    if (inOrder(first, second) <= 0) {
      points.push(first);
      ai++;
    } else {
      points.push(second);
      bi++;
    }
  }
  for (; ai < a.length; ai++) points.push(a[ai] as Point<R>);
  for (; bi < b.length; bi++) points.push(b[bi] as Point<R>);
  return points;
}
