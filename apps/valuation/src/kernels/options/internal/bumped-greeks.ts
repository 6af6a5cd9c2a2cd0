// Greeks that an engine does not give itself, by pricing again with one input moved both ways and taking the central
// difference. Trees jump a little as nodes pass the strike, so the moves are wide: they smooth that, at a small bias.

import { statusCodes } from '../../status.ts';
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

/** The inputs that can be moved. */
export type MovedInput = 'volatility' | 'rate' | 'dividendYield';

/** The derivative of the engine's price by one of its inputs; NaN where a moved option has no price. */
export function bumpedGreek(
  engine: Engine,
  option: OptionPoint,
  settings: EngineSettings,
  input: MovedInput,
): number {
  const centre = option[input];
  const move = input === 'volatility' ? Math.min(volatilityMove, centre / 10) : rateMove;
  option[input] = centre + move;
  const up = movedValue(engine, option, settings);
  option[input] = centre - move;
  const down = movedValue(engine, option, settings);
  option[input] = centre;
  return (up - down) / (2 * move);
}

function movedValue(engine: Engine, option: OptionPoint, settings: EngineSettings): number {
  clearPrice(moved);
  return engine(option, settings, moved) === statusCodes.PRICED ? moved.value : Number.NaN;
}
