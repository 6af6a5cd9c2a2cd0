import { describe, expect, it } from 'vitest';
import { MetricsRegistry } from './metrics.ts';

const help = 'Things that happened';

function sampleOf(registry: MetricsRegistry, name: string) {
  const metric = registry.snapshot().find((one) => one.name === name);
  expect(metric, `metric ${name}`).toBeDefined();
  return metric?.samples ?? [];
}

describe('a metrics registry', () => {
  it('shows what was counted, by name', () => {
    const registry = new MetricsRegistry();
    const counter = registry.counter({ name: 'b_total', help });
    registry.gauge({ name: 'a', help }).set(-2.5);
    counter.add();
    counter.add(4);
    const names = registry.snapshot().map((metric) => metric.name);
    expect(names).toEqual(['a', 'b_total', 'parvi_metric_read_failures_total']);
    expect(sampleOf(registry, 'b_total')).toEqual([{ labels: [], value: 5 }]);
    expect(sampleOf(registry, 'a')).toEqual([{ labels: [], value: -2.5 }]);
  });

  it('refuses to let a counter shrink or become no number', () => {
    const counter = new MetricsRegistry().counter({ name: 'a_total', help });
    expect(() => counter.add(-1)).toThrow(/grows by zero or more, not by -1/);
    expect(() => counter.add(Number.NaN)).toThrow(/not by NaN/);
    expect(counter.value).toBe(0);
  });

  it('gives the same instrument for the same declaration and refuses another one', () => {
    const registry = new MetricsRegistry();
    const first = registry.counter({ name: 'a_total', help });
    expect(registry.counter({ name: 'a_total', help })).toBe(first);
    expect(() => registry.counter({ name: 'a_total', help, labels: ['peer'] })).toThrow(
      expect.objectContaining({ code: 'METRIC_CONFLICT' }),
    );
    const histogram = registry.histogram({ name: 'b_seconds', help, buckets: [1, 2] });
    expect(registry.histogram({ name: 'b_seconds', help, buckets: [1, 2] })).toBe(histogram);
    expect(() => registry.histogram({ name: 'b_seconds', help, buckets: [1, 3] })).toThrow(
      expect.objectContaining({ code: 'METRIC_CONFLICT' }),
    );
    expect(() => registry.gauge({ name: 'b_seconds', help })).toThrow(/registered as histogram/);
  });

  it.each(['Total', 'a-b_total', '_a_total', 'a__b_total', 'a_total_', ''])(
    'refuses the name "%s"',
    (name) => {
      expect(() => new MetricsRegistry().counter({ name, help })).toThrow(
        expect.objectContaining({ code: 'METRIC_NAME_INVALID', fields: { name } }),
      );
    },
  );

  it('wants counters to end in _total and labels to be words', () => {
    const registry = new MetricsRegistry();
    expect(() => registry.counter({ name: 'letters', help })).toThrow(/ends in "_total"/);
    expect(() => registry.gauge({ name: 'a', help, labels: ['le'] })).toThrow(
      expect.objectContaining({ code: 'METRIC_LABELS_INVALID' }),
    );
    expect(registry.snapshot()).toHaveLength(1);
  });

  it('keeps label combinations apart up to its limit and counts the rest as other', () => {
    const registry = new MetricsRegistry();
    const family = registry.counter({ name: 'a_total', help, labels: ['x', 'y'], seriesMax: 2 });
    family.with('1', '2').add();
    family.with('12', '').add();
    expect(family.with('1', '2')).toBe(family.with('1', '2'));
    family.with('3', '4').add();
    family.with('5', '6').add();
    expect(sampleOf(registry, 'a_total')).toEqual([
      { labels: ['1', '2'], value: 1 },
      { labels: ['12', ''], value: 1 },
      { labels: ['other', 'other'], value: 2 },
    ]);
  });

  it('has one series of the name other, also when a label is called so', () => {
    const registry = new MetricsRegistry();
    const family = registry.counter({ name: 'a_total', help, labels: ['x'], seriesMax: 1 });
    family.with('other').add();
    family.with('a').add();
    family.with('b').add();
    expect(sampleOf(registry, 'a_total')).toEqual([
      { labels: ['a'], value: 1 },
      { labels: ['other'], value: 2 },
    ]);
  });

  it('has room for a new combination when one was removed', () => {
    const registry = new MetricsRegistry();
    const family = registry.gauge({ name: 'a', help, labels: ['x', 'y'], seriesMax: 1 });
    family.with('a', 'b').set(1);
    family.remove('a', 'b');
    family.with('c', 'd').set(2);
    expect(sampleOf(registry, 'a')).toEqual([{ labels: ['c', 'd'], value: 2 }]);
  });

  it('wants one value for each label', () => {
    const family = new MetricsRegistry().gauge({ name: 'a', help, labels: ['x', 'y'] });
    expect(() => family.with('1')).toThrow(/a value for each of the labels "x", "y"/);
  });

  it('asks at each snapshot for what is kept elsewhere, until cancelled', () => {
    const registry = new MetricsRegistry();
    let length = 3;
    const options = { kind: 'gauge', name: 'queue', help, read: () => length } as const;
    const registration = registry.read(options);
    expect(sampleOf(registry, 'queue')).toEqual([{ labels: [], value: 3 }]);
    length = 4;
    expect(sampleOf(registry, 'queue')).toEqual([{ labels: [], value: 4 }]);
    expect(() => registry.read(options)).toThrow(
      expect.objectContaining({ code: 'METRIC_CONFLICT' }),
    );
    expect(() => registry.gauge({ name: 'queue', help })).toThrow(/METRIC|Cannot register/);
    registration.cancel();
    expect(registry.snapshot().some((metric) => metric.name === 'queue')).toBe(false);
    registry.read(options);
    registration.cancel();
    expect(sampleOf(registry, 'queue')).toHaveLength(1);
  });

  it('sums up read samples beyond the limit', () => {
    const registry = new MetricsRegistry();
    registry.read({
      kind: 'gauge',
      name: 'peers',
      help,
      labels: ['peer'],
      seriesMax: 1,
      read: () => ['a', 'b', 'c'].map((peer, i) => ({ labels: [peer], value: i + 1 })),
    });
    expect(sampleOf(registry, 'peers')).toEqual([
      { labels: ['a'], value: 1 },
      { labels: ['other'], value: 5 },
    ]);
  });

  it('leaves out what cannot be read, says so, and shows the rest', () => {
    const registry = new MetricsRegistry();
    registry.gauge({ name: 'good', help }).set(1);
    registry.read({
      kind: 'gauge',
      name: 'bad',
      help,
      read: () => {
        throw new Error('closed');
      },
    });
    expect(sampleOf(registry, 'bad')).toEqual([]);
    expect(sampleOf(registry, 'good')).toEqual([{ labels: [], value: 1 }]);
    expect(sampleOf(registry, 'parvi_metric_read_failures_total')[0]).toMatchObject({
      value: expect.any(Number),
    });
    expect(sampleOf(registry, 'parvi_metric_read_failures_total')[0]).not.toMatchObject({
      value: 0,
    });
  });
});
