// The Mersenne Twister MT19937 of M. Matsumoto and T. Nishimura (1998, seeding of 2002): 32-bit words of period 2^19937 − 1.

const size = 624;
const shift = 397;

/** A stream of words for one seed. */
export class MersenneTwister {
  readonly #state = new Uint32Array(size);
  #next = size;

  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < size; i++) {
      const before = state[i - 1] as number;
      state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
  }

  /** A word from 0 to 2³² − 1. */
  nextWord(): number {
    if (this.#next === size) this.#twist();
    let word = this.#state[this.#next++] as number;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  /** A number strictly between 0 and 1. */
  nextUnit(): number {
    return (this.nextWord() + 0.5) / 4294967296;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < size; i++) {
      const next = state[(i + 1) % size] as number;
      const mixed = ((state[i] as number) & 0x80000000) | (next & 0x7fffffff);
      const far = state[(i + shift) % size] as number;
      state[i] = far ^ (mixed >>> 1) ^ ((mixed & 1) === 0 ? 0 : 0x9908b0df);
    }
    this.#next = 0;
  }
}
