// The loop: takes an input that led somewhere new, changes it, runs the target and keeps what reaches further still.
// Coverage is what `hits` says, with counts in classes, so that a loop that runs longer counts as new as well.

import { getHeapStatistics } from 'node:v8';
import { type Random, randomInt, systemClock } from '../../src/runtime/index.ts';
import { mutated } from './mutation.ts';
import type { FuzzTarget } from './target.ts';

/** Class of a counter: 1, 2, 3, 4–7, 8–15, 16–31, 32–127, more; one bit each. */
const classOf = new Uint8Array(256);
for (let count = 1; count < 256; count++) {
  const border = [2, 3, 4, 8, 16, 32, 128, 256].findIndex((most) => count < most);
  classOf[count] = 1 << border;
}

/** One input in so many is checked in all ways. */
const thoroughEach = 8;

/** Inputs are mostly short, which keeps the loop fast; some may grow, so that what is not linear shows. */
const bytesMaxUsual = 2048;
const bytesMaxLong = 65_536;

export interface Fault {
  readonly kind: 'crash' | 'slow' | 'growth';
  readonly text: string;
}

export interface FuzzLimits {
  /** Longest time an input may take: this, and `usPerByte` for each of its bytes. */
  readonly msMax: number;
  readonly usPerByte: number;
}

export const limitsDefaults: FuzzLimits = { msMax: 200, usPerByte: 100 };

export interface FuzzState {
  inputs: number;
  /** Places reached at least once. */
  places: number;
  corpus: number;
}

const attempts = 5;

/**
 * Runs one input and says what was wrong with it. Slowness and growth are true when most attempts show them: the machine
 * may be busy at one, and a collection that frees what was left from before hides growth at another.
 */
export function tryInput(
  target: FuzzTarget,
  input: Uint8Array,
  limits: FuzzLimits = limitsDefaults,
): Fault | undefined {
  const faults: Fault[] = [];
  for (let i = 0; i < attempts; i++) {
    const fault = attempt(target, input, limits, true);
    if (fault?.kind === 'crash') return fault;
    if (fault !== undefined) faults.push(fault);
  }
  return faults.length > attempts / 2 ? faults[0] : undefined;
}

function attempt(
  target: FuzzTarget,
  input: Uint8Array,
  limits: FuzzLimits,
  thorough: boolean,
): Fault | undefined {
  const memoryBefore = allocatedBytes();
  const startedMs = systemClock.nowMs();
  try {
    target.run(input, thorough);
  } catch (error) {
    return { kind: 'crash', text: error instanceof Error ? (error.stack ?? '') : String(error) };
  }
  const tookMs = systemClock.nowMs() - startedMs;
  const mostMs = limits.msMax + (input.length * limits.usPerByte) / 1000;
  if (tookMs > mostMs) {
    const text = `${input.length} bytes took ${Math.round(tookMs)} ms, more than ${Math.round(mostMs)} ms`;
    return { kind: 'slow', text };
  }
  // A collection in between makes this negative, which proves nothing; the next time shows it.
  const grown = allocatedBytes() - memoryBefore;
  const mostBytes = target.memoryMax(input.length);
  if (grown <= mostBytes) return undefined;
  return {
    kind: 'growth',
    text: `${input.length} bytes took ${grown} bytes, more than ${mostBytes}`,
  };
}

function allocatedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

export class Fuzzer {
  readonly state: FuzzState = { inputs: 0, places: 0, corpus: 0 };
  readonly #target: FuzzTarget;
  readonly #random: Random;
  readonly #hits: Uint8Array;
  /** The same, four at a time: most are nought. */
  readonly #hitWords: Int32Array;
  readonly #seen: Uint8Array;
  readonly #corpus: Uint8Array[] = [];
  readonly #limits: FuzzLimits;

  /** @param hits counters, which the target's modules increase; their number is a multiple of four */
  constructor(
    target: FuzzTarget,
    random: Random,
    hits: Uint8Array,
    limits: FuzzLimits = limitsDefaults,
  ) {
    this.#target = target;
    this.#random = random;
    this.#hits = hits;
    this.#hitWords = new Int32Array(hits.buffer, hits.byteOffset, hits.length >>> 2);
    this.#seen = new Uint8Array(hits.length);
    this.#limits = limits;
  }

  get corpus(): readonly Uint8Array[] {
    return this.#corpus;
  }

  /** The next input; a pure function of the seed and of what was reached so far. */
  next(): Uint8Array {
    const corpus = this.#corpus;
    if (corpus.length === 0) return new Uint8Array(0);
    const random = this.#random;
    // What was found last leads on most often.
    const recent = randomInt(random, 2) === 0 ? Math.min(corpus.length, 32) : corpus.length;
    const input = corpus[corpus.length - 1 - randomInt(random, recent)] as Uint8Array;
    const other = corpus[randomInt(random, corpus.length)] as Uint8Array;
    const bytesMax = randomInt(random, 1024) === 0 ? bytesMaxLong : bytesMaxUsual;
    return mutated(input, other, random, bytesMax);
  }

  /** Runs the input, keeps it when it reached something new, and gives back what was wrong with it. */
  run(input: Uint8Array): Fault | undefined {
    this.#hits.fill(0);
    const thorough = this.state.inputs % thoroughEach === 0;
    const fault = attempt(this.#target, input, this.#limits, thorough);
    this.state.inputs++;
    if (this.#isNew()) {
      this.#corpus.push(input);
      this.state.corpus++;
    }
    return fault === undefined ? undefined : tryInput(this.#target, input, this.#limits);
  }

  #isNew(): boolean {
    const words = this.#hitWords;
    let isNew = false;
    for (let word = 0; word < words.length; word++) {
      if (words[word] !== 0 && this.#isNewAt(word * 4)) isNew = true;
    }
    return isNew;
  }

  #isNewAt(from: number): boolean {
    let isNew = false;
    for (let i = from; i < from + 4; i++) {
      const kind = classOf[this.#hits[i] as number] as number;
      const known = this.#seen[i] as number;
      if ((known | kind) === known) continue;
      if (known === 0) this.state.places++;
      this.#seen[i] = known | kind;
      isNew = true;
    }
    return isNew;
  }
}
