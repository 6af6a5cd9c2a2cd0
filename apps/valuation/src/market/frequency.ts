// The coupon period of a frequency, read once from its name.

import { type FrequencyName, frequencyNames, frequencyTenors } from '../instruments/index.ts';
import { type Period, parsePeriod, periodUnits } from './period.ts';

const none: Period = { length: 0, unit: periodUnits.days };
const periods = new Map<string, Period>(
  frequencyNames.map((name) => [name, parsePeriod(frequencyTenors[name]) ?? none]),
);

export function frequencyPeriod(name: FrequencyName): Period {
  return periods.get(name) ?? none;
}
