// Greeks that an engine does not give itself, by pricing again with one input moved both ways and taking the central
// difference. Trees jump a little as nodes pass the strike, so the moves are wide: they smooth that, at a small bias.

import { statusCodes } from '../../status.ts';
import type { OptionResults } from '../options-batch.ts';
import {
  clearPrice,
  createPricePoint,
  type Engine,
  type EngineSettings,
  type OptionPoint,
} from './option-point.ts';

const volatilityMove = 0.005;
const rateMove = 0.001;

const moved = createPricePoint();

/** Vega, rho and dividend rho of place `i`. */
export function bumpGreeks(
  engine: Engine,
  option: OptionPoint,
  settings: EngineSettings,
  out: OptionResults,
  i: number,
): void {
  out.vega[i] = slopeBy('volatility', Math.min(volatilityMove, option.volatility / 10));
  out.rho[i] = slopeBy('rate', rateMove);
  out.dividendRho[i] = slopeBy('dividendYield', rateMove);

  function slopeBy(field: 'volatility' | 'rate' | 'dividendYield', move: number): number {
    const centre = option[field];
    const up = valueWith(field, centre + move);
    const down = valueWith(field, centre - move);
    option[field] = centre;
    return (up - down) / (2 * move);
  }

  function valueWith(field: 'volatility' | 'rate' | 'dividendYield', input: number): number {
    option[field] = input;
    clearPrice(moved);
    const status = engine(option, settings, moved);
    return status === statusCodes.PRICED ? moved.value : Number.NaN;
  }
}
