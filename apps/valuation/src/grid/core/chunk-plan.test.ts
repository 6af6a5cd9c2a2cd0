import { describe, expect, it } from 'vitest';
import { chunkTargetMs, cutChunk, deadlineMs } from './chunk-plan.ts';
import { schedulingDefaults } from './options.ts';
import { repeatedTrade, TradeIndex } from './portfolio.ts';

const swaps = repeatedTrade('swap', 1_000_000);
const limits = schedulingDefaults;

const cut = (given: Partial<Parameters<typeof cutChunk>[0]>) =>
  cutChunk({
    portfolio: swaps,
    from: 0,
    until: swaps.length,
    costOf: () => 0.125,
    targetMs: 30,
    limits,
    ...given,
  });

describe('cutting a chunk', () => {
  it('takes as many trades as fill the target time', () => {
    expect(cut({})).toMatchObject({ count: 240, measured: true });
    expect(cut({}).estimateMs).toBeCloseTo(30, 6);
  });

  it('takes one trade however slow it is', () => {
    expect(cut({ costOf: () => 5000 })).toMatchObject({ count: 1, estimateMs: 5000 });
  });

  it('takes few trades while their cost was never measured, and says so', () => {
    expect(cut({ costOf: () => undefined })).toMatchObject({
      count: limits.firstChunkTrades,
      measured: false,
    });
  });

  it('stops at the most trades of a chunk and at the end of what may be handed out', () => {
    expect(cut({ costOf: () => 1e-5 }).count).toBe(limits.chunkTradesMax);
    expect(cut({ from: 999_990 }).count).toBe(10);
  });

  it('stays within the bytes of a message, but never below one trade', () => {
    const index = new TradeIndex();
    for (let i = 0; i < 10; i++) index.append(400_000, index.classNumber('swap'));
    const request = { portfolio: index, until: 10 };
    expect(cut(request).count).toBe(2);
    expect(cut({ ...request, limits: { ...limits, chunkBytesMax: 1000 } }).count).toBe(1);
  });

  it('counts each trade with the cost of its kind', () => {
    const index = new TradeIndex();
    for (let i = 0; i < 100; i++) index.append(10, index.classNumber(i % 2 === 0 ? 'a' : 'b'));
    const costs = [1, 9];
    const chunk = cut({ portfolio: index, until: 100, costOf: (number) => costs[number] });
    expect(chunk).toMatchObject({ count: 6, estimateMs: 30 });
  });
});

describe('the target of a chunk', () => {
  it('is the usual one while much is left and shrinks towards the end of a job', () => {
    expect(chunkTargetMs(Number.POSITIVE_INFINITY, 4, limits)).toBe(40);
    expect(chunkTargetMs(80, 4, limits)).toBe(10);
    expect(chunkTargetMs(1, 4, limits)).toBe(limits.chunkTargetMsMin);
  });
});

describe('the deadline of a chunk', () => {
  const chunk = { estimateMs: 1000, measured: true, kills: 0 };

  it('is a multiple of the estimate within its bounds', () => {
    expect(deadlineMs(chunk, limits)).toBe(1000 * limits.deadlineFactor);
    expect(deadlineMs({ ...chunk, estimateMs: 1 }, limits)).toBe(limits.deadlineMsMin);
    expect(deadlineMs({ ...chunk, estimateMs: 1e9 }, limits)).toBe(limits.deadlineMsMax);
    expect(deadlineMs({ ...chunk, measured: false }, limits)).toBe(limits.deadlineMsUnknown);
  });

  it('gives a trade that was too slow four times as long at its next try', () => {
    const tried = { ...chunk, kills: 1 };
    expect(deadlineMs(tried, limits)).toBe(4 * deadlineMs(chunk, limits));
  });
});
