// American options: every engine against native QuantLib, and laws that hold without it.

import { describe, expect, it } from 'vitest';
import { batchOfRows, goldenTable, numberAt, textAt } from '../../../test/golden-options.ts';
import {
  type AmericanEngineName,
  createOptionBatch,
  createOptionResults,
  type OptionBatch,
  priceAmerican,
  priceEuropean,
} from './index.ts';

const table = goldenTable('americans');

function distance(actual: number, golden: number, scale: number): number {
  return Math.abs(actual - golden) / Math.max(scale, Math.abs(golden));
}

function settingsOf(row: number) {
  return {
    steps: numberAt(table, 'steps', row),
    timeSteps: numberAt(table, 'tGrid', row),
    spaceSteps: numberAt(table, 'xGrid', row),
    greeks: 'own',
  } as const;
}

function putsByTime(count: number): OptionBatch {
  const batch = createOptionBatch(count);
  batch.type.fill(-1);
  batch.spot.fill(36);
  batch.strike.fill(40);
  batch.rate.fill(0.06);
  batch.volatility.fill(0.2);
  for (let i = 0; i < count; i++) batch.time[i] = (30 + i) / 365;
  return batch;
}

describe('American engines', () => {
  it('agree with QuantLib: Barone-Adesi and Whaley', () => {
    const out = createOptionResults(table.count);
    priceAmerican('baw', batchOfRows(table), out, { greeks: 'own' });
    for (let row = 0; row < table.count; row++) {
      const strike = numberAt(table, 'strike', row);
      expect(
        distance(out.value[row] ?? Number.NaN, numberAt(table, 'baw', row), strike),
        textAt(table, 'id', row),
      ).toBeLessThan(1e-12);
    }
  });

  // Second differences of a mesh amplify rounding: gamma of finite differences agrees to fewer digits than the value.
  const engines: [AmericanEngineName, number][] = [
    ['crr', 1e-12],
    ['leisenReimer', 1e-12],
    ['finiteDifferences', 1e-10],
  ];
  for (const [engine, greekTolerance] of engines) {
    it(`agree with QuantLib in value, delta, gamma and theta: ${engine}`, () => {
      const out = createOptionResults(1);
      for (let row = 0; row < table.count; row++) {
        priceAmerican(engine, batchOfRows(table, [row]), out, settingsOf(row));
        const strike = numberAt(table, 'strike', row);
        const of = `${engine} of ${textAt(table, 'id', row)}`;
        expect(
          distance(out.value[0] ?? Number.NaN, numberAt(table, engine, row), strike),
          of,
        ).toBeLessThan(1e-12);
        for (const greek of ['Delta', 'Gamma', 'Theta'] as const) {
          const column = greek.toLowerCase() as 'delta' | 'gamma' | 'theta';
          const golden = numberAt(table, `${engine}${greek}`, row);
          expect(
            distance(out[column][0] ?? Number.NaN, golden, greek === 'Theta' ? strike : 1),
            `${greek} by ${of}`,
          ).toBeLessThan(greekTolerance);
        }
      }
    });
  }

  it('never lose the payoff at maturity, whatever the time: trees stay close to finite differences', () => {
    const batch = putsByTime(1000);
    const crr = createOptionResults(1000);
    const leisenReimer = createOptionResults(1000);
    const differences = createOptionResults(1000);
    priceAmerican('crr', batch, crr, { steps: 101, greeks: 'own' });
    priceAmerican('leisenReimer', batch, leisenReimer, { steps: 101, greeks: 'own' });
    const grid = { timeSteps: 100, spaceSteps: 200, greeks: 'own' } as const;
    priceAmerican('finiteDifferences', batch, differences, grid);
    for (let i = 0; i < 1000; i++) {
      const expected = differences.value[i] ?? Number.NaN;
      expect(Math.abs((crr.value[i] ?? Number.NaN) - expected)).toBeLessThan(0.02);
      expect(Math.abs((leisenReimer.value[i] ?? Number.NaN) - expected)).toBeLessThan(0.02);
    }
  });

  it('are worth at least the European option and the payoff today', () => {
    const batch = batchOfRows(table);
    const european = createOptionResults(table.count);
    priceEuropean('leisenReimer', batch, european, { steps: 201 });
    const american = createOptionResults(table.count);
    priceAmerican('leisenReimer', batch, american, { steps: 201, greeks: 'own' });
    for (let row = 0; row < table.count; row++) {
      const strike = numberAt(table, 'strike', row);
      const sign = textAt(table, 'type', row) === 'call' ? 1 : -1;
      const worth = american.value[row] ?? Number.NaN;
      const slack = 1e-12 * strike;
      expect(worth).toBeGreaterThanOrEqual((european.value[row] ?? Number.NaN) - slack);
      expect(worth).toBeGreaterThanOrEqual(sign * (numberAt(table, 'spot', row) - strike) - slack);
    }
  });

  it('give all greeks when asked, and the engines agree on them within their own accuracy', () => {
    const batch = batchOfRows(table, [0]);
    const results = (['baw', 'crr', 'leisenReimer', 'finiteDifferences'] as const).map((engine) => {
      const out = createOptionResults(1);
      priceAmerican(engine, batch, out);
      return out;
    });
    const reference = results[3];
    for (const greek of ['delta', 'gamma', 'vega', 'theta', 'rho', 'dividendRho'] as const) {
      const expected = reference?.[greek][0] ?? Number.NaN;
      expect(Math.abs(expected)).toBeGreaterThan(0.01);
      for (const out of results) {
        expect(Math.abs((out[greek][0] ?? Number.NaN) / expected - 1), greek).toBeLessThan(0.06);
      }
    }
  });
});
