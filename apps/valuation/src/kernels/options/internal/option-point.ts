// One option and its price as two reusable records: what the numerical engines work on. They are filled and emptied, never
// made, inside a batch.

import type { StatusCode } from '../../status.ts';

/** The option being priced; fields as in `OptionBatch`. */
export interface OptionPoint {
  /** +1 call, −1 put. */
  sign: number;
  spot: number;
  strike: number;
  rate: number;
  dividendYield: number;
  volatility: number;
  time: number;
}

/** What one run of an engine gives; NaN for what it does not give. */
export interface PricePoint {
  value: number;
  delta: number;
  gamma: number;
  theta: number;
}

/** What the engines need to know besides the option. */
export interface EngineSettings {
  /** Steps of a tree. */
  steps: number;
  timeSteps: number;
  spaceSteps: number;
  tolerance: number;
  samplesMax: number;
  seed: number;
}

/** Prices `option` into `price` and says how it went. */
export type Engine = (
  option: OptionPoint,
  settings: EngineSettings,
  price: PricePoint,
) => StatusCode;

export function createOptionPoint(): OptionPoint {
  return { sign: 1, spot: 1, strike: 1, rate: 0, dividendYield: 0, volatility: 1, time: 1 };
}

export function createPricePoint(): PricePoint {
  return { value: Number.NaN, delta: Number.NaN, gamma: Number.NaN, theta: Number.NaN };
}

export function clearPrice(price: PricePoint): void {
  price.value = Number.NaN;
  price.delta = Number.NaN;
  price.gamma = Number.NaN;
  price.theta = Number.NaN;
}

/** Theta from the Black–Scholes equation itself, which ties it to value, delta and gamma; per year. */
export function thetaOfEquation(
  { spot, volatility }: OptionPoint,
  { value, delta, gamma }: PricePoint,
  rate: number,
  dividendYield: number,
): number {
  const carry = (rate - dividendYield) * spot * delta;
  return rate * value - carry - 0.5 * volatility * volatility * spot * spot * gamma;
}
