import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type GridMetrics,
  gridMetrics,
  metricsPage,
  metricsPagePath,
} from '../scripts/metrics-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

let metrics: GridMetrics;
let all: GridMetrics['controller'];

beforeAll(async () => {
  metrics = await gridMetrics(async ({ service }) => {
    const { id } = await service.submitReference('OptionPV', 40);
    for (let job = await service.job(id); job.endedAt === undefined; job = await service.job(id)) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  });
  all = [...metrics.controller, ...metrics.worker];
}, 60_000);

/** Units that are no base units, and kinds of metrics, as words of a name. */
const strangeWords =
  /(^|_)(ms|millis|milliseconds|micros|nanos|minutes|hours|kb|mb|kilobytes|megabytes|percent|gauge|counter|histogram)(_|$)/;

describe('the metrics of a running controller and worker', () => {
  it('are the ones on their page; else run "npm run docs"', () => {
    expect(readFileSync(join(root, metricsPagePath), 'utf8')).toBe(metricsPage(metrics));
  });

  it('have the prefix of what they are about', () => {
    const odd = all.filter(({ name }) => !/^(parvi|valuation|process|nodejs)_/.test(name));
    expect(odd).toEqual([]);
  });

  it('are named with base units, and without their kind', () => {
    expect(all.filter(({ name }) => strangeWords.test(name)).map(({ name }) => name)).toEqual([]);
  });

  it('end in _total exactly when they only grow, and never in what histograms add', () => {
    for (const { name, kind } of all) {
      expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
      expect(name).not.toMatch(/_(sum|count|bucket)$/);
    }
  });

  it('name the unit last where they measure time or bytes', () => {
    for (const { name } of all) {
      if (!/seconds|bytes/.test(name)) continue;
      expect(name).toMatch(/(seconds|bytes)(_total)?$/);
    }
  });

  it('help with one sentence without a full stop', () => {
    for (const { name, help } of all) {
      expect([name, help]).toEqual([name, expect.stringMatching(/^[A-Z0-9][^\n]{5,}[^.\s]$/)]);
    }
  });

  it('have few labels, and few series of each', () => {
    for (const { name, labelNames, samples } of all) {
      expect([name, labelNames.length <= 2, samples.length <= 32]).toEqual([name, true, true]);
    }
    const series = metrics.controller.reduce((sum, { samples }) => sum + samples.length, 0);
    expect(series).toBeLessThan(300);
  });

  it('can all be read, and have seen the job', () => {
    const value = (from: GridMetrics['controller'], name: string): number | undefined => {
      const [sample] = from.find((metric) => metric.name === name)?.samples ?? [];
      return sample === undefined ? undefined : 'count' in sample ? sample.count : sample.value;
    };
    for (const from of [metrics.controller, metrics.worker]) {
      expect(value(from, 'parvi_metric_read_failures_total')).toBe(0);
      expect(value(from, 'parvi_actor_messages_handled_total')).toBeGreaterThan(0);
    }
    expect(value(metrics.controller, 'valuation_jobs_ended_total')).toBe(1);
    expect(value(metrics.controller, 'valuation_chunk_round_trip_seconds')).toBeGreaterThan(0);
    expect(value(metrics.worker, 'valuation_worker_chunk_pricing_seconds')).toBeGreaterThan(0);
  });
});
