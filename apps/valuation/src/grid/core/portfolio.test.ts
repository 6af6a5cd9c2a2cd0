import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatedTrade, TradeIndex } from './portfolio.ts';

describe('the index of trades', () => {
  it('gives back where each trade begins and what it is, over many segments', () => {
    const index = new TradeIndex();
    let offset = 0;
    const starts: number[] = [];
    for (let i = 0; i < 200_000; i++) {
      starts.push(offset);
      const bytes = 100 + (i % 37);
      index.append(bytes, index.classNumber(`kind ${i % 5}`));
      offset += bytes;
    }
    expect(index.length).toBe(200_000);
    expect(index.bytes).toBe(offset);
    expect(index.startOf(200_000)).toBe(offset);
    for (const i of [0, 1, 255, 256, 65_535, 65_536, 65_537, 131_072, 199_999]) {
      expect(index.startOf(i)).toBe(starts[i]);
      expect(index.classNames[index.classOf(i)]).toBe(`kind ${i % 5}`);
    }
  });

  it('takes many trades at once, whatever numbers their kinds had before', () => {
    const index = new TradeIndex();
    index.appendAll(Uint32Array.of(10, 15), Uint8Array.of(1, 0), ['swap', 'fra']);
    index.appendAll(Uint32Array.of(7, 8), Uint8Array.of(0, 1), ['fra', 'deposit']);
    expect([0, 1, 2, 3, 4].map((i) => index.startOf(i))).toEqual([0, 10, 15, 22, 23]);
    const kinds = [0, 1, 2, 3].map((i) => index.classNames[index.classOf(i)]);
    expect(kinds).toEqual(['fra', 'swap', 'fra', 'deposit']);
  });

  it('keeps the place of any sequence of lengths', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 700 }), (lengths) => {
        const index = new TradeIndex();
        let offset = 0;
        for (const length of lengths) index.append(length, 0);
        lengths.forEach((length, i) => {
          expect(index.startOf(i)).toBe(offset);
          offset += length;
        });
      }),
    );
  });

  it('puts all classes beyond the last number into one', () => {
    const index = new TradeIndex();
    for (let i = 0; i < 300; i++) index.append(1, index.classNumber(`engine ${i}`));
    expect(index.classNames).toHaveLength(255);
    expect(index.classOf(299)).toBe(254);
  });
});

describe('one trade many times', () => {
  it('takes no bytes a trade', () => {
    const portfolio = repeatedTrade('swap', 5);
    expect([portfolio.length, portfolio.startOf(5), portfolio.classOf(4)]).toEqual([5, 0, 0]);
  });
});
