import { describe, expect, it } from 'vitest';
import { TradeIndex } from '../core/portfolio.ts';
import { scanTrades, tradeClass } from './trade-scan.ts';

const lines = (...trades: object[]): Uint8Array =>
  Buffer.from(trades.map((trade) => `${JSON.stringify(trade)}\n`).join(''));

describe('scanning trades', () => {
  it('finds the lines, their kinds and the snapshots they name', () => {
    const index = new TradeIndex();
    const snapshots = new Set<string>();
    const bytes = lines(
      { id: 'ä', instrument: 'swap', notional: 1 },
      { id: 'b', instrument: 'europeanOption', engine: 'crr', snapshot: 'close' },
      { id: 'c', snapshot: 'open', instrument: 'europeanOption' },
    );
    expect(scanTrades(bytes, index, snapshots)).toBe(3);
    expect(index.bytes).toBe(bytes.length);
    const kinds = [0, 1, 2].map((i) => index.classNames[index.classOf(i)]);
    expect(kinds).toEqual(['swap', 'europeanOption crr', 'europeanOption']);
    expect([...snapshots]).toEqual(['close', 'open']);
    const second = Buffer.from(bytes).subarray(index.startOf(1), index.startOf(2)).toString();
    expect(JSON.parse(second)).toMatchObject({ id: 'b' });
  });

  it('reads keys with spaces around the colon', () => {
    expect(tradeClass(Buffer.from('{ "instrument" : "fra" }'))).toBe('fra');
  });

  it('takes what it cannot tell for some trade', () => {
    expect(tradeClass(Buffer.from('{}'))).toBe('trade');
    expect(tradeClass(Buffer.from('{"instrument":12}'))).toBe('trade');
    expect(tradeClass(Buffer.from(`{"instrument":"${'x'.repeat(500)}"}`))).toBe('trade');
  });
});
