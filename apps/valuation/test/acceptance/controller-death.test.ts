// Controllers that are killed or told to stop while they keep jobs.

import { afterEach, expect, it, vi } from 'vitest';
import { expectEachRowOnce } from './expect-rows.ts';
import { optionLines } from './portfolios.ts';
import { jobDone, ProcessGrid } from './process-grid.ts';
import { until } from './until.ts';

vi.setConfig({ testTimeout: 60_000 });

const slowly = 'metric=OptionPV&engine=integral';

let grid: ProcessGrid | undefined;

afterEach(() => grid?.stop());

async function startGrid(
  ports: number,
  words: readonly string[] = [],
  ofControllers: readonly string[] = [],
) {
  grid = await ProcessGrid.create({ ports, words });
  const first = grid.startController(0, ofControllers);
  const second = grid.startController(1, ofControllers);
  const worker = grid.startWorker();
  await grid.untilUp(3);
  return { grid, first, second, worker };
}

it('a job whose controller is killed is reported as lost by the other, by its id', async () => {
  const words = ['--cluster.split-brain.stable-after', '4s'];
  const { grid, first, second } = await startGrid(21_060, words);
  const { id } = await grid.submit(0, slowly, optionLines(100_000));
  const kept = await grid.submit(1, 'metric=OptionPV', optionLines(100));
  await grid.untilJob([1, id], 'is known and moves', (job) => jobDone(job) > 0);

  await first.kill();

  const lost = await grid.untilJob([1, id], 'is lost', (job) => job.state === 'lost');
  expect(lost.reason).toContain(grid.clusterAddress(0));
  expect(lost.endedAt).toBeDefined();
  expect(await second.untilLogged('Job is lost')).toMatchObject({ job: id });
  const results = await fetch(`${grid.url(1)}/v1/jobs/${id}/results`);
  expect(results.status).toBe(410);
  expect(await results.json()).toMatchObject({ code: 'JOB_LOST' });
  expect(await grid.job(1, kept.id)).toMatchObject({ state: 'completed' });

  // The same address again is another incarnation; it takes jobs as if nothing had been.
  grid.startController(0, words);
  await grid.untilUp(3, 1);
  await grid.untilUp(3, 0);
  expect(await grid.job(0, id)).toMatchObject({ id, state: 'lost', reason: lost.reason });
  const gone = await fetch(`${grid.url(0)}/v1/jobs/${id}/results`);
  expect([gone.status, await gone.json()]).toMatchObject([410, { code: 'JOB_LOST' }]);
  const again = await grid.submit(0, 'metric=OptionPV', optionLines(100));
  expect(await grid.untilEnded(1, again.id)).toMatchObject({ state: 'completed', priced: 100 });
});

it('a controller that is told to stop ends its jobs when no other is there, and takes no new ones meanwhile', async () => {
  const started = await ProcessGrid.start({ ports: 21_080, controllers: 1, workers: 1 });
  grid = started.grid;
  const [first] = started.controllers;
  const trades = 15_000;
  const { id } = await grid.submit(0, slowly, optionLines(trades));
  await grid.untilJob([0, id], 'moves', (job) => jobDone(job) > 0);

  first?.signal('SIGTERM');
  await first?.untilLogged('Controller leaves when its jobs are handed over or have ended');
  const refused = await fetch(`${grid.url(0)}/v1/jobs?metric=OptionPV`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: optionLines(1),
  });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await refused.json()).toMatchObject({ code: 'GRID_STOPPING' });
  expectEachRowOnce(await grid.results(0, id), trades);
  expect(await first?.untilExited()).toEqual({ code: 0, signal: null });
});

it('a controller whose jobs nobody takes leaves within its bound, and they are lost and it is said why', async () => {
  const { grid, first } = await startGrid(21_100, [], ['--controller.queued-trades-max', '1000']);
  const bound = grid.startController(2, ['--controller.leave-wait-ms', '2s']);
  await grid.untilUp(4);
  const { id } = await grid.submit(2, slowly, optionLines(200_000));
  await grid.untilJob([2, id], 'moves', (job) => jobDone(job) > 0);

  const exit = await bound.end('SIGTERM');

  expect(exit).toMatchObject({ code: 0, signal: null });
  expect(exit.tookMs).toBeGreaterThan(1900);
  expect(exit.tookMs).toBeLessThan(8000);
  expect(await bound.untilLogged('Job is left undone')).toMatchObject({ job: id });
  expect(first.isRunning).toBe(true);
  const lost = await grid.untilJob([0, id], 'is lost', (job) => job.state === 'lost');
  expect(lost.reason).toMatch(
    /left the cluster before the job ended, since it waits 2 s at most .* no other controller took it: .* 1000 is the most/,
  );
  await until('all spools to be gone', () => grid.leftBehind().length <= 2);
});
