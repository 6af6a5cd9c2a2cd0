import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationBucketsSeconds, Histogram, sizeBucketsBytes } from './instruments.ts';

describe('a histogram', () => {
  it('counts a value in the first bucket whose bound is not below it', () => {
    const histogram = new Histogram([1, 2, 4]);
    for (const value of [0, 1, 1.5, 2, 4, 5]) histogram.record(value);
    expect(histogram.bucketCounts()).toEqual([2, 2, 1, 1]);
    expect(histogram.count).toBe(6);
    expect(histogram.sum).toBe(13.5);
  });

  it('takes no notice of what is not a number', () => {
    const histogram = new Histogram([1]);
    histogram.record(Number.NaN);
    expect(histogram.count).toBe(0);
    expect(histogram.sum).toBe(0);
  });

  it.each([
    { bounds: [2, 1] },
    { bounds: [1, 1] },
    { bounds: [Number.NaN] },
    { bounds: [1, Number.POSITIVE_INFINITY] },
  ])('refuses the bounds $bounds', ({ bounds }) => {
    expect(() => new Histogram(bounds)).toThrow(/finite and ascend/);
  });

  it('has no quantile before anything was recorded', () => {
    expect(new Histogram([1]).quantile(0.5)).toBeNaN();
  });

  it('interpolates quantiles within a bucket and stops at the last bound', () => {
    const histogram = new Histogram([10, 20]);
    for (let i = 0; i < 10; i++) histogram.record(15);
    expect(histogram.quantile(0.5)).toBe(15);
    expect(histogram.quantile(1)).toBe(20);
    histogram.record(1000);
    expect(histogram.quantile(1)).toBe(20);
  });

  it('reports quantiles in the bucket of the true one', () => {
    const bounds = [1, 2, 5, 10, 20, 50, 100];
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, q) => {
          const histogram = new Histogram(bounds);
          for (const value of values) histogram.record(value);
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil(q * values.length) - 1] as number;
          const bucketOf = (value: number) => bounds.findIndex((bound) => value <= bound);
          expect(bucketOf(histogram.quantile(q))).toBe(bucketOf(exact));
        },
      ),
    );
  });

  it('accepts the bounds that are offered', () => {
    expect(new Histogram(durationBucketsSeconds).bucketCounts()).toHaveLength(17);
    expect(new Histogram(sizeBucketsBytes).bucketCounts()).toHaveLength(11);
  });
});
