// A European option by simulation in one step to maturity, sampled in batches until the standard error of the mean is within
// the tolerance: 1,023 samples first, then as many as the error so far asks for, the rule of QuantLib's McSimulation.

import { type StatusCode, statusCodes } from '../../status.ts';
import { lowDiscrepancyDraws, type NormalDraws, pseudoRandomDraws } from './normal-draws.ts';
import type { EngineSettings, OptionPoint, PricePoint } from './option-point.ts';

const firstSamples = 1023;

let samples = new Float64Array(1024);

/** Gives the value only. */
export function pseudoRandomEngine(
  option: OptionPoint,
  settings: EngineSettings,
  price: PricePoint,
): StatusCode {
  return simulate(option, settings, price, pseudoRandomDraws(settings.seed));
}

/** Gives the value only; the seed plays no part in one dimension. */
export function lowDiscrepancyEngine(
  option: OptionPoint,
  settings: EngineSettings,
  price: PricePoint,
): StatusCode {
  return simulate(option, settings, price, lowDiscrepancyDraws());
}

function simulate(
  option: OptionPoint,
  { tolerance, samplesMax }: EngineSettings,
  price: PricePoint,
  draws: NormalDraws,
): StatusCode {
  let count = 0;
  let sum = 0;
  let batch = Math.min(firstSamples, samplesMax);
  for (;;) {
    sum += addSamples(option, draws.take(count + batch), count, batch);
    count += batch;
    const mean = sum / count;
    const error = Math.sqrt(varianceAround(mean, count) / count);
    if (error <= tolerance) {
      price.value = mean;
      return statusCodes.PRICED;
    }
    if (count >= samplesMax || !Number.isFinite(error)) return statusCodes.NO_CONVERGENCE;
    const order = (error * error) / tolerance / tolerance;
    const wanted = Math.max(count * order * 0.8 - count, firstSamples);
    batch = Math.floor(Math.min(wanted, samplesMax - count));
  }
}

/** Draws `count` more samples after the first `from` and returns their sum. */
function addSamples(
  { sign, spot, strike, rate, dividendYield, volatility, time }: OptionPoint,
  normals: Float64Array,
  from: number,
  count: number,
): number {
  if (samples.length < from + count) {
    const grown = new Float64Array(Math.max(from + count, 2 * samples.length));
    grown.set(samples.subarray(0, from));
    samples = grown;
  }
  const variance = volatility * volatility * time;
  const deviation = Math.sqrt(variance);
  const drift = (rate - dividendYield) * time - 0.5 * variance;
  const discount = Math.exp(-rate * time);
  let sum = 0;
  for (let i = from; i < from + count; i++) {
    const end = spot * Math.exp(deviation * (normals[i] as number) + drift);
    const payoff = sign * (end - strike);
    const worth = payoff > 0 ? payoff * discount : 0;
    samples[i] = worth;
    sum += worth;
  }
  return sum;
}

function varianceAround(mean: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const distance = (samples[i] as number) - mean;
    sum += distance * distance;
  }
  return ((sum / count) * count) / (count - 1);
}
