// A controller that gives notice before it leaves.

import { afterEach, expect, it } from 'vitest';
import { input, portfolio, request, TestGrid } from './test-grid.ts';

let grid: TestGrid;
afterEach(async () => {
  for (const node of grid.nodes) if (node.alive) await grid.stop(node);
});

it('is not ready at once and takes jobs on until the notice is over', async () => {
  grid = new TestGrid({ controller: { leaveNoticeMs: 2000 } });
  await grid.start(2, 1);
  const [leaver] = grid.nodes;
  const { service } = grid.controller(0);
  const submit = () => service.submit(request, input(portfolio(10)));
  const isReady = async () => (await leaver?.system.health.run('ready'))?.healthy;
  expect(await isReady()).toBe(true);

  const leaving = leaver?.system.terminate();

  expect(await isReady()).toBe(false);
  await grid.advance(1900);
  const job = await grid.settled(submit());
  await grid.advance(200);
  await expect(grid.settled(submit())).rejects.toMatchObject({ code: 'GRID_STOPPING' });
  if (leaving !== undefined) await grid.settled(leaving);
  if (leaver !== undefined) leaver.alive = false;
  expect(await grid.settled(grid.controller(1).service.job(job.id))).toMatchObject({ priced: 10 });
});
