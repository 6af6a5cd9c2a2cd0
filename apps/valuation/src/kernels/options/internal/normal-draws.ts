// Normal draws for Monte Carlo, made once and kept: every option of a batch sees the same stream, as every QuantLib engine
// with the same seed does. Pseudo-random: Mersenne Twister. Low-discrepancy: the first dimension of I. Sobol's sequence in
// Gray-code order, which is the van der Corput sequence in base 2 without its 0.

import { MersenneTwister } from './mersenne-twister.ts';
import { inverseCumulativeNormal } from './normal.ts';

/** A growing table of draws; `take` gives an array that holds at least the first `count`. */
export interface NormalDraws {
  take(count: number): Float64Array;
}

class GrowingDraws implements NormalDraws {
  #draws = new Float64Array(0);
  readonly #nextUnit: () => number;

  constructor(nextUnit: () => number) {
    this.#nextUnit = nextUnit;
  }

  take(count: number): Float64Array {
    const known = this.#draws.length;
    if (count > known) {
      const grown = new Float64Array(Math.max(count, 2 * known));
      grown.set(this.#draws);
      for (let i = known; i < grown.length; i++) {
        grown[i] = inverseCumulativeNormal(this.#nextUnit());
      }
      this.#draws = grown;
    }
    return this.#draws;
  }
}

/** Bit-reversed Gray codes of 1, 2, 3, … as fractions. */
function sobolUnits(): () => number {
  let word = 0;
  let counter = 0;
  return () => {
    const lowestZero = Math.clz32(~counter & -~counter);
    word = (word ^ (1 << lowestZero)) >>> 0;
    counter++;
    return word / 4294967296;
  };
}

/** Kept from one batch to the next, because a job asks for the same seed again and again. */
let pseudoRandom: { seed: number; draws: NormalDraws } | undefined;
let lowDiscrepancy: NormalDraws | undefined;

export function pseudoRandomDraws(seed: number): NormalDraws {
  if (pseudoRandom?.seed !== seed) {
    const twister = new MersenneTwister(seed);
    pseudoRandom = { seed, draws: new GrowingDraws(() => twister.nextUnit()) };
  }
  return pseudoRandom.draws;
}

export function lowDiscrepancyDraws(): NormalDraws {
  lowDiscrepancy ??= new GrowingDraws(sobolUnits());
  return lowDiscrepancy;
}
