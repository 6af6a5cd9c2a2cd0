// What the kernels refuse, and that one bad option leaves its neighbours alone.

import { describe, expect, it } from 'vitest';
import { statusCodes } from '../status.ts';
import {
  createOptionBatch,
  createOptionResults,
  type OptionBatch,
  priceAmerican,
  priceEuropean,
} from './index.ts';

function referencePuts(count: number): OptionBatch {
  const batch = createOptionBatch(count);
  batch.type.fill(-1);
  batch.spot.fill(36);
  batch.strike.fill(40);
  batch.rate.fill(0.06);
  batch.volatility.fill(0.2);
  batch.time.fill(1);
  return batch;
}

type Field = Exclude<keyof OptionBatch, 'count'>;

const refusals: [string, Field, number, keyof typeof statusCodes][] = [
  ['a type that is neither call nor put', 'type', 0, 'INVALID_TRADE'],
  ['a spot of zero', 'spot', 0, 'INVALID_TRADE'],
  ['a negative strike', 'strike', -40, 'INVALID_TRADE'],
  ['a strike that is not a number', 'strike', Number.NaN, 'INVALID_TRADE'],
  ['an infinite rate', 'rate', Number.POSITIVE_INFINITY, 'INVALID_TRADE'],
  ['a dividend yield that is not a number', 'dividendYield', Number.NaN, 'INVALID_TRADE'],
  ['a time that is not a number', 'time', Number.NaN, 'INVALID_TRADE'],
  ['no time left', 'time', 0, 'EXPIRED'],
  ['a time in the past', 'time', -0.5, 'EXPIRED'],
  ['a negative volatility', 'volatility', -0.2, 'INVALID_VOLATILITY'],
];

describe('checks of a batch', () => {
  for (const [what, field, value, status] of refusals) {
    it(`refuse ${what} and price its neighbours`, () => {
      const batch = referencePuts(3);
      batch[field][1] = value;
      for (const american of [false, true]) {
        const out = createOptionResults(3);
        if (american) priceAmerican('baw', batch, out);
        else priceEuropean('analytic', batch, out);
        expect(out.status[1]).toBe(statusCodes[status]);
        for (const name of ['value', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const) {
          expect(out[name][1]).toBeNaN();
        }
        for (const neighbour of [0, 2]) {
          expect(out.status[neighbour]).toBe(statusCodes.PRICED);
          expect(out.value[neighbour]).toBeGreaterThan(3);
        }
      }
    });
  }

  it('let the closed form price without volatility: the discounted intrinsic value on the forward', () => {
    const batch = referencePuts(2);
    batch.volatility.fill(0);
    batch.type[1] = 1;
    const out = createOptionResults(2);
    priceEuropean('analytic', batch, out);
    expect(out.value[0]).toBeCloseTo(40 * Math.exp(-0.06) - 36, 12);
    expect(out.delta[0]).toBe(-1);
    expect(out.theta[0]).toBeCloseTo(0.06 * 40 * Math.exp(-0.06), 12);
    expect(out.value[1]).toBe(0);
    expect([...out.status]).toEqual([0, 0]);
  });

  it('refuse numerical engines without volatility', () => {
    const batch = referencePuts(1);
    batch.volatility[0] = 0;
    const out = createOptionResults(1);
    priceEuropean('crr', batch, out);
    expect(out.status[0]).toBe(statusCodes.INVALID_VOLATILITY);
  });

  it('report a tree whose probability leaves 0 to 1', () => {
    const batch = referencePuts(1);
    batch.rate[0] = 0.5;
    batch.volatility[0] = 0.01;
    const out = createOptionResults(1);
    priceAmerican('crr', batch, out, { steps: 10 });
    expect(out.status[0]).toBe(statusCodes.NEGATIVE_PROBABILITY);
    expect(out.value[0]).toBeNaN();
  });

  it('report Monte Carlo that does not reach its tolerance, and a consensus that needs it', () => {
    const batch = referencePuts(1);
    const out = createOptionResults(1);
    const options = { tolerance: 1e-5, samplesMax: 5000 };
    priceEuropean('mcPseudoRandom', batch, out, options);
    expect(out.status[0]).toBe(statusCodes.NO_CONVERGENCE);
    priceEuropean('consensus', batch, out, options);
    expect(out.status[0]).toBe(statusCodes.NO_CONVERGENCE);
    expect(out.value[0]).toBeNaN();
    expect(out.delta[0]).toBeNaN();
  });

  it('read and write no place beyond the count of the batch', () => {
    const batch = referencePuts(3);
    batch.count = 1;
    const out = createOptionResults(3);
    out.value.fill(7);
    priceEuropean('leisenReimer', batch, out);
    expect(out.value[0]).toBeGreaterThan(3);
    expect(out.value[1]).toBe(7);
    expect(out.value[2]).toBe(7);
  });

  it('throw for settings that no engine can work with, naming setting, value and limit', () => {
    const batch = referencePuts(1);
    const out = createOptionResults(1);
    expect(() => priceAmerican('crr', batch, out, { steps: 1 })).toThrow(
      'Cannot price options with steps "1": it must be a whole number of at least 2',
    );
    expect(() => priceEuropean('crr', batch, out, { steps: 10.5 })).toThrow(RangeError);
    expect(() => priceEuropean('mcPseudoRandom', batch, out, { tolerance: Number.NaN })).toThrow(
      'tolerance "NaN"',
    );
    expect(() => priceEuropean('finiteDifferences', batch, out, { spaceSteps: 4 })).toThrow(
      'spaceSteps "4"',
    );
  });

  it('price alike whatever stood in the results before', () => {
    const batch = referencePuts(2);
    const fresh = createOptionResults(2);
    const used = createOptionResults(2);
    used.status.fill(9);
    used.vega.fill(1);
    priceEuropean('integral', batch, fresh, { greeks: 'own' });
    priceEuropean('integral', batch, used, { greeks: 'own' });
    expect(used).toEqual(fresh);
  });
});
