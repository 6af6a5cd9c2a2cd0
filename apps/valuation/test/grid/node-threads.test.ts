import { systemClock, systemTimers } from 'parvi/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { ResultBlock } from '../../src/grid/storage/result-block.ts';
import { nodeThreads } from '../../src/grid/threads/node-threads.ts';
import { ThreadPool, type WorkOutcome } from '../../src/grid/threads/thread-pool.ts';
import { bundledSnapshot } from '../../src/market/index.ts';
import { generatePortfolio, metricNames, referenceTrade } from '../../src/pricing/index.ts';

let pool: ThreadPool;
let lost: string[];
let number = 0;

function open(script?: URL): void {
  lost = [];
  pool = new ThreadPool({
    threads: 1,
    start: nodeThreads(script),
    clock: systemClock,
    timers: systemTimers({ keepsProcessAlive: true }),
    snapshot: (name) => new Uint8Array(Buffer.from(JSON.stringify(bundledSnapshot(name)))),
    onThreadLost: (error) => lost.push(error),
  });
}
afterEach(() => pool.close());

function price(trades: readonly object[], metric = 'NPV', deadlineMs = 60_000) {
  const bytes = Buffer.from(trades.map((trade) => `${JSON.stringify(trade)}\n`).join(''));
  const names = trades.map((trade) => String((trade as { snapshot?: string }).snapshot));
  const snapshots = Object.fromEntries(names.map((name) => [name, name]));
  return new Promise<WorkOutcome>((resolve) => {
    pool.add({
      key: `task-${number++}`,
      work: { metric, snapshot: 'default', snapshots, bytes, first: 0 },
      deadlineMs,
      urgent: false,
      onStarted: () => {},
      onEnded: resolve,
    });
  });
}

const values: Readonly<Record<string, number>> = {
  NPV: 420900.16503876913,
  ParRate: 0.011502030823678304,
  FwdRate: 99.024472522413987,
  IRDelta: -4545.4239981062128,
  OptionPV: 3.8420984098760025,
};

describe('pricing threads', () => {
  it('price the reference trade of each metric', async () => {
    open();
    for (const metric of metricNames) {
      const outcome = await price([referenceTrade(metric).trade], metric);
      if (outcome.kind !== 'done') throw new Error(outcome.error);
      const { value } = new ResultBlock(outcome.block).row(0, { row: 1, metric });
      const expected = values[metric] as number;
      expect(Math.abs((value ?? 0) / expected - 1), metric).toBeLessThan(1e-9);
    }
    expect(lost).toEqual([]);
  });

  it('leave the event loop free while they price flat out', async () => {
    open();
    const options = [
      ...generatePortfolio({ trades: 50, seed: 1, instruments: ['americanOption'] }),
    ].map((trade) => ({ ...trade, snapshot: 'default', engine: 'crr', steps: 201 }));
    const chunks = (count: number) =>
      Promise.all(Array.from({ length: count }, () => price(options, 'OptionPV')));
    await chunks(2);
    const loopBefore = process.threadCpuUsage();
    const allBefore = process.cpuUsage();
    for (const outcome of await chunks(10)) expect(outcome.kind).toBe('done');
    const loop = process.threadCpuUsage(loopBefore);
    const all = process.cpuUsage(allBefore);
    // Of the processor, not by the clock: others may be at work on the machine.
    expect(all.user).toBeGreaterThan(40_000);
    expect(loop.user / all.user).toBeLessThan(0.2);
  });

  it('die of a poison trade one at a time, and the next trade is priced all the same', async () => {
    open(new URL('./poison-thread.ts', import.meta.url));
    const { trade } = referenceTrade('NPV');
    for (const id of ['poison-exit', 'poison-throw', 'poison-memory']) {
      expect(await price([{ ...trade, id }])).toMatchObject({ reason: 'thread-died' });
      expect(await price([trade])).toMatchObject({ kind: 'done', figures: { priced: 1 } });
    }
    const hung = await price([{ ...trade, id: 'poison-hang' }], 'NPV', 300);
    expect(hung).toMatchObject({ reason: 'deadline' });
    expect(await price([trade])).toMatchObject({ kind: 'done' });
    expect(lost).toHaveLength(4);
    expect(lost[1]).toBe('Thrown outside of the pricing');
    // A thread that dies for want of memory collects garbage for long before it does.
  }, 90_000);
});
