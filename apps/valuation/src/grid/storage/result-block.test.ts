import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResultBlock, writeResultBlock } from './result-block.ts';

const columns = {
  ids: ['T1', 'Tä2', 'T3'],
  instruments: ['swap', 'fra', 'swap'],
  values: Float64Array.from([1.5, Number.NaN, -3]),
  extras: { delta: Float64Array.from([0.5, Number.NaN, Number.NaN]) },
  errors: new Map([[1, { code: 'EXPIRED', field: 'maturityDate', message: 'It is over' }]]),
};

describe('a block of results', () => {
  it('gives each row back with what belongs to it', () => {
    const block = new ResultBlock(writeResultBlock(columns));
    const head = (row: number) => ({ row, metric: 'NPV', worker: 'w' });
    expect(block.row(0, head(1))).toEqual({
      row: 1,
      id: 'T1',
      instrument: 'swap',
      metric: 'NPV',
      value: 1.5,
      extra: { delta: 0.5 },
      worker: 'w',
    });
    expect(block.row(1, head(2))).toEqual({
      row: 2,
      id: 'Tä2',
      instrument: 'fra',
      metric: 'NPV',
      error: { code: 'EXPIRED', field: 'maturityDate', message: 'It is over' },
      worker: 'w',
    });
    expect(block.row(2, { row: 3, metric: 'NPV' })).toEqual({
      row: 3,
      id: 'T3',
      instrument: 'swap',
      metric: 'NPV',
      value: -3,
    });
    expect([0, 1, 2].map((i) => block.hasFailed(i))).toEqual([false, true, false]);
  });

  it('can be read at any place in memory', () => {
    const bytes = writeResultBlock(columns);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(new ResultBlock(shifted.subarray(3)).row(2, { row: 3, metric: 'NPV' }).id).toBe('T3');
  });

  it('cuts sentences that would make a chunk of failures too long for a message', () => {
    const errors = new Map([[0, { code: 'X', message: 'long '.repeat(1000) }]]);
    expect(writeResultBlock({ ...columns, errors }).length).toBeLessThan(600);
  });

  it('keeps every value and id', () => {
    const trade = fc.record({ id: fc.string(), value: fc.double({ noNaN: true }) });
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 50 }), (trades) => {
        const block = new ResultBlock(
          writeResultBlock({
            ids: trades.map(({ id }) => id.toWellFormed()),
            instruments: trades.map((_, i) => `kind ${i % 3}`),
            values: Float64Array.from(trades, ({ value }) => value),
            extras: {},
            errors: new Map(),
          }),
        );
        trades.forEach(({ id, value }, i) => {
          const row = block.row(i, { row: i + 1, metric: 'NPV' });
          expect(row).toMatchObject({ id: id.toWellFormed(), instrument: `kind ${i % 3}` });
          expect(row.value).toBe(value);
        });
      }),
    );
  });
});
