// Either controller answers for every job, whichever keeps it, and jobs without workers wait.

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { HistogramView, JobView, ResultPageView } from '../../src/http/views.ts';
import { expectEachRowOnce } from './expect-rows.ts';
import { optionLines } from './portfolios.ts';
import { addressOf, jobDone, ProcessGrid } from './process-grid.ts';

vi.setConfig({ testTimeout: 60_000 });

let grid: ProcessGrid;

beforeAll(async () => {
  ({ grid } = await ProcessGrid.start({ ports: 21_040, workers: 0 }));
});

afterAll(() => grid.stop());

it('a job without workers waits and says so, and runs when a worker comes', async () => {
  const trades = 500;
  const { id } = await grid.submit(0, 'metric=OptionPV', optionLines(trades));
  const waiting = await grid.untilJob([0, id], 'waits', (job) => job.state !== 'accepting');
  expect(waiting.state).toBe('waiting-for-workers');
  expect(waiting.reason).toMatch(/worker/i);
  const elsewhere = await grid.untilJob([1, id], 'waits', (job) => job.reason !== undefined);
  expect(elsewhere).toMatchObject({ state: 'waiting-for-workers', reason: waiting.reason });

  const worker = grid.startWorker();

  const job = await grid.untilEnded(0, id);
  expect(job).toMatchObject({ state: 'completed', priced: trades });
  expect(job.reason).toBeUndefined();
  expect(job.workers.map(({ address }) => address)).toEqual([await addressOf(worker)]);
});

it.each([
  [0, 1],
  [1, 0],
])('a job submitted at controller %i is read at controller %i as a whole', async (owner, other) => {
  const trades = 5000;
  const { id } = await grid.submit(owner, 'metric=OptionPV&name=book', optionLines(trades));
  const kept = await grid.untilEnded(owner, id);
  const seen = await grid.untilEnded(other, id);
  expect(seen).toEqual(kept);
  expect(seen.owner).toContain(grid.clusterAddress(owner));

  const { jobs } = await grid.json<{ jobs: JobView[] }>(other, '/v1/jobs');
  expect(jobs.find((job) => job.id === id)).toEqual(kept);
  const results = await grid.results(other, id);
  expectEachRowOnce(results, trades);
  expect(results).toEqual(await grid.results(owner, id));
  const paths = [`/v1/jobs/${id}/results?limit=7`, `/v1/jobs/${id}/histogram?bins=12`];
  for (const path of paths) {
    const view = await grid.json<ResultPageView | HistogramView>(other, path);
    expect(view).toEqual(await grid.json(owner, path));
  }
});

it('a job is followed and cancelled at the controller that does not keep it', async () => {
  const portfolio = optionLines(60_000);
  const { id } = await grid.submit(0, 'metric=OptionPV&engine=integral', portfolio);
  const events = await fetch(`${grid.url(1)}/v1/jobs/${id}/events`);
  const followed = events.text();
  await grid.untilJob([1, id], 'moves', (job) => jobDone(job) > 0);

  const answer = await fetch(`${grid.url(1)}/v1/jobs/${id}`, { method: 'DELETE' });

  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ id, state: 'cancelled' });
  expect(await grid.untilEnded(0, id)).toMatchObject({ state: 'cancelled' });
  const text = await followed;
  expect(text).toContain('event: progress\n');
  expect(text.trimEnd().split('\n\n').at(-1)).toMatch(
    /^id: 2-\d+\nevent: end\ndata: .*"cancelled"/,
  );
});

it('an idempotency key given at one controller is known at the other', async () => {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'evening-run' },
    body: optionLines(20),
  };
  const first = await grid.json<JobView>(0, '/v1/jobs?metric=OptionPV', init);
  await grid.untilJob([1, first.id], 'is known', () => true);
  const second = await grid.json<JobView>(1, '/v1/jobs?metric=OptionPV', init);
  expect(second.id).toBe(first.id);
});
