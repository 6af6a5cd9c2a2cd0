// How far from its mean a binomial walk can get with a probability worth counting. By Hoeffding's inequality the number of
// up moves among n leaves n·p ± t with a probability of at most 2·exp(−2t²/n). With t = √(n · 41/2) that is 3e-18, so even
// thousands of levels together stay far below the last bit of a price.

const tailExponent = 41;

/** Distance in nodes from the mean beyond which a level of `moves` moves need not be looked at. */
export function reachOfMoves(moves: number): number {
  return Math.sqrt((moves * tailExponent) / 2) + 1;
}
