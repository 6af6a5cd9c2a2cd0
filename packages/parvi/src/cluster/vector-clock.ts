// Which of two versions of the gossip knows more: one counter per node that ever changed something.

export type VectorClock = ReadonlyMap<string, number>;

export type ClockOrder = 'same' | 'before' | 'after' | 'concurrent';

export const emptyClock: VectorClock = new Map();

export function incrementClock(clock: VectorClock, key: string): VectorClock {
  return new Map(clock).set(key, (clock.get(key) ?? 0) + 1);
}

/** The order of `a` seen from `b`: `after` when `a` knows all that `b` knows and more. A missing entry is smaller than any. */
export function compareClocks(a: VectorClock, b: VectorClock): ClockOrder {
  if (a === b) return 'same';
  let smaller = false;
  let larger = false;
  let shared = 0;
  for (const [key, count] of a) {
    const other = b.get(key);
    if (other === undefined) {
      larger = true;
    } else {
      shared++;
      if (count < other) smaller = true;
      else if (count > other) larger = true;
    }
    if (smaller && larger) return 'concurrent';
  }
  if (shared < b.size) smaller = true;
  if (smaller) return larger ? 'concurrent' : 'before';
  return larger ? 'after' : 'same';
}

/** The larger count per key. */
export function mergeClocks(a: VectorClock, b: VectorClock): VectorClock {
  const merged = new Map(a);
  for (const [key, count] of b) {
    const other = merged.get(key);
    if (other === undefined || other < count) merged.set(key, count);
  }
  return merged;
}

/** Forgets a removed node; without this the clock would grow for ever. */
export function pruneClock(clock: VectorClock, key: string): VectorClock {
  if (!clock.has(key)) return clock;
  const pruned = new Map(clock);
  pruned.delete(key);
  return pruned;
}
