// The five binomial trees, each reduced to the same four numbers: the price of node j after i steps is
// spot · exp(i · down + j · step), an up move has probability `up`, a step is worth `discount`.
// J. C. Cox, S. A. Ross, M. Rubinstein (1979); R. Jarrow, A. Rudd (1983); additive equal probabilities, L. Clewlow,
// C. Strickland (1998); D. Leisen, M. Reimer (1996) with the second Peizer–Pratt inversion; M. Joshi (2007), fourth order.

import type { OptionPoint } from './option-point.ts';

export type TreeName = 'jarrowRudd' | 'additiveEqp' | 'joshi4' | 'crr' | 'leisenReimer';

/** A tree for one option. */
export interface BinomialTree {
  steps: number;
  /** Logarithm of the move down. */
  down: number;
  /** Logarithm of the ratio of the moves up and down. */
  step: number;
  /** Probability of the move up. */
  up: number;
  /** Discount factor of one step. */
  discount: number;
}

export function createBinomialTree(): BinomialTree {
  return { steps: 0, down: 0, step: 0, up: 0, discount: 1 };
}

/**
 * Fills `tree` for the option. Leisen–Reimer and Joshi trees need an odd number of steps and take the next one.
 * Returns false when the tree does not exist: a probability outside 0 to 1, or not a number.
 */
export function buildTree(
  name: TreeName,
  option: OptionPoint,
  steps: number,
  tree: BinomialTree,
): boolean {
  const odd = name === 'joshi4' || name === 'leisenReimer';
  tree.steps = odd && steps % 2 === 0 ? steps + 1 : steps;
  const dt = option.time / tree.steps;
  tree.discount = Math.exp(-option.rate * dt);
  const { volatility } = option;
  const carry = shortForwardRate(option.rate) - shortForwardRate(option.dividendYield);
  const drift = (carry - 0.5 * volatility * volatility) * dt;
  const deviation = volatility * Math.sqrt(dt);
  if (odd) centredOnStrike(name === 'joshi4', option, drift, tree);
  else if (name === 'crr') {
    tree.up = 0.5 + (0.5 * drift) / deviation;
    tree.step = 2 * deviation;
    tree.down = -deviation;
  } else {
    const move =
      name === 'jarrowRudd'
        ? deviation
        : -0.5 * drift + 0.5 * Math.sqrt(4 * deviation * deviation - 3 * drift * drift);
    tree.up = 0.5;
    tree.step = 2 * move;
    tree.down = drift - move;
  }
  return tree.up > 0 && tree.up < 1 && Number.isFinite(tree.step) && Number.isFinite(tree.down);
}

function centredOnStrike(
  joshi: boolean,
  option: OptionPoint,
  drift: number,
  tree: BinomialTree,
): void {
  const n = tree.steps;
  const variance = option.volatility * option.volatility * option.time;
  const root = Math.sqrt(variance);
  const growth = Math.exp(drift + (0.5 * variance) / n);
  const d2 = (Math.log(option.spot / option.strike) + drift * n) / root;
  const up = joshi ? joshiProbability((n - 1) / 2, d2) : peizerPratt(d2, n);
  const dual = joshi ? joshiProbability((n - 1) / 2, d2 + root) : peizerPratt(d2 + root, n);
  const moveUp = (growth * dual) / up;
  const moveDown = (growth - up * moveUp) / (1 - up);
  tree.up = up;
  tree.down = Math.log(moveDown);
  tree.step = Math.log(moveUp) - tree.down;
}

const forwardSpan = 1e-4;

/**
 * The rate as QuantLib's trees see it: the forward rate of a flat curve over 1e-4 years, read off discount factors. So
 * short a span leaves it 12 digits; taking them over is what makes prices agree to more than that. The sum below is the
 * exponential of so small a number, correctly rounded.
 */
export function shortForwardRate(rate: number): number {
  const x = rate * forwardSpan;
  const growth = 1 + x * (1 + (x / 2) * (1 + (x / 3) * (1 + x / 4)));
  const discount = 1 / growth;
  return Math.log(1 / discount) / forwardSpan;
}

/** The second inversion of Peizer and Pratt: a probability whose binomial distribution fits the normal one at z. */
function peizerPratt(z: number, n: number): number {
  const scaled = z / (n + 1 / 3 + 0.1 / (n + 1));
  const spread = Math.exp(-scaled * scaled * (n + 1 / 6));
  return 0.5 + Math.sign(z) * Math.sqrt(0.25 * (1 - spread));
}

function joshiProbability(k: number, dj: number): number {
  const alpha = dj / Math.sqrt(8);
  const alpha2 = alpha * alpha;
  const alpha3 = alpha * alpha2;
  const alpha5 = alpha3 * alpha2;
  const alpha7 = alpha5 * alpha2;
  const beta = -0.375 * alpha - alpha3;
  const gamma = (5 / 6) * alpha5 + (13 / 12) * alpha3 + (25 / 128) * alpha;
  const delta = -0.1025 * alpha - 0.9285 * alpha3 - 1.43 * alpha5 - 0.5 * alpha7;
  const root = Math.sqrt(k);
  return 0.5 + (alpha + beta / k + gamma / (k * k) + delta / (k * k * k)) / root;
}
