// Value, delta and gamma from the first three levels of a tree, as J. Hull's book takes them (chapter on binomial trees):
// delta from the two nodes after one step, gamma from the three after two, theta from the Black–Scholes equation.

import { type BinomialTree, shortForwardRate } from './binomial-tree.ts';
import { type OptionPoint, type PricePoint, thetaOfEquation } from './option-point.ts';

/** The values at the first levels of a tree. */
export interface TreeTop {
  /** After two steps: down–down, middle, up–up. */
  low: number;
  middle: number;
  high: number;
  /** After one step. */
  down: number;
  up: number;
  /** Today. */
  root: number;
}

export function createTreeTop(): TreeTop {
  return { low: 0, middle: 0, high: 0, down: 0, up: 0, root: 0 };
}

export function priceOfTop(
  option: OptionPoint,
  tree: BinomialTree,
  top: TreeTop,
  price: PricePoint,
): void {
  const { spot } = option;
  const twoDown = spot * Math.exp(2 * tree.down);
  const twoMiddle = spot * Math.exp(2 * tree.down + tree.step);
  const twoUp = spot * Math.exp(2 * tree.down + 2 * tree.step);
  const slopeUp = (top.high - top.middle) / (twoUp - twoMiddle);
  const slopeDown = (top.middle - top.low) / (twoMiddle - twoDown);
  const oneDown = spot * Math.exp(tree.down);
  const oneUp = spot * Math.exp(tree.down + tree.step);
  price.value = top.root;
  price.delta = (top.up - top.down) / (oneUp - oneDown);
  price.gamma = (slopeUp - slopeDown) / ((twoUp - twoDown) / 2);
  const rate = shortForwardRate(option.rate);
  price.theta = thetaOfEquation(option, price, rate, shortForwardRate(option.dividendYield));
}
