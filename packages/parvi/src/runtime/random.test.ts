import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Counter, newActorUid, newSystemUid, newUuid } from './ids.ts';
import {
  fastRandom,
  type Random,
  randomFloat,
  randomInt,
  randomInt64,
  randomPick,
  randomShuffle,
  seededRandom,
  systemRandom,
} from './random.ts';

const draws = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.uint32());

const given = (...values: number[]): Random => ({ uint32: () => values.shift() ?? 0 });

describe('seeded chance', () => {
  it('is the same for the same seed and another for another', () => {
    expect(draws(seededRandom(7), 20)).toEqual(draws(seededRandom(7), 20));
    expect(draws(seededRandom(7), 20)).not.toEqual(draws(seededRandom(8), 20));
  });

  it('spreads evenly', () => {
    const random = seededRandom(1);
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) {
      const at = randomInt(random, 16);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    // 1000 ± 30 is one standard deviation; the seed is fixed, so this cannot fail by chance.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});

describe('fast chance', () => {
  it('begins elsewhere with each word that it is begun from', () => {
    const first = new Set<string>();
    for (const words of [[], [1], [0, 1], [0, 0, 1], [1, 1, 1]]) {
      first.add(draws(fastRandom(given(...words)), 4).join());
    }
    expect(first.size).toBe(5);
    expect(draws(fastRandom(seededRandom(3)), 4)).toEqual(draws(fastRandom(seededRandom(3)), 4));
  });
});

describe('chance', () => {
  it.each([
    ['seeded', () => seededRandom(3)],
    ['of the system', systemRandom],
  ])('%s gives unsigned numbers of 32 bits', (_, make) => {
    const values = draws(make(), 600);
    expect(values.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32)).toBe(
      true,
    );
    expect(new Set(values).size).toBeGreaterThan(590);
    expect(values.some((value) => value > 2 ** 31)).toBe(true);
  });

  it('makes numbers from 0 on and below 1', () => {
    expect(randomFloat(given(0, 0))).toBe(0);
    const largest = randomFloat(given(2 ** 32 - 1, 2 ** 32 - 1));
    expect(largest).toBeLessThan(1);
    expect(largest).toBe(1 - 2 ** -53);
  });

  it('makes signed numbers of 64 bits', () => {
    expect(randomInt64(given(0x80000000, 0))).toBe(-(2n ** 63n));
    expect(randomInt64(given(0x7fffffff, 0xffffffff))).toBe(2n ** 63n - 1n);
    expect(randomInt64(given(0xffffffff, 0xffffffff))).toBe(-1n);
  });

  it('picks and shuffles without losing anything', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.integer(), (items, seed) => {
        const random = seededRandom(seed);
        expect(items).toContain(randomPick(random, items));
        const before = [...items];
        const shuffled = randomShuffle(random, items);
        expect(items).toEqual(before);
        expect(shuffled.toSorted()).toEqual(items.toSorted());
      }),
    );
  });

  it('cannot pick from nothing', () => {
    expect(() => randomPick(seededRandom(1), [])).toThrow(/positive integer, not 0/);
  });
});

describe('identifiers', () => {
  it('of incarnations are never 0, which has a meaning of its own', () => {
    expect(newSystemUid(given(0, 0, 0, 5))).toBe(5n);
    expect(newSystemUid(given(0xffffffff, 0xfffffffe))).toBe(-2n);
    expect(newActorUid(given(0, 0, 0xffffffff))).toBe(-1);
  });

  it.each([
    [0, 'a'],
    [25, 'z'],
    [26, 'A'],
    [52, '0'],
    [62, '+'],
    [63, '~'],
    [64, 'ab'],
    [4095, '~~'],
    [4096, 'aab'],
    [2 ** 40, 'aaaaaaq'],
  ])('of the counter %i are "%s"', (value, text) => {
    expect(base64Counter(value)).toBe(text);
  });

  it('of jobs are unique', () => {
    expect(newUuid()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(newUuid()).not.toBe(newUuid());
  });
});
