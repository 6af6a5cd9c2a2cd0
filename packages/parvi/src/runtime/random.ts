// The port to chance. Seeded in simulations and tests, so that a run can be replayed from its seed.

import { randomFillSync } from 'node:crypto';
import { assert } from './assert.ts';

export interface Random {
  /** Uniform integer in [0, 2^32). */
  uint32(): number;
}

/** Uniform in [0, 1) with 53 random bits. */
export function randomFloat(random: Random): number {
  const high = random.uint32() >>> 5;
  const low = random.uint32() >>> 6;
  return (high * 67108864 + low) / 9007199254740992;
}

/** Uniform integer in [0, bound). */
export function randomInt(random: Random, bound: number): number {
  assert(
    Number.isInteger(bound) && bound > 0,
    `a random bound is a positive integer, not ${bound}`,
  );
  return Math.floor(randomFloat(random) * bound);
}

/** One element of a non-empty list. */
export function randomPick<T>(random: Random, items: readonly T[]): T {
  const item = items[randomInt(random, items.length)];
  assert(item !== undefined, 'a random pick comes from a list without holes');
  return item;
}

/** A new list with the same elements in random order (Fisher-Yates). */
export function randomShuffle<T>(random: Random, items: readonly T[]): T[] {
  const shuffled = items.slice();
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = randomInt(random, i + 1);
    const other = shuffled[j] as T;
    shuffled[j] = shuffled[i] as T;
    shuffled[i] = other;
  }
  return shuffled;
}

/** Uniform signed 64-bit integer. */
export function randomInt64(random: Random): bigint {
  const high = BigInt(random.uint32());
  const low = BigInt(random.uint32());
  return BigInt.asIntN(64, (high << 32n) | low);
}

/**
 * A generator that gives the same sequence for the same seed (any 32-bit integer).
 * Algorithm: sfc32 of PractRand by Chris Doty-Humphrey, seeded as there and warmed up by 15 rounds.
 */
export function seededRandom(seed: number): Random {
  return sfc32(0, seed, 0x9e3779b9);
}

/**
 * As fast as {@link seededRandom} and begun from 96 bits of another: for what must differ between processes and is drawn too
 * often for strong chance, but is no secret.
 */
export function fastRandom(from: Random): Random {
  return sfc32(from.uint32(), from.uint32(), from.uint32());
}

function sfc32(seedA: number, seedB: number, seedC: number): Random {
  let a = seedA | 0;
  let b = seedB | 0;
  let c = seedC | 0;
  let counter = 1;
  const uint32 = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let i = 0; i < 15; i++) uint32();
  return { uint32 };
}

/** Cryptographically strong, drawn in blocks because single draws cost a system call each. */
export function systemRandom(): Random {
  const block = new Uint32Array(256);
  let next = block.length;
  return {
    uint32() {
      if (next === block.length) {
        randomFillSync(block);
        next = 0;
      }
      return block[next++] as number;
    },
  };
}
