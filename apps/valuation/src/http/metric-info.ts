// What the metrics are, for forms, and documentation.

import { americanEngines, europeanEngines } from '../instruments/index.ts';
import { metricNames, metrics } from '../pricing/index.ts';
import type { MetricInfoView } from './views.ts';

const optionEngines = [...new Set<string>([...europeanEngines, ...americanEngines])];

export const metricInfos: readonly MetricInfoView[] = metricNames.map((name) => ({
  name,
  title: metrics[name].title,
  instruments: [...metrics[name].instruments],
  engines: metrics[name].instruments.includes('europeanOption') ? optionEngines : [],
  columns: [...metrics[name].columns],
}));
