// A European option on a binomial tree without rolling the tree back: the values after two steps are expectations over the
// binomial distribution of the remaining moves, so three weighted sums over the last level give what the rollback gives.
// Only nodes that can be reached with a probability that shows in a double are summed.

import { type StatusCode, statusCodes } from '../../status.ts';
import { buildTree, createBinomialTree, type TreeName } from './binomial-tree.ts';
import type { EngineSettings, OptionPoint, PricePoint } from './option-point.ts';
import { reachOfMoves } from './reach.ts';
import { createTreeTop, priceOfTop } from './tree-greeks.ts';

const tree = createBinomialTree();
const top = createTreeTop();
let payoffs = new Float64Array(1024);

/** Gives value, delta, gamma and theta. */
export function europeanTree(
  name: TreeName,
  option: OptionPoint,
  settings: EngineSettings,
  price: PricePoint,
): StatusCode {
  if (!buildTree(name, option, settings.steps, tree)) return statusCodes.NEGATIVE_PROBABILITY;
  const moves = tree.steps - 2;
  const reach = reachOfMoves(moves);
  const low = Math.max(0, Math.floor(moves * tree.up - reach));
  const high = Math.min(moves, Math.ceil(moves * tree.up + reach));
  fillPayoffs(option, low, high + 2);
  sumLevel(moves, low, high);
  const { up, discount } = tree;
  const toUp = up * discount;
  const toDown = (1 - up) * discount;
  const twoSteps = discount ** moves;
  top.low *= twoSteps;
  top.middle *= twoSteps;
  top.high *= twoSteps;
  top.down = toDown * top.low + toUp * top.middle;
  top.up = toDown * top.middle + toUp * top.high;
  top.root = toDown * top.down + toUp * top.up;
  priceOfTop(option, tree, top, price);
  return statusCodes.PRICED;
}

function fillPayoffs(option: OptionPoint, low: number, high: number): void {
  if (payoffs.length < high - low + 1) payoffs = new Float64Array(2 * (high - low + 1));
  const { sign, spot, strike } = option;
  const base = tree.steps * tree.down;
  for (let j = low; j <= high; j++) {
    const payoff = sign * (spot * Math.exp(base + j * tree.step) - strike);
    payoffs[j - low] = Math.max(payoff, 0);
  }
}

/** Weights are built outwards from the most likely node, by ratios, and normed by their sum at the end. */
function sumLevel(moves: number, low: number, high: number): void {
  const odds = tree.up / (1 - tree.up);
  const mode = Math.min(high, Math.max(low, Math.round(moves * tree.up)));
  let total = 0;
  let sumLow = 0;
  let sumMiddle = 0;
  let sumHigh = 0;
  let weight = 1;
  for (let j = mode; j <= high; j++) {
    const at = j - low;
    total += weight;
    sumLow += weight * (payoffs[at] as number);
    sumMiddle += weight * (payoffs[at + 1] as number);
    sumHigh += weight * (payoffs[at + 2] as number);
    weight *= ((moves - j) / (j + 1)) * odds;
  }
  weight = 1;
  for (let j = mode; j > low; j--) {
    weight *= j / ((moves - j + 1) * odds);
    const at = j - 1 - low;
    total += weight;
    sumLow += weight * (payoffs[at] as number);
    sumMiddle += weight * (payoffs[at + 1] as number);
    sumHigh += weight * (payoffs[at + 2] as number);
  }
  top.low = sumLow / total;
  top.middle = sumMiddle / total;
  top.high = sumHigh / total;
}
