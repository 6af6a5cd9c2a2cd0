import { describe, expect, it } from 'vitest';
import type { Trade } from '../instruments/index.ts';
import {
  defaultSnapshot,
  movableQuotes,
  movedCurves,
  type PreparedMarket,
  prepareSnapshot,
  withQuoteShift,
} from '../market/index.ts';
import type { IrDeltaMethod } from './options.ts';
import { generatePortfolio } from './portfolio-generator.ts';
import { priceTrades } from './price-trades.ts';

const book = [
  ...generatePortfolio({ trades: 60, seed: 3, instruments: ['swap', 'fra', 'deposit'] }),
];
const dollars: Trade[] = Array.from({ length: 3 }, (_, i) => ({
  id: `usd-${i}`,
  instrument: 'swap',
  payReceive: 'payer',
  notional: 1e6,
  fixedRate: 0.04,
  startDate: '2025-06-20',
  tenor: `${i + 2}Y`,
  index: 'UsdTerm3M',
  discountCurve: 'USD',
}));

function deltas(market: PreparedMarket, trades: readonly Trade[], irDelta: IrDeltaMethod) {
  return priceTrades({ market, metric: 'IRDelta', trades, options: { irDelta } });
}

/** How many curves are moved anew meanwhile. */
function movedBy(work: () => void): number {
  const { made } = movedCurves();
  work();
  return movedCurves().made - made;
}

const fresh = () => prepareSnapshot(defaultSnapshot());

describe('deltas one by one', () => {
  it('bootstrap each moved quote once for all batches on one snapshot', () => {
    const market = fresh();
    const batch = (n: number) => deltas(market, book.slice(12 * n, 12 * (n + 1)), 'eachQuote');
    expect(movedBy(() => batch(0))).toBe(2 * movableQuotes(market).length);
    expect(movedBy(() => [1, 2, 3, 4].forEach(batch))).toBe(0);
  });

  it.each(['eachQuote', 'eachNode'] as const)(
    'by %s are the same for a trade alone, in any batch and on a market never priced on',
    (method) => {
      const market = fresh();
      const together = deltas(market, book, method);
      const names = Object.keys(together.columns);
      book.forEach((trade, row) => {
        const alone = deltas(row % 20 === 0 ? fresh() : market, [trade], method);
        expect(alone.value[0]).toBe(together.value[row]);
        expect(Object.keys(alone.columns)).toEqual(names);
        for (const name of names) {
          expect(alone.columns[name]?.[0]).toBe(together.columns[name]?.[row]);
        }
      });
    },
  );

  it('are half the difference of the values on the moved markets', () => {
    const market = fresh();
    const { columns } = deltas(market, book, 'eachQuote');
    const values = (one: PreparedMarket) =>
      priceTrades({ market: one, metric: 'NPV', trades: book }).value;
    for (const quote of movableQuotes(market)) {
      const up = values(withQuoteShift(market, 1e-4, quote));
      const down = values(withQuoteShift(market, -1e-4, quote));
      const expected = up.map((value, row) => (value - (down[row] as number)) / 2);
      expect(columns[`delta ${quote.curve} ${quote.label}`]).toEqual(expected);
    }
  });

  it('are zero where nothing moves the curves of a trade, and bootstrap nothing for it', () => {
    const market = fresh();
    const moved = movedBy(() => {
      const { value, columns, errors } = deltas(market, dollars, 'eachQuote');
      expect(errors).toEqual([]);
      expect([...value]).toEqual([0, 0, 0]);
      expect(Object.keys(columns)).toHaveLength(movableQuotes(market).length);
      for (const column of Object.values(columns)) expect([...column]).toEqual([0, 0, 0]);
    });
    expect(moved).toBe(0);
  });

  it('have their columns also where no trade of a batch has a value, and bootstrap nothing for it', () => {
    const market = fresh();
    const lost = dollars.map((trade) => ({ ...trade, discountCurve: 'CHF' }));
    const moved = movedBy(() => {
      const { columns, errors } = deltas(market, lost, 'eachQuote');
      expect(errors).toHaveLength(3);
      expect(Object.keys(columns)).toHaveLength(movableQuotes(market).length);
    });
    expect(moved).toBe(0);
  });
});
