import { randomFloat, randomInt, seededRandom } from 'parvi/runtime';
import { describe, expect, it } from 'vitest';
import { repeatedTrade } from '../../src/grid/core/portfolio.ts';
import { type Poison, SimulatedGrid } from './simulated-grid.ts';

/** One result a trade, and of which kind. */
function outcome(grid: SimulatedGrid, job: string, trades: number): Map<number, string> {
  const results = grid.results(job);
  const found = new Map<number, string>();
  for (let i = 0; i < trades; i++) {
    const list = results.get(i) ?? [];
    expect(list, `results of trade ${i}`).toHaveLength(1);
    found.set(i, list[0] as string);
  }
  expect(results.size).toBe(trades);
  return found;
}

const seeds = Array.from({ length: 30 }, (_, i) => i + 1);

describe('the scheduling in a simulated grid', () => {
  it('prices every trade of a healthy grid once and hands nothing out twice', () => {
    const grid = new SimulatedGrid({
      seed: 1,
      workers: 3,
      threads: 2,
      lossShare: 0,
      detectionMs: 5000,
    });
    grid.addJob({
      id: 'a',
      portfolio: repeatedTrade('swap', 20_000),
      msPerTrade: () => 0.1,
    });
    const tookMs = grid.run();
    expect(new Set(outcome(grid, 'a', 20_000).values())).toEqual(new Set(['value']));
    expect(grid.counts).toMatchObject({ requeued: 0, duplicates: 0, deaths: 0 });
    // 2,000 ms of pricing on six threads; the rest is start, small first chunks and the way of messages.
    expect(tookMs).toBeLessThan((2000 / 6) * 1.25);
  });

  it.each(seeds)(
    'prices every trade once while workers die and leave and messages are lost, seed %i',
    (seed) => {
      const random = seededRandom(seed);
      const grid = new SimulatedGrid({
        seed,
        workers: 2 + randomInt(random, 4),
        threads: 1 + randomInt(random, 3),
        lossShare: randomFloat(random) * 0.05,
        deathEveryMs: 2000 + randomFloat(random) * 8000,
        leaveEveryMs: 2000 + randomFloat(random) * 8000,
        stallEveryMs: 3000 + randomFloat(random) * 10_000,
        detectionMs: 200 + randomFloat(random) * 10_000,
      });
      for (const id of ['a', 'b', 'c']) {
        const trades = 1 + randomInt(random, 3000);
        const cost = randomFloat(random) ** 4 * 20;
        const slow = randomInt(random, 50) + 2;
        grid.addJob({
          id,
          portfolio: repeatedTrade(id, trades),
          msPerTrade: (i) => (i % slow === 0 ? cost * 10 : cost),
        });
      }
      grid.run();
      for (const id of ['a', 'b', 'c']) {
        const values = new Set(outcome(grid, id, grid.job(id).available).values());
        expect(values).toEqual(new Set(['value']));
        expect(grid.job(id)).toMatchObject({ phase: 'completed' });
      }
    },
  );

  it.each(seeds)('finds poison trades by bisection and prices all others, seed %i', (seed) => {
    const random = seededRandom(1000 + seed);
    const trades = 1 + randomInt(random, 2000);
    const kinds: Poison[] = ['kills-thread', 'kills-worker', 'hangs'];
    const poison = new Map<number, Poison>();
    for (let i = 0; i < 1 + randomInt(random, 3); i++) {
      poison.set(randomInt(random, trades), kinds[randomInt(random, 3)] as Poison);
    }
    const grid = new SimulatedGrid({
      seed,
      workers: 3,
      threads: 2,
      lossShare: 0.01,
      detectionMs: 2000,
    });
    const job = { portfolio: repeatedTrade('swap', trades), msPerTrade: () => 0.3 };
    grid.addJob({ id: 'poisoned', ...job, poison });
    grid.addJob({ id: 'clean', ...job });
    grid.run(4 * 3_600_000);
    const results = outcome(grid, 'poisoned', trades);
    for (const [index, result] of results) {
      const kind = poison.get(index);
      const code = kind === 'hangs' ? 'TRADE_EXCEEDS_DEADLINE' : 'TRADE_KILLS_WORKER';
      expect(result, `trade ${index}`).toBe(kind === undefined ? 'value' : code);
    }
    expect(new Set(outcome(grid, 'clean', trades).values())).toEqual(new Set(['value']));
    const perPoison = Math.ceil(Math.log2(trades)) + 5;
    expect(grid.counts.deaths + grid.counts.threadDeaths).toBeLessThanOrEqual(
      poison.size * perPoison,
    );
  });

  it.each([0.02, 0.3, 2, 9])('makes chunks of 20 to 50 ms out of trades of %d ms', (msPerTrade) => {
    const grid = new SimulatedGrid({
      seed: 8,
      workers: 2,
      threads: 2,
      lossShare: 0,
      detectionMs: 1000,
    });
    const trades = Math.ceil(20_000 / msPerTrade);
    // Half way all trades become three times as slow.
    const cost = (index: number): number => (index < trades / 2 ? msPerTrade : 3 * msPerTrade);
    grid.addJob({ id: 'a', portfolio: repeatedTrade('swap', trades), msPerTrade: cost });
    grid.run();
    const chunks: { readonly from: number; readonly ms: number }[] = [];
    let from = 0;
    for (const { count } of grid.assignedTrades) {
      chunks.push({ from, ms: count * cost(from) });
      from += count;
    }
    expect(from).toBe(trades);
    const settled = chunks.filter((chunk) => {
      const share = chunk.from / trades;
      return (share > 0.1 && share < 0.45) || (share > 0.7 && share < 0.9);
    });
    expect(settled.length).toBeGreaterThan(300);
    for (const { ms } of settled) {
      expect(ms).toBeGreaterThanOrEqual(20);
      expect(ms).toBeLessThanOrEqual(50);
    }
  });

  it('gives the chunks of a leaving worker to the others at once', () => {
    const grid = new SimulatedGrid({
      seed: 3,
      workers: 1,
      threads: 1,
      lossShare: 0,
      detectionMs: 1e6,
    });
    grid.addJob({ id: 'a', portfolio: repeatedTrade('swap', 50), msPerTrade: () => 500 });
    grid.runUntil(1500);
    grid.startWorker();
    grid.runUntil(1600);
    expect(grid.job('a').running.size).toBeGreaterThan(0);
    grid.dispatch({ kind: 'workerLeft', worker: 'worker-1' });
    const owners = [...grid.job('a').running.values()].map((chunk) => chunk.worker);
    expect(new Set(owners)).toEqual(new Set(['worker-2']));
    expect(grid.job('a').waiting.every((chunk) => chunk.kills === 0)).toBe(true);
  });

  it('shares the grid evenly between jobs of quick and of slow trades', () => {
    const grid = new SimulatedGrid({
      seed: 4,
      workers: 2,
      threads: 2,
      lossShare: 0,
      detectionMs: 1000,
    });
    grid.addJob({ id: 'slow', portfolio: repeatedTrade('tree', 4_000), msPerTrade: () => 20 });
    grid.runUntil(5000);
    const before = grid.job('slow').totals.busyMs;
    grid.addJob({
      id: 'quick',
      portfolio: repeatedTrade('swap', 4_000_000),
      msPerTrade: () => 0.01,
    });
    grid.runUntil(9_000);
    const slow = grid.job('slow').totals.busyMs - before;
    const quick = grid.job('quick').totals.busyMs;
    expect(quick / slow).toBeGreaterThan(0.8);
    expect(quick / slow).toBeLessThan(1.25);
  });

  it('puts a job that somebody waits for before the others', () => {
    const grid = new SimulatedGrid({
      seed: 5,
      workers: 1,
      threads: 2,
      lossShare: 0,
      detectionMs: 1000,
    });
    grid.addJob({ id: 'batch', portfolio: repeatedTrade('swap', 100_000), msPerTrade: () => 0.1 });
    grid.runUntil(2000);
    const askedMs = grid.now;
    grid.addJob({
      id: 'ask',
      portfolio: repeatedTrade('swap', 10),
      msPerTrade: () => 0.1,
      interactive: true,
    });
    while (grid.job('ask').phase !== 'completed') grid.runNext();
    expect(grid.now - askedMs).toBeLessThan(120);
    expect(grid.job('batch').phase).toBe('open');
  });

  it('ends a cancelled job at once and frees its workers for others', () => {
    const grid = new SimulatedGrid({
      seed: 6,
      workers: 2,
      threads: 2,
      lossShare: 0,
      detectionMs: 1000,
    });
    grid.addJob({ id: 'a', portfolio: repeatedTrade('swap', 100_000), msPerTrade: () => 1 });
    grid.runUntil(3000);
    grid.cancel('a');
    expect(grid.job('a')).toMatchObject({ phase: 'cancelled' });
    grid.addJob({ id: 'b', portfolio: repeatedTrade('swap', 100), msPerTrade: () => 1 });
    const tookMs = grid.run() - 3000;
    expect(tookMs).toBeLessThan(500);
    expect(outcome(grid, 'b', 100).size).toBe(100);
  });

  it('keeps a job without workers and prices it when one comes', () => {
    const grid = new SimulatedGrid({
      seed: 7,
      workers: 0,
      threads: 2,
      lossShare: 0,
      detectionMs: 1000,
    });
    grid.addJob({ id: 'a', portfolio: repeatedTrade('swap', 100), msPerTrade: () => 0.1 });
    grid.runUntil(60_000);
    expect(grid.job('a')).toMatchObject({ phase: 'open', startedMs: undefined });
    grid.startWorker();
    grid.run();
    expect(grid.job('a').phase).toBe('completed');
  });
});
