import { expect, it } from 'vitest';
import { nodeVersion, parviVersion, systemProcess } from '../runtime/index.ts';
import { ManualTime } from '../testkit/manual-time.ts';
import type { HistogramSample } from './metrics.ts';
import { MetricsRegistry } from './metrics.ts';
import { registerProcessMetrics } from './process-metrics.ts';

function registered() {
  const metrics = new MetricsRegistry();
  const time = new ManualTime();
  // A loop that stands still: its clock goes on while no timer fires.
  const still = { ms: 0 };
  const handles = registerProcessMetrics(metrics, {
    process: { ...systemProcess, residentBytes: () => 4096 },
    usage: {
      cpuSeconds: () => 1.5,
      heapUsedBytes: () => 2048,
      loopActiveSeconds: () => 0.5,
      startedAtSeconds: () => 1000,
    },
    loopDelay: {
      quantileMs: (q) => q * 100,
      maxMs: () => 250,
      reset: () => undefined,
      stop: () => undefined,
    },
    clock: { ...time.clock, nowMs: () => time.clock.nowMs() + still.ms },
    timers: time.timers,
  });
  return { metrics, time, still, handles };
}

function lateness(metrics: MetricsRegistry): HistogramSample {
  const metric = metrics
    .snapshot()
    .find(({ name }) => name === 'parvi_event_loop_lateness_seconds');
  const [sample] = metric?.kind === 'histogram' ? metric.samples : [];
  if (sample === undefined) throw new Error('the histogram has no sample');
  return sample;
}

it('shows versions, memory, processor time and the delays of the loop in base units', () => {
  const { metrics } = registered();
  const values = metrics
    .snapshot()
    .flatMap((metric) =>
      metric.kind === 'histogram' ? [] : metric.samples.map((s) => [metric.name, s]),
    );
  expect(values).toEqual([
    ['nodejs_heap_used_bytes', { labels: [], value: 2048 }],
    ['parvi_event_loop_active_seconds_total', { labels: [], value: 0.5 }],
    ['parvi_event_loop_delay_max_seconds', { labels: [], value: 0.25 }],
    ['parvi_event_loop_delay_seconds', { labels: ['50'], value: 0.05 }],
    ['parvi_event_loop_delay_seconds', { labels: ['99'], value: 0.099 }],
    ['parvi_info', { labels: [parviVersion, nodeVersion], value: 1 }],
    ['parvi_metric_read_failures_total', { labels: [], value: 0 }],
    ['process_cpu_seconds_total', { labels: [], value: 1.5 }],
    ['process_resident_memory_bytes', { labels: [], value: 4096 }],
    ['process_start_time_seconds', { labels: [], value: 1000 }],
  ]);
});

it('records how late the loop is twice a second, and counts a standstill in the bucket of its length', () => {
  const { metrics, time, still } = registered();
  time.advance(1000);
  expect(lateness(metrics)).toMatchObject({ count: 2, sum: 0 });
  still.ms = 3000;
  time.advance(500);
  const sample = lateness(metrics);
  expect(sample.count).toBe(3);
  expect(sample.sum).toBeCloseTo(3, 5);
  const above = (seconds: number): number =>
    sample.bucketCounts
      .filter((_, i) => (sample.upperBounds[i] ?? Number.POSITIVE_INFINITY) > seconds)
      .reduce((sum, count) => sum + count, 0);
  expect([above(1), above(5)]).toEqual([1, 0]);
});

it('ends with its handles', () => {
  const { metrics, handles, time } = registered();
  for (const handle of handles) handle.cancel();
  time.advance(5000);
  expect(metrics.snapshot().map(({ name }) => name)).toEqual([
    'parvi_event_loop_lateness_seconds',
    'parvi_metric_read_failures_total',
  ]);
  expect(lateness(metrics).count).toBe(0);
});
