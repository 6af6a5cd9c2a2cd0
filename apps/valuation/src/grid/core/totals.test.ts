import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSums, addToSum, sumColumn, sumValue, zeroSum } from './exact-sum.ts';
import { addChunk, type ChunkFigures, emptyTotals, failedFigures } from './totals.ts';

const figures = (given: Partial<ChunkFigures>): ChunkFigures => ({
  priced: 1,
  failed: 0,
  errors: {},
  sum: { high: 1, low: 0 },
  min: 1,
  max: 1,
  pricingMs: 1,
  busyMs: 2,
  ...given,
});

describe('an exact sum', () => {
  it('does not depend on how a column is cut into chunks', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), fc.nat(300), (values, at) => {
        const column = Float64Array.from(values);
        const status = new Uint8Array(values.length);
        const whole = sumColumn(column, status);
        const parts = addSums(
          sumColumn(column.subarray(0, at), status.subarray(0, at)),
          sumColumn(column.subarray(at), status.subarray(at)),
        );
        const one = values.reduce(addToSum, zeroSum);
        const magnitude = values.reduce((sum, x) => sum + Math.abs(x), 0);
        const tolerance = 1e-27 * magnitude + Number.EPSILON * Math.abs(sumValue(whole));
        expect(Math.abs(sumValue(parts) - sumValue(whole))).toBeLessThanOrEqual(tolerance);
        expect(Math.abs(sumValue(one) - sumValue(whole))).toBeLessThanOrEqual(tolerance);
      }),
    );
  });

  it('keeps what plain addition loses', () => {
    const sum = [1e17, 1, -1e17].reduce(addToSum, zeroSum);
    expect(sumValue(sum)).toBe(1);
  });

  it('leaves trades without value out', () => {
    const column = Float64Array.from([1, Number.NaN, 3]);
    expect(sumValue(sumColumn(column, Uint8Array.from([0, 5, 0])))).toBe(4);
  });
});

describe('the totals of a job', () => {
  it('add figures up by code and by worker', () => {
    let totals = addChunk(emptyTotals, figures({ min: -2, max: 7 }), 'a');
    totals = addChunk(totals, figures({ failed: 2, errors: { EXPIRED: 2 }, min: 0, max: 9 }), 'b');
    totals = addChunk(totals, figures({ failed: 1, errors: { EXPIRED: 1 } }), 'a');
    expect(totals).toMatchObject({ priced: 3, failed: 3, errors: { EXPIRED: 3 }, chunks: 3 });
    expect([totals.min, totals.max]).toEqual([-2, 9]);
    expect(totals.workers.get('a')).toEqual({ trades: 3, chunks: 2, busyMs: 4 });
    expect(totals.workers.get('b')).toEqual({ trades: 3, chunks: 1, busyMs: 2 });
  });

  it('count what the controller gave up without a worker', () => {
    const totals = addChunk(emptyTotals, failedFigures('TRADE_KILLS_WORKER', 1), undefined);
    expect(totals).toMatchObject({ failed: 1, errors: { TRADE_KILLS_WORKER: 1 }, min: undefined });
    expect(totals.workers.size).toBe(0);
  });
});
