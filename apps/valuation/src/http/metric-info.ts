// What the metrics are, for forms, documentation and the columns of result files.

import { americanEngines, europeanEngines } from '../instruments/index.ts';
import { isMetric, metricNames, metrics } from '../pricing/index.ts';
import type { MetricInfoView } from './views.ts';

const optionEngines = [...new Set<string>([...europeanEngines, ...americanEngines])];

export const metricInfos: readonly MetricInfoView[] = metricNames.map((name) => ({
  name,
  title: metrics[name].title,
  instruments: [...metrics[name].instruments],
  engines: metrics[name].instruments.includes('europeanOption') ? optionEngines : [],
}));

/** Names of the further figures of a metric's results, in the order of a CSV file's columns. */
export function metricExtras(metric: string): readonly string[] {
  return isMetric(metric) ? metrics[metric].columns : [];
}
