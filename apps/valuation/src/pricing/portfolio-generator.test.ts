import { describe, expect, it } from 'vitest';
import { parseTrade } from '../instruments/index.ts';
import { defaultSnapshot, parseSnapshot, prepareSnapshot } from '../market/index.ts';
import { metrics } from './metric.ts';
import { generatePortfolio } from './portfolio-generator.ts';
import { priceTrades } from './price-trades.ts';

const market = prepareSnapshot(defaultSnapshot());

describe('generatePortfolio', () => {
  it('gives the same trades for the same seed and others for another', () => {
    const first = [...generatePortfolio({ trades: 200, seed: 7 })];
    expect([...generatePortfolio({ trades: 200, seed: 7 })]).toEqual(first);
    expect([...generatePortfolio({ trades: 200, seed: 8 })]).not.toEqual(first);
  });

  it('makes valid trades with ids of their own', () => {
    const trades = [...generatePortfolio({ trades: 3_000, seed: 3 })];
    for (const trade of trades) expect(parseTrade(trade)).toEqual({ ok: true, trade });
    expect(new Set(trades.map(({ id }) => id)).size).toBe(3_000);
  });

  it('makes trades that all price on the default snapshot', () => {
    for (const seed of [1, 2, 3]) {
      const trades = [...generatePortfolio({ trades: 2_000, seed })];
      const result = priceTrades({ market, metric: 'NPV', trades });
      expect(result.errors).toEqual([]);
      expect(result.value.every(Number.isFinite)).toBe(true);
    }
  });

  it('makes trades that have every metric of their instrument', () => {
    const all = [...generatePortfolio({ trades: 1_000, seed: 11 })];
    for (const metric of ['ParRate', 'FwdRate', 'IRDelta', 'OptionPV'] as const) {
      const trades = all.filter(({ instrument }) =>
        metrics[metric].instruments.includes(instrument),
      );
      expect(trades.length).toBeGreaterThan(50);
      expect(priceTrades({ market, metric, trades }).errors).toEqual([]);
    }
  });

  it('keeps to the instruments that are asked for', () => {
    const trades = [...generatePortfolio({ trades: 100, instruments: ['fra', 'deposit'] })];
    expect(new Set(trades.map(({ instrument }) => instrument))).toEqual(
      new Set(['fra', 'deposit']),
    );
  });

  it('gives trades one at a time, so that a long portfolio can be left early', () => {
    const [first] = generatePortfolio({ trades: 1e9 });
    expect(first?.id).toBe('T0000001');
  });
});

describe('the default snapshot', () => {
  it('passes the check that snapshots from outside go through', () => {
    expect(parseSnapshot(JSON.parse(JSON.stringify(defaultSnapshot())))).toEqual(defaultSnapshot());
  });
});
