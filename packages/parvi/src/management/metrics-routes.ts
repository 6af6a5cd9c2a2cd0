// /metrics: what Prometheus scrapes.

import type { MetricsRegistry } from '../observe/index.ts';
import { metricsFormatOf, metricsText, metricsTypes } from './metrics-text.ts';
import type { Route } from './protocol.ts';

export function metricsRoutes(metrics: Pick<MetricsRegistry, 'snapshot'>): Route[] {
  return [
    {
      path: '/metrics',
      match: 'exact',
      group: 'other',
      methods: {
        GET: ({ headers }) => {
          const format = metricsFormatOf(headers.accept);
          const body = metricsText(metrics.snapshot(), format);
          return { status: 200, headers: { 'content-type': metricsTypes[format] }, body };
        },
      },
    },
  ];
}
