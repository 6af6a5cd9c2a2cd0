// The price as an integral of payoff times density over the log price: the trapezoid rule with 5,000 intervals over ten
// standard deviations either side, the grid of QuantLib's IntegralEngine. The rule's own error, mostly at the kink of the
// payoff, is far above rounding, so the grid is part of the method and must be the same to the last step.

import { type StatusCode, statusCodes } from '../../status.ts';
import type { EngineSettings, OptionPoint, PricePoint } from './option-point.ts';

const intervals = 5000;
const deviationsOut = 10;

/** Gives the value only. */
export function integralEngine(
  option: OptionPoint,
  _settings: EngineSettings,
  price: PricePoint,
): StatusCode {
  const { sign, spot, strike, rate, dividendYield, volatility, time } = option;
  const variance = volatility * volatility * time;
  const drift = (rate - dividendYield) * time - 0.5 * variance;
  const reach = deviationsOut * Math.sqrt(variance);
  const low = drift - reach;
  const high = drift + reach;
  const width = (high - low) / intervals;
  const factor = -0.5 / variance;
  let sum = 0;
  for (let end = 0; end < 2; end++) {
    const x = end === 0 ? low : high;
    const payoff = sign * (spot * Math.exp(x) - strike);
    if (payoff > 0) sum += 0.5 * payoff * Math.exp(factor * (x - drift) * (x - drift));
  }
  const last = high - 0.5 * width;
  for (let x = low + width; x < last; x += width) {
    const payoff = sign * (spot * Math.exp(x) - strike);
    if (payoff > 0) sum += payoff * Math.exp(factor * (x - drift) * (x - drift));
  }
  price.value = (Math.exp(-rate * time) / Math.sqrt(2 * Math.PI * variance)) * sum * width;
  return statusCodes.PRICED;
}
