// The payoff at maturity averaged over the cell around a mesh point, which keeps the kink at the strike from showing in the
// solution. Away from the kink the average of exp is closed form; in the cell with the kink it is QuantLib's Simpson rule
// with its stopping rule, because there the rule's own error is part of the method.

import type { OptionPoint } from './option-point.ts';

const levelsMax = 8;
const levelsMin = 5;

export function averagePayoff(
  option: OptionPoint,
  mesh: Float64Array,
  size: number,
  i: number,
): number {
  const at = mesh[i] as number;
  if (i === 0 || i === size - 1) return payoff(option, at);
  const low = at - (at - (mesh[i - 1] as number)) / 2;
  const high = at + ((mesh[i + 1] as number) - at) / 2;
  const payoffLow = option.sign * (Math.exp(low) - option.strike);
  const payoffHigh = option.sign * (Math.exp(high) - option.strike);
  if (payoffLow <= 0 && payoffHigh <= 0) return 0;
  if (payoffLow > 0 && payoffHigh > 0) return averageInMoney(option, low, high);
  return simpson(option, low, high) ?? payoff(option, at);
}

function payoff({ sign, strike }: OptionPoint, x: number): number {
  const worth = sign * (Math.exp(x) - strike);
  return Math.max(worth, 0);
}

/** exp averages to exp(centre) · sinh(h)/h over a cell of half width h; the series keeps full precision for small h. */
function averageInMoney({ sign, strike }: OptionPoint, low: number, high: number): number {
  const h = (high - low) / 2;
  const square = h * h;
  const factor =
    h < 0.3
      ? 1 + (square / 6) * (1 + (square / 20) * (1 + (square / 42) * (1 + square / 72)))
      : Math.sinh(h) / h;
  return sign * (Math.exp((low + high) / 2) * factor - strike);
}

/** Undefined when the rule does not settle. */
function simpson(option: OptionPoint, low: number, high: number): number | undefined {
  const ends = payoff(option, low) + payoff(option, high);
  const accuracy = ends !== 0 ? ends * 5e-5 : 1e-4;
  let intervals = 1;
  let trapezoid = (ends * (high - low)) / 2;
  let estimate = trapezoid;
  for (let level = 1; level < levelsMax; level++) {
    const width = (high - low) / intervals;
    let sum = 0;
    let x = low + width / 2;
    for (let j = 0; j < intervals; j++, x += width) sum += payoff(option, x);
    const refined = (trapezoid + width * sum) / 2;
    intervals *= 2;
    const better = (4 * refined - trapezoid) / 3;
    if (Math.abs(estimate - better) <= accuracy && level > levelsMin) return better / (high - low);
    trapezoid = refined;
    estimate = better;
  }
  return undefined;
}
