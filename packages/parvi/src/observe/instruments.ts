// What a metric does when something happens: three plain objects without allocation in their hot methods.

import { assert } from '../runtime/index.ts';

/** A count that only grows, from 0 at process start. */
export class Counter {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  /** Adds a non-negative amount, by default 1. */
  add(amount = 1): void {
    if (!(amount >= 0)) assert(false, `a counter grows by zero or more, not by ${amount}`);
    this.#value += amount;
  }
}

/** A value that goes up and down. */
export class Gauge {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  set(value: number): void {
    this.#value = value;
  }

  add(amount: number): void {
    this.#value += amount;
  }
}

/** Upper bounds, in seconds, that suit times from 100 µs to 10 s. */
export const durationBucketsSeconds: readonly number[] = Object.freeze([
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]);

/** Upper bounds, in bytes, from 64 B to 16 MiB in steps of four. */
export const sizeBucketsBytes: readonly number[] = Object.freeze([
  64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
]);

/** How values spread over buckets. A value belongs to the first bucket whose upper bound is not below it. */
export class Histogram {
  readonly upperBounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;
  #count = 0;

  /** `upperBounds` ascend; values above the last are counted in a bucket of their own. */
  constructor(upperBounds: readonly number[]) {
    for (let i = 0; i < upperBounds.length; i++) {
      const bound = upperBounds[i] as number;
      const before = i === 0 ? Number.NEGATIVE_INFINITY : (upperBounds[i - 1] as number);
      assert(
        Number.isFinite(bound) && bound > before,
        `bucket bounds are finite and ascend: ${bound} comes after ${before}`,
      );
    }
    this.upperBounds = Object.freeze(upperBounds.slice());
    this.#counts = new Float64Array(upperBounds.length + 1);
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#count;
  }

  record(value: number): void {
    if (Number.isNaN(value)) return;
    const bounds = this.upperBounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
    this.#count++;
  }

  /** Values counted in each bucket, the one above the last bound included; not cumulative. */
  bucketCounts(): number[] {
    return Array.from(this.#counts);
  }

  /**
   * The value below which the share `q` (0 to 1) of all values lies, interpolated within its bucket; `NaN` when nothing
   * was recorded. What lies above the last bound is reported as the last bound.
   */
  quantile(q: number): number {
    if (this.#count === 0) return Number.NaN;
    const rank = q * this.#count;
    let below = 0;
    for (let i = 0; i < this.upperBounds.length; i++) {
      const inBucket = this.#counts[i] as number;
      if (inBucket > 0 && below + inBucket >= rank) {
        const upper = this.upperBounds[i] as number;
        const lower = i === 0 ? Math.min(0, upper) : (this.upperBounds[i - 1] as number);
        return lower + (upper - lower) * Math.max(0, (rank - below) / inBucket);
      }
      below += inBucket;
    }
    return this.upperBounds.at(-1) ?? Number.NaN;
  }
}
