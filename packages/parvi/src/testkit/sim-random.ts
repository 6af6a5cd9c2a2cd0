// Times drawn by chance, for faults.

import { type Random, randomFloat } from '../runtime/index.ts';

/** Milliseconds, uniform between two numbers of seconds. */
export function randomBetween(random: Random, secondsMin: number, secondsMax: number): number {
  return 1000 * (secondsMin + randomFloat(random) * (secondsMax - secondsMin));
}
