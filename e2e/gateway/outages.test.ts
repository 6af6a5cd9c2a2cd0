// Controllers that are killed, freeze or leave while clients read: what clients notice of it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobView } from '../../apps/valuation/src/http/views.ts';
import { expectEachRowOnce } from '../../apps/valuation/test/acceptance/expect-rows.ts';
import { NodeProcess } from '../../apps/valuation/test/acceptance/node-process.ts';
import { optionLines } from '../../apps/valuation/test/acceptance/portfolios.ts';
import { jobDone } from '../../apps/valuation/test/acceptance/process-grid.ts';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { figure } from '../../interop/harness/figures.ts';
import { GatewayGrid } from './gateway-grid.ts';
import { ReadLoad } from './read-load.ts';

let gateway: GatewayGrid;

beforeAll(async () => {
  gateway = await GatewayGrid.start({ ports: 28_400, requestsPerSecond: 100_000 });
});

afterAll(async () => {
  await gateway?.stop();
});

/** Reads of everything that any controller answers, and of a job that the controller keeps. */
async function startReads(keeper: number): Promise<ReadLoad> {
  const { id } = await gateway.grid.submit(keeper, 'metric=OptionPV', optionLines(200));
  await gateway.grid.untilEnded(keeper, id);
  const job = `v1/jobs/${id}`;
  await gateway.grid.untilJob([1 - keeper, id], 'is known', () => true);
  const load = new ReadLoad({
    url: gateway.url,
    paths: ['v1/grid', 'v1/jobs?limit=5', job, `${job}/results?limit=20`, 'v1/metrics-info', ''],
    connections: 32,
  });
  await untilMore(load, 1000);
  return load;
}

const untilMore = (load: ReadLoad, requests: number): Promise<true> => {
  const enough = load.requests + requests;
  return until(`${requests} more requests`, () => load.requests >= enough, { timeoutMs: 30_000 });
};

interface Shown {
  readonly what: string;
  readonly avoidedMs: number;
  readonly before: number;
}

async function endReads(load: ReadLoad, { what, avoidedMs, before }: Shown): Promise<void> {
  await untilMore(load, 2000);
  const { requests, failures, seconds, slowestMs } = await load.stop();
  const rate = Math.round(requests / seconds);
  figure(
    what,
    `${requests} reads by 32 clients (${rate}/s); ${before} failed before the controller was avoided (after ${Math.round(avoidedMs)} ms), ${failures.length - before} later; slowest ${Math.round(slowestMs)} ms`,
  );
  expect(failures).toEqual([]);
}

it('no read fails when a controller is killed', async () => {
  const load = await startReads(1);
  const killed = gateway.controllers[0]?.kill();
  const avoidedMs = await gateway.untilAvoided(0);
  const before = load.failures.length;
  await killed;
  await endReads(load, { what: 'controller killed', avoidedMs, before });
  await gateway.restart(0);
});

it('no read fails when a controller freezes, and no submission is made twice', async () => {
  const load = await startReads(1);
  const frozen = gateway.controllers[0];
  frozen?.signal('SIGSTOP');
  const submissions = Array.from({ length: 10 }, () =>
    fetch(`${gateway.url}valQuery?metric=NPV&numTrades=11`),
  );
  const avoidedMs = await gateway.untilAvoided(0);
  const before = load.failures.length;
  await untilMore(load, 1000);
  frozen?.signal('SIGCONT');
  const answers = await Promise.all(submissions);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
  await endReads(load, { what: 'controller frozen', avoidedMs, before });
  await gateway.untilBoth();
  for (const controller of [0, 1]) await gateway.grid.untilUp(4, controller);
  const { jobs } = await gateway.grid.json<{ jobs: JobView[] }>(1, '/v1/jobs?limit=1000');
  expect(jobs.filter(({ trades }) => trades === 11)).toHaveLength(10);
});

it('nothing fails when a controller leaves: neither reads nor submissions', async () => {
  const load = await startReads(0);
  const submitter = submitUntilStopped();
  const [leaver] = gateway.controllers;
  leaver?.signal('SIGTERM');
  const avoidedMs = await gateway.untilAvoided(0);
  const before = load.failures.length;
  expect(await leaver?.untilExited(30_000)).toEqual({ code: 0, signal: null });
  await untilMore(load, 1000);
  const statuses = await submitter.stop();
  const taken = statuses.filter((status) => status === 202).length;
  figure('submissions while a controller left', `${taken} of ${statuses.length} taken`);
  expect(new Set(statuses)).toEqual(new Set([202]));
  await endReads(load, { what: 'controller leaves (SIGTERM)', avoidedMs, before });
  await gateway.restart(0);
});

/** Submits one small job after the other. */
function submitUntilStopped() {
  const statuses: number[] = [];
  let stopping = false;
  const done = (async () => {
    while (!stopping) {
      const answer = await fetch(`${gateway.url}v1/jobs?metric=OptionPV`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: optionLines(5),
      });
      await answer.arrayBuffer();
      statuses.push(answer.status);
    }
  })();
  return {
    async stop(): Promise<readonly number[]> {
      stopping = true;
      await done;
      return statuses;
    },
  };
}

it('who follows a job through the gateway sees its end, though its controller leaves meanwhile', async () => {
  // So many that they are not all priced by the time the controller has heard that it is to end.
  const trades = 200_000;
  const file = join(gateway.grid.directory, 'book.ndjson');
  writeFileSync(file, optionLines(trades));
  const words = ['submit', file, '--metric', 'OptionPV', '--engine', 'integral', '--follow'];
  const command = new NodeProcess({ words: [...words, '--url', gateway.url.slice(0, -1)] });
  const job = await until('a job that moves', async () => {
    const { jobs } = await gateway.grid.json<{ jobs: JobView[] }>(0, '/v1/jobs?limit=5');
    return jobs.find((one) => one.trades === trades && jobDone(one) > 0);
  });
  const owner = [0, 1].find((i) => job.owner.endsWith(gateway.grid.clusterAddress(i))) ?? 0;
  gateway.controllers[owner]?.signal('SIGTERM');
  expect(await command.untilExited(120_000)).toEqual({ code: 0, signal: null });
  const ended = await gateway.grid.untilEnded(1 - owner, job.id);
  expect(ended).toMatchObject({ state: 'completed', priced: trades });
  expect(ended.owner).toContain(gateway.grid.clusterAddress(1 - owner));
  expectEachRowOnce(await gateway.grid.results(1 - owner, job.id), trades);
  expect(await gateway.controllers[owner]?.untilExited(30_000)).toEqual({ code: 0, signal: null });
  figure(
    'a job followed while its controller left',
    `${ended.priced} of ${trades} trades priced at the other`,
  );
  await gateway.restart(owner);
});

it('says that no controller answers, and when to ask again, when all are gone', async () => {
  await Promise.all(gateway.controllers.map((controller) => controller.kill()));
  await until('both to be avoided', async () => (await gateway.envoy.avoided()).size === 2);
  const answer = await fetch(`${gateway.url}v1/grid`);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await answer.json()).toMatchObject({ status: 503, code: 'GATEWAY_NO_CONTROLLER' });
  expect(await gateway.envoy.stop()).toBe(0);
});
