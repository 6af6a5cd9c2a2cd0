// An American option on a binomial tree: rolled back from maturity, at each node the better of holding and exercising.
// Only the band of nodes that the walk reaches with a probability worth counting is rolled back; the node outside either
// edge, which the next level may read, is set to its intrinsic value. The payoff at maturity is always there.

import { type StatusCode, statusCodes } from '../../status.ts';
import {
  type BinomialTree,
  buildTree,
  createBinomialTree,
  type TreeName,
} from './binomial-tree.ts';
import type { EngineSettings, OptionPoint, PricePoint } from './option-point.ts';
import { reachOfMoves } from './reach.ts';
import { createTreeTop, priceOfTop } from './tree-greeks.ts';

const tree = createBinomialTree();
const top = createTreeTop();
let values = new Float64Array(1024);
/**
 * Prices of the underlying by half steps from the centre, spot · exp(m · step / 2), the even and the odd m apart so that a
 * level reads neighbours: node j of level i has m = 2j − i.
 */
let evenPrices = new Float64Array(1024);
let oddPrices = new Float64Array(1024);

/** Gives value, delta, gamma and theta. */
export function americanTree(
  name: TreeName,
  option: OptionPoint,
  settings: EngineSettings,
  price: PricePoint,
): StatusCode {
  if (!buildTree(name, option, settings.steps, tree)) return statusCodes.NEGATIVE_PROBABILITY;
  fillPrices(option, tree);
  rollBack(option, tree);
  priceOfTop(option, tree, top, price);
  return statusCodes.PRICED;
}

function fillPrices(option: OptionPoint, { steps, step, up }: BinomialTree): void {
  const half = (steps + 2) >> 1;
  const size = 2 * half + 2;
  if (evenPrices.length < size) {
    evenPrices = new Float64Array(2 * size);
    oddPrices = new Float64Array(2 * size);
    values = new Float64Array(2 * size);
  }
  // The widest band is that of the last level, seen from the centre of every level before it.
  const drift = Math.abs(steps * (up - 0.5));
  const reach = Math.min(half, Math.ceil(reachOfMoves(steps) + drift) + 2);
  const halfStep = Math.exp(0.5 * step);
  for (let k = half - reach; k <= half + reach; k++) {
    const even = option.spot * Math.exp((k - half) * step);
    evenPrices[k] = even;
    oddPrices[k] = even * halfStep;
  }
}

/** The level being filled: its band of nodes, and how node prices and exercise values come from the table. */
const level = { low: 0, high: 0, offset: 0, growth: 1, exercise: 0, toDown: 0, toUp: 0 };

function rollBack(option: OptionPoint, { steps, up, discount, down, step }: BinomialTree): void {
  const half = (steps + 2) >> 1;
  // Node prices are table · exp(i · shift): 1 for a tree that is centred on the spot.
  const shift = down + 0.5 * step;
  level.exercise = option.sign * option.strike;
  level.toUp = up * discount;
  level.toDown = (1 - up) * discount;
  for (let i = steps; i >= 0; i--) {
    const reach = reachOfMoves(i);
    level.low = Math.max(0, Math.floor(i * up - reach));
    level.high = Math.min(i, Math.ceil(i * up + reach));
    level.offset = half - ((i + 1) >> 1);
    level.growth = option.sign * (shift === 0 ? 1 : Math.exp(i * shift));
    const prices = (i & 1) === 0 ? evenPrices : oddPrices;
    if (i === steps) fillLastLevel(prices);
    else holdOrExercise(prices);
    if (level.low > 0) values[level.low - 1] = intrinsic(prices, level.low - 1);
    if (level.high < i) values[level.high + 1] = intrinsic(prices, level.high + 1);
    keepTop(i);
  }
}

function fillLastLevel(prices: Float64Array): void {
  for (let j = level.low; j <= level.high; j++) values[j] = intrinsic(prices, j);
}

function holdOrExercise(prices: Float64Array): void {
  const { low, high, offset, growth, exercise, toDown, toUp } = level;
  const nodes = values;
  let here = nodes[low] as number;
  for (let j = low; j <= high; j++) {
    const above = nodes[j + 1] as number;
    const held = toDown * here + toUp * above;
    const exercised = (prices[j + offset] as number) * growth - exercise;
    nodes[j] = Math.max(held, exercised);
    here = above;
  }
}

function intrinsic(prices: Float64Array, j: number): number {
  const payoff = (prices[j + level.offset] as number) * level.growth - level.exercise;
  return Math.max(payoff, 0);
}

function keepTop(i: number): void {
  if (i === 2) {
    top.low = values[0] as number;
    top.middle = values[1] as number;
    top.high = values[2] as number;
  } else if (i === 1) {
    top.down = values[0] as number;
    top.up = values[1] as number;
  } else if (i === 0) top.root = values[0] as number;
}
