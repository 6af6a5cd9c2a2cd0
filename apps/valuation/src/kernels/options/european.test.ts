// European options: every engine against native QuantLib, and laws that hold without it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOfRows, goldenTable, numberAt, textAt } from '../../../test/golden-options.ts';
import {
  consensusEngines,
  createOptionBatch,
  createOptionResults,
  type EuropeanEngineName,
  type OptionResults,
  priceEuropean,
  thetaPerDay,
} from './index.ts';

const tolerance = 1e-12;
const greekNames = ['delta', 'gamma', 'vega', 'theta', 'rho', 'dividendRho'] as const;

/** The largest difference in units of max(scale, |golden|). */
function distance(actual: number, golden: number, scale: number): number {
  return Math.abs(actual - golden) / Math.max(scale, Math.abs(golden));
}

describe('the closed form', () => {
  const table = goldenTable('european');
  const out = createOptionResults(table.count);
  priceEuropean('analytic', batchOfRows(table), out);

  it('agrees with QuantLib on every golden value and greek', () => {
    for (let row = 0; row < table.count; row++) {
      const strike = numberAt(table, 'strike', row);
      expect(out.status[row]).toBe(0);
      expect(
        distance(out.value[row] ?? Number.NaN, numberAt(table, 'value', row), strike),
        textAt(table, 'id', row),
      ).toBeLessThan(tolerance);
      for (const greek of greekNames) {
        const scale = greek === 'delta' || greek === 'gamma' ? 1 : strike;
        expect(
          distance(out[greek][row] ?? Number.NaN, numberAt(table, greek, row), scale),
          `${greek} of ${textAt(table, 'id', row)}`,
        ).toBeLessThan(tolerance);
      }
    }
  });

  it('gives the reference put its value and greeks', () => {
    expect(out.value[0]).toBeCloseTo(3.8443077915968398, 12);
    expect(out.delta[0]).toBeCloseTo(-0.55045167248338533, 13);
    expect(out.gamma[0]).toBeCloseTo(0.054964980970803802, 13);
    expect(out.vega[0]).toBeCloseTo(14.246923067632345, 12);
    expect(out.theta[0]).toBeCloseTo(-0.0050582267033121298, 13);
    expect(out.rho[0]).toBeCloseTo(-23.660568000998694, 12);
  });

  it('counts theta per day as a 365th of theta per year', () => {
    expect(thetaPerDay(out.theta[0] ?? Number.NaN)).toBeCloseTo(
      numberAt(table, 'thetaPerDay', 0),
      16,
    );
  });
});

describe('the eight engines and their mean', () => {
  const table = goldenTable('engines');
  const names: EuropeanEngineName[] = [...consensusEngines, 'crr', 'leisenReimer', 'consensus'];

  for (const name of names) {
    it(`agree with QuantLib: ${name}`, () => {
      const out = createOptionResults(table.count);
      priceEuropean(name, batchOfRows(table), out);
      for (let row = 0; row < table.count; row++) {
        expect(
          distance(
            out.value[row] ?? Number.NaN,
            numberAt(table, name, row),
            numberAt(table, 'strike', row),
          ),
          textAt(table, 'id', row),
        ).toBeLessThan(tolerance);
      }
    });
  }

  it('give the reference put a consensus with the greeks of the closed form', () => {
    const out = createOptionResults(1);
    const closed = createOptionResults(1);
    priceEuropean('consensus', batchOfRows(table, [0]), out);
    priceEuropean('analytic', batchOfRows(table, [0]), closed);
    expect(out.value[0]).toBeCloseTo(3.8420984098760025, 12);
    for (const greek of greekNames) expect(out[greek][0]).toBe(closed[greek][0]);
  });
});

describe('the trees', () => {
  const table = goldenTable('trees');

  it('agree with QuantLib at any number of steps, in value, delta, gamma and theta', () => {
    const out = createOptionResults(1);
    for (let row = 0; row < table.count; row++) {
      const engine = textAt(table, 'engine', row) as EuropeanEngineName;
      const steps = numberAt(table, 'steps', row);
      priceEuropean(engine, batchOfRows(table, [row]), out, { steps, greeks: 'own' });
      const strike = numberAt(table, 'strike', row);
      for (const column of ['value', 'delta', 'gamma', 'theta'] as const) {
        const scale = column === 'delta' || column === 'gamma' ? 1 : strike;
        expect(
          distance(out[column][0] ?? Number.NaN, numberAt(table, column, row), scale),
          `${column} of ${textAt(table, 'id', row)}, ${engine}`,
        ).toBeLessThan(tolerance);
      }
      expect(out.vega[0]).toBeNaN();
    }
  });

  it('take the next odd number of steps where the tree needs one', () => {
    const batch = batchOfRows(goldenTable('engines'), [0]);
    for (const engine of ['leisenReimer', 'joshi4'] as const) {
      const even = createOptionResults(1);
      const odd = createOptionResults(1);
      priceEuropean(engine, batch, even, { steps: 100 });
      priceEuropean(engine, batch, odd, { steps: 101 });
      expect(even.value[0]).toBe(odd.value[0]);
    }
  });
});

describe('put-call parity', () => {
  it('holds for every engine that prices both sides on the same grid', () => {
    const engines = ['analytic', 'crr', 'leisenReimer'] as const;
    fc.assert(
      fc.property(
        fc.record({
          spot: fc.double({ min: 1, max: 1000, noNaN: true }),
          moneyness: fc.double({ min: 0.5, max: 2, noNaN: true }),
          rate: fc.double({ min: -0.02, max: 0.12, noNaN: true }),
          dividendYield: fc.double({ min: -0.02, max: 0.12, noNaN: true }),
          volatility: fc.double({ min: 0.1, max: 1, noNaN: true }),
          time: fc.double({ min: 0.05, max: 5, noNaN: true }),
        }),
        ({ moneyness, ...terms }) => {
          const strike = terms.spot * moneyness;
          for (const engine of engines) {
            const [call, put] = priceBothSides(engine, { ...terms, strike });
            const forward =
              terms.spot * Math.exp(-terms.dividendYield * terms.time) -
              strike * Math.exp(-terms.rate * terms.time);
            const slack = engine === 'crr' ? 1e-3 : 1e-10;
            expect(Math.abs(call - put - forward)).toBeLessThan(slack * (terms.spot + strike));
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

type Terms = Record<'spot' | 'strike' | 'rate' | 'dividendYield' | 'volatility' | 'time', number>;

function priceBothSides(engine: EuropeanEngineName, terms: Terms): [number, number] {
  const batch = createOptionBatch(2);
  const out: OptionResults = createOptionResults(2);
  for (let i = 0; i < 2; i++) {
    batch.type[i] = i === 0 ? 1 : -1;
    batch.spot[i] = terms.spot;
    batch.strike[i] = terms.strike;
    batch.rate[i] = terms.rate;
    batch.dividendYield[i] = terms.dividendYield;
    batch.volatility[i] = terms.volatility;
    batch.time[i] = terms.time;
  }
  priceEuropean(engine, batch, out);
  return [out.value[0] ?? Number.NaN, out.value[1] ?? Number.NaN];
}
