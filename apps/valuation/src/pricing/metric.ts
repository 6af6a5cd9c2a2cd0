// The metrics: what each is called, which instruments have it and which further figures come with it.

import type { InstrumentName } from '../instruments/index.ts';

export const metricNames = ['NPV', 'ParRate', 'FwdRate', 'IRDelta', 'OptionPV'] as const;
export type Metric = (typeof metricNames)[number];

export interface MetricDescription {
  readonly name: Metric;
  readonly title: string;
  readonly instruments: readonly InstrumentName[];
  /** Names of the columns besides the value; a trade without the figure has not-a-number there. */
  readonly columns: readonly string[];
}

const rateInstruments = ['fra', 'deposit', 'swap'] as const;
const options = ['europeanOption', 'americanOption'] as const;

/** Columns of the option metric, each multiplied by the quantity. */
export const greekColumns = [
  'delta',
  'gamma',
  'vega',
  'theta',
  'thetaPerDay',
  'rho',
  'dividendRho',
] as const;

export const metrics: Readonly<Record<Metric, MetricDescription>> = {
  NPV: {
    name: 'NPV',
    title: 'Net present value at the reference date of the curve',
    instruments: [...rateInstruments, ...options],
    columns: ['fixedLegNpv', 'floatingLegNpv'],
  },
  ParRate: {
    name: 'ParRate',
    title: 'Rate at which the trade is worth nothing',
    instruments: rateInstruments,
    columns: [],
  },
  FwdRate: {
    name: 'FwdRate',
    title: 'Spot value of the loan under a FRA at its forward rate',
    instruments: ['fra'],
    columns: ['forwardRate'],
  },
  IRDelta: {
    name: 'IRDelta',
    title: 'Change of value for one basis point of interest rates, up and down halved',
    instruments: rateInstruments,
    columns: [],
  },
  OptionPV: {
    name: 'OptionPV',
    title: 'Value of an option, with greeks',
    instruments: options,
    columns: greekColumns,
  },
};

export function isMetric(name: unknown): name is Metric {
  return typeof name === 'string' && Object.hasOwn(metrics, name);
}
