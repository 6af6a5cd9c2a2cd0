import { describe, expect, it } from 'vitest';
import { type Slab, SlabPool } from './slab-pool.ts';

/** Takes so many at once and gives them back. */
function useAtOnce(pool: SlabPool, count: number): Set<Slab> {
  const slabs = Array.from({ length: count }, () => pool.acquire(64));
  for (const slab of slabs) pool.release(slab);
  return new Set(slabs);
}

/** How many of them the pool still has, by taking more than it keeps. */
function keptOf(pool: SlabPool, slabs: ReadonlySet<Slab>): number {
  const taken = Array.from({ length: 40 }, () => pool.acquire(64));
  return taken.filter((slab) => slabs.has(slab)).length;
}

describe('a pool of slabs', () => {
  it('gives out again what was given back, empty', () => {
    const pool = new SlabPool({ slabBytes: 64 });
    const slab = pool.acquire(64);
    slab.used = 10;
    pool.release(slab);
    expect(pool.acquire(64)).toBe(slab);
    expect(slab.used).toBe(0);
  });

  it('keeps no more than its limit, and none that had to grow', () => {
    const pool = new SlabPool({ slabBytes: 64, slabsMax: 3 });
    expect(keptOf(pool, useAtOnce(pool, 5))).toBe(3);
    const long = pool.acquire(65);
    pool.release(long);
    expect(pool.acquire(64)).not.toBe(long);
  });

  it('lets go of what a burst left behind, half of it at a time', () => {
    const pool = new SlabPool({ slabBytes: 64 });
    const burst = useAtOnce(pool, 16);
    pool.trim(); // all of them were needed since the trim before
    pool.trim();
    expect(keptOf(pool, burst)).toBe(8);
  });

  it('ends up with as many as are needed at once', () => {
    const pool = new SlabPool({ slabBytes: 64 });
    const burst = useAtOnce(pool, 32);
    for (let second = 0; second < 10; second++) {
      useAtOnce(pool, 5);
      pool.trim();
    }
    expect(keptOf(pool, burst)).toBe(5);
  });

  it('keeps those that are used again and again through every trim', () => {
    const pool = new SlabPool({ slabBytes: 64 });
    const slabs = useAtOnce(pool, 12);
    for (let second = 0; second < 10; second++) {
      useAtOnce(pool, 12);
      pool.trim();
    }
    expect(keptOf(pool, slabs)).toBe(12);
  });
});
