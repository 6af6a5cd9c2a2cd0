import { describe, expect, it } from 'vitest';
import { ResultBlock } from '../storage/result-block.ts';
import { type PricedColumns, type Pricing, priceChunk, type TradeHead } from './price-chunk.ts';
import type { ChunkWork } from './thread-protocol.ts';

interface Quoted extends TradeHead {
  readonly quote: number;
}

/** Prices a trade at its quote times the market; 13 makes it throw, 0 gives no number. */
const quotes: Pricing<number> = {
  prepare: (snapshot) => snapshot as number,
  price({ market, trades }): PricedColumns {
    const value = new Float64Array(trades.length);
    trades.forEach((trade, i) => {
      const { quote } = trade as Quoted;
      if (quote === 13) throw new Error('Thirteen is unlucky');
      value[i] = quote === 0 ? Number.NaN : quote * market;
    });
    const double = value.map((x) => 2 * x);
    return { value, status: new Uint8Array(trades.length), extras: { double }, errors: new Map() };
  },
};

const markets = (hash: string): number => {
  if (hash === 'broken') throw new Error('no curve');
  return Number(hash);
};

function price(trades: readonly object[], more: Partial<ChunkWork> = {}) {
  const bytes = Buffer.from(trades.map((trade) => `${JSON.stringify(trade)}\n`).join(''));
  const work: ChunkWork = {
    metric: 'NPV',
    snapshot: 'default',
    snapshots: { default: '10', other: '100', bad: 'broken' },
    bytes,
    first: 0,
    ...more,
  };
  const { block, figures } = priceChunk(work, quotes, markets, () => 0);
  const results = new ResultBlock(block);
  const rows = Array.from({ length: results.count }, (_, i) =>
    results.row(i, { row: i + 1, metric: 'NPV' }),
  );
  return { rows, figures };
}

const trade = (id: string, quote: number, snapshot?: string) => ({
  id,
  instrument: 'swap',
  quote,
  ...(snapshot === undefined ? {} : { snapshot }),
});

describe('pricing a chunk', () => {
  it('gives each trade its value and adds the figures up', () => {
    const { rows, figures } = price([trade('a', 1), trade('b', -3)]);
    expect(rows).toMatchObject([
      { id: 'a', value: 10, extra: { double: 20 } },
      { id: 'b', value: -30, extra: { double: -60 } },
    ]);
    expect(figures).toMatchObject({ priced: 2, failed: 0, errors: {}, min: -30, max: 10 });
    expect(figures.sum.high).toBe(-20);
  });

  it('prices each trade on the snapshot it names', () => {
    const { rows } = price([trade('a', 1), trade('b', 1, 'other'), trade('c', 2)]);
    expect(rows.map(({ value }) => value)).toEqual([10, 100, 20]);
  });

  it('fails the trades of a snapshot that is not there or cannot be used, and no others', () => {
    const { rows, figures } = price([trade('a', 1), trade('b', 1, 'nope'), trade('c', 1, 'bad')]);
    expect(rows.map(({ error }) => error?.code)).toEqual([
      undefined,
      'SNAPSHOT_UNKNOWN',
      'SNAPSHOT_INVALID',
    ]);
    expect(figures.errors).toEqual({ SNAPSHOT_UNKNOWN: 1, SNAPSHOT_INVALID: 1 });
  });

  it('fails the trade that makes the pricing throw, and prices the others', () => {
    const { rows, figures } = price([trade('a', 1), trade('b', 13), trade('c', 2)]);
    expect(rows.map(({ value }) => value)).toEqual([10, undefined, 20]);
    expect(rows[1]?.error).toEqual({ code: 'TRADE_UNPRICEABLE', message: 'Thirteen is unlucky' });
    expect(figures).toMatchObject({ priced: 2, failed: 1 });
  });

  it('takes a value that is no number for a failure', () => {
    const { rows, figures } = price([trade('a', 0), trade('b', 1)]);
    expect(rows[0]?.error?.code).toBe('NOT_FINITE');
    expect(figures).toMatchObject({ priced: 1, failed: 1, min: 10, max: 10 });
  });

  it('prices one trade many times over and numbers the results through the job', () => {
    const { rows, figures } = price([trade('ref', 1)], { copies: 3, first: 7 });
    expect(rows.map(({ id }) => id)).toEqual(['ref-8', 'ref-9', 'ref-10']);
    expect(figures).toMatchObject({ priced: 3 });
  });
});
