import { expect, it } from 'vitest';
import { systemProcess } from '../runtime/index.ts';
import { MetricsRegistry } from './metrics.ts';
import { registerProcessMetrics } from './process-metrics.ts';

it('shows the memory of the process and the delays of its loop in base units', () => {
  const metrics = new MetricsRegistry();
  registerProcessMetrics(metrics, {
    process: { ...systemProcess, residentBytes: () => 4096 },
    loopDelay: {
      quantileMs: (q) => q * 100,
      maxMs: () => 250,
      reset: () => undefined,
      stop: () => undefined,
    },
  });
  const values = metrics
    .snapshot()
    .flatMap((metric) => metric.samples.map((s) => [metric.name, s]));
  expect(values).toEqual([
    ['parvi_event_loop_delay_max_seconds', { labels: [], value: 0.25 }],
    ['parvi_event_loop_delay_seconds', { labels: ['50'], value: 0.05 }],
    ['parvi_event_loop_delay_seconds', { labels: ['99'], value: 0.099 }],
    ['parvi_metric_read_failures_total', { labels: [], value: 0 }],
    ['process_resident_memory_bytes', { labels: [], value: 4096 }],
  ]);
});
