// What the metrics are, for forms, documentation and the columns of result files.

import type { MetricInfoView } from './views.ts';

const rates = ['fra', 'deposit', 'swap'];
const options = ['europeanOption', 'americanOption'];
const engines = ['analytic', 'consensus'];

export interface MetricInfo extends MetricInfoView {
  /** Names of the further figures of a result, in the order of a CSV file's columns. */
  readonly extras: readonly string[];
}

export const metricInfos: readonly MetricInfo[] = [
  {
    name: 'NPV',
    title: 'net present value',
    instruments: [...rates, ...options],
    engines,
    extras: [],
  },
];

export function metricExtras(metric: string): readonly string[] {
  return metricInfos.find((info) => info.name === metric)?.extras ?? [];
}
