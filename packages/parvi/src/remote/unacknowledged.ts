// System messages on their way: a persistent first-in first-out list, so that the delivery machine stays a pure
// function and still appends and acknowledges in constant time (amortised) with 200,000 entries waiting.

import { assert } from '../runtime/index.ts';

export interface Sequenced<M> {
  readonly seqNo: number;
  readonly message: M;
}

interface Newer<M> {
  readonly entry: Sequenced<M>;
  readonly older: Newer<M> | undefined;
}

/** Entries in ascending order of seqNo, without gaps. */
export interface Unacknowledged<M> {
  readonly front: readonly Sequenced<M>[];
  readonly frontStart: number;
  readonly back: Newer<M> | undefined;
  readonly size: number;
}

export function nothingUnacknowledged<M>(): Unacknowledged<M> {
  return { front: [], frontStart: 0, back: undefined, size: 0 };
}

export function append<M>(list: Unacknowledged<M>, entry: Sequenced<M>): Unacknowledged<M> {
  return { ...list, back: { entry, older: list.back }, size: list.size + 1 };
}

/** All entries, oldest first. */
export function entries<M>(list: Unacknowledged<M>): readonly Sequenced<M>[] {
  if (list.back === undefined) {
    return list.frontStart === 0 ? list.front : list.front.slice(list.frontStart);
  }
  const all = list.front.slice(list.frontStart);
  const newest: Sequenced<M>[] = [];
  for (let at: Newer<M> | undefined = list.back; at !== undefined; at = at.older) {
    newest.push(at.entry);
  }
  return all.concat(newest.reverse());
}

/** The list without everything up to and including seqNo. */
export function dropUpTo<M>(list: Unacknowledged<M>, seqNo: number): Unacknowledged<M> {
  const newest = list.back?.entry ?? list.front.at(-1);
  if (list.size === 0 || newest === undefined || newest.seqNo <= seqNo) {
    return nothingUnacknowledged();
  }
  const first = list.front[list.frontStart];
  if (first === undefined || first.seqNo + (list.front.length - list.frontStart) <= seqNo) {
    return dropUpTo(
      { front: entries(list), frontStart: 0, back: undefined, size: list.size },
      seqNo,
    );
  }
  const dropped = Math.max(0, seqNo - first.seqNo + 1);
  const size = list.size - dropped;
  assert(size > 0, 'entries newer than the acknowledged one remain');
  return { ...list, frontStart: list.frontStart + dropped, size };
}

/** The oldest entry, when there is one. Constant time for a list that {@link dropUpTo} has shortened. */
export function first<M>(list: Unacknowledged<M>): Sequenced<M> | undefined {
  return list.front[list.frontStart] ?? entries(list)[0];
}
