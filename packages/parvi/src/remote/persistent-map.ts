// A map whose every change makes a new map and shares all but a few nodes with the old one (a hash array mapped trie), so
// that a pure machine may hold a hundred thousand entries and change one at a time. Entries come in an order of their
// hashes, which is the same in each run; a map of a few entries keeps the order in which they were set.

const branchBits = 5;
const branchMask = (1 << branchBits) - 1;
/** A leaf of more entries becomes a branch, unless all bits of the hashes are used up. */
const leafMax = 16;
const hashBits = 32;

interface Leaf<V> {
  readonly entries: ReadonlyMap<string, V>;
}
interface Branch<V> {
  readonly children: readonly (TrieNode<V> | undefined)[];
}
type TrieNode<V> = Leaf<V> | Branch<V>;

export class PersistentMap<V> {
  readonly size: number;
  readonly #root: TrieNode<V>;

  /** Use {@link emptyMap}. */
  constructor(root: TrieNode<V>, size: number) {
    this.#root = root;
    this.size = size;
  }

  get(key: string): V | undefined {
    return leafOf(this.#root, key).entries.get(key);
  }

  has(key: string): boolean {
    return leafOf(this.#root, key).entries.has(key);
  }

  with(key: string, value: V): PersistentMap<V> {
    const size = this.has(key) ? this.size : this.size + 1;
    return new PersistentMap(
      withEntry(this.#root, key, value, { hash: hashOf(key), shift: 0 }),
      size,
    );
  }

  without(key: string): PersistentMap<V> {
    if (!this.has(key)) return this;
    if (this.size === 1) return emptyMap();
    return new PersistentMap(withoutEntry(this.#root, key, hashOf(key), 0), this.size - 1);
  }

  *[Symbol.iterator](): IterableIterator<[string, V]> {
    yield* entriesOf(this.#root);
  }

  keys(): string[] {
    return Array.from(this, ([key]) => key);
  }
}

const emptyLeaf: Leaf<never> = { entries: new Map<string, never>() };

export function emptyMap<V>(): PersistentMap<V> {
  return new PersistentMap<V>(emptyLeaf, 0);
}

/** FNV-1a over the code units. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function leafOf<V>(root: TrieNode<V>, key: string): Leaf<V> {
  let node: TrieNode<V> | undefined = root;
  if ('entries' in node) return node;
  let rest = hashOf(key);
  while (node !== undefined && 'children' in node) {
    node = node.children[rest & branchMask];
    rest >>>= branchBits;
  }
  return node ?? emptyLeaf;
}

interface Place {
  readonly hash: number;
  /** Bits of the hash that the branches above have used. */
  readonly shift: number;
}

function withEntry<V>(
  node: TrieNode<V> | undefined,
  key: string,
  value: V,
  { hash, shift }: Place,
): TrieNode<V> {
  if (node !== undefined && 'children' in node) {
    const at = (hash >>> shift) & branchMask;
    const below = { hash, shift: shift + branchBits };
    return { children: node.children.with(at, withEntry(node.children[at], key, value, below)) };
  }
  const entries = new Map(node?.entries).set(key, value);
  if (entries.size <= leafMax || shift >= hashBits) return { entries };
  return split(entries, shift);
}

function split<V>(entries: ReadonlyMap<string, V>, shift: number): Branch<V> {
  const parts = Array.from({ length: branchMask + 1 }, () => new Map<string, V>());
  for (const [key, value] of entries) {
    parts[(hashOf(key) >>> shift) & branchMask]?.set(key, value);
  }
  return { children: parts.map((part) => (part.size === 0 ? undefined : { entries: part })) };
}

/** Branches that have become empty stay, and are filled again, until the whole map is empty. */
function withoutEntry<V>(node: TrieNode<V>, key: string, hash: number, shift: number): TrieNode<V> {
  if ('entries' in node) {
    const entries = new Map(node.entries);
    entries.delete(key);
    return { entries };
  }
  const at = (hash >>> shift) & branchMask;
  const child = node.children[at];
  if (child === undefined) return node;
  return { children: node.children.with(at, withoutEntry(child, key, hash, shift + branchBits)) };
}

function* entriesOf<V>(node: TrieNode<V>): IterableIterator<[string, V]> {
  if ('entries' in node) {
    yield* node.entries;
    return;
  }
  for (const child of node.children) if (child !== undefined) yield* entriesOf(child);
}
