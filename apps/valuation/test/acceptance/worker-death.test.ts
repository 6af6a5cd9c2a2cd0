// Workers that are killed or stand still while a job runs: what is priced does not change by it.

import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import type { ResultView } from '../../src/http/views.ts';
import { expectEachRowOnce } from './expect-rows.ts';
import { MemberWatch } from './member-watch.ts';
import type { NodeProcess } from './node-process.ts';
import { optionLines } from './portfolios.ts';
import { addressOf, isUp, jobDone, ProcessGrid } from './process-grid.ts';
import { until } from './until.ts';

vi.setConfig({ testTimeout: 60_000 });

let grid: ProcessGrid;
let workers: readonly [NodeProcess, NodeProcess];

beforeAll(async () => {
  const words = ['--cluster.split-brain.stable-after', '4s'];
  grid = await ProcessGrid.create({ ports: 21_000, words });
  // By keep-oldest, one that is alone against several unreachable workers would be the one to go.
  for (let i = 0; i < grid.controllerCount; i++) grid.startController(i);
  workers = [grid.startWorker(), grid.startWorker()];
  await grid.untilUp(4);
});

afterAll(() => grid.stop());

function sumOf(results: readonly ResultView[]): number {
  return results.reduce((sum, { value }) => sum + (value ?? Number.NaN), 0);
}

it('a worker that is killed costs no trade and doubles none, and is shown unreachable and then removed', async () => {
  const trades = 200_000;
  const portfolio = optionLines(trades);
  const query = 'metric=OptionPV&engine=leisenReimer';
  const calm = await grid.submit(0, query, portfolio);
  const expected = await grid.untilEnded(0, calm.id);
  const watch = await MemberWatch.open(grid.url(0));
  onTestFinished(() => watch.close());
  const address = await addressOf(workers[0]);

  const { id } = await grid.submit(0, query, portfolio);
  await grid.untilJob([0, id], 'is under way on both workers', (job) => {
    return jobDone(job) > 20_000 && job.workers.length === 2;
  });
  await workers[0].kill();
  const atDeath = await grid.job(0, id);
  const job = await grid.untilEnded(0, id);

  expect(jobDone(atDeath)).toBeLessThan(trades);
  expect(job).toMatchObject({ state: 'completed', trades, priced: trades, failed: 0 });
  expect(job.sum).toBe(expected.sum);
  const results = await grid.results(0, id);
  expectEachRowOnce(results, trades);
  expect(sumOf(results)).toBeCloseTo(job.sum ?? Number.NaN, 3);
  const removed = () => watch.changesOf(address).includes('removed');
  await until('the removal', removed, { timeoutMs: 20_000 });
  expect(watch.changesOf(address)).toEqual(['unreachable', 'down', 'removed']);
  expect((await grid.view()).nodes.map((node) => node.address)).not.toContain(address);
});

it('a worker that stands still for 3 s loses nothing and stays a member', async () => {
  const sleeper = workers[1];
  const address = await addressOf(sleeper);
  const other = await addressOf(grid.startWorker());
  const trades = 40_000;
  await grid.untilUp(4);
  const { id } = await grid.submit(0, 'metric=OptionPV&engine=integral', optionLines(trades));
  await grid.untilJob([0, id], 'is under way on both workers', (job) => {
    const at = job.workers.map((share) => share.address);
    return at.includes(address) && at.includes(other);
  });

  sleeper.signal('SIGSTOP');
  const stoppedMs = performance.now();
  await until('3 s to be over', () => performance.now() - stoppedMs >= 3000);
  sleeper.signal('SIGCONT');

  const job = await grid.untilEnded(0, id);
  expect(job).toMatchObject({ state: 'completed', priced: trades, failed: 0 });
  expectEachRowOnce(await grid.results(0, id), trades);
  await until('a cluster that is whole', async () => {
    const node = (await grid.view()).nodes.find((member) => member.address === address);
    return node !== undefined && isUp(node);
  });
});

it('a job whose last worker is killed waits, says so, and goes on with the next worker', async () => {
  const trades = 40_000;
  const { id } = await grid.submit(0, 'metric=OptionPV&engine=integral', optionLines(trades));
  const moved = await grid.untilJob([0, id], 'moves', (job) => jobDone(job) > 0);
  await Promise.all(grid.nodes.slice(grid.controllerCount).map((worker) => worker.kill()));
  const waiting = await grid.untilJob([0, id], 'waits', (job) => job.reason !== undefined);
  expect(waiting.state).toBe('waiting-for-workers');
  expect(waiting.reason).toMatch(/worker/i);
  expect(jobDone(waiting)).toBeGreaterThanOrEqual(jobDone(moved));

  grid.startWorker();

  const job = await grid.untilEnded(0, id);
  expect(job).toMatchObject({ state: 'completed', priced: trades, failed: 0 });
  expectEachRowOnce(await grid.results(0, id), trades);
});
