// Controllers that are replaced one after the other while they keep jobs and take new ones.

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import type { JobView } from '../../src/http/views.ts';
import { expectEachRowOnce } from './expect-rows.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { NodeProcess } from './node-process.ts';
import { optionLines } from './portfolios.ts';
import { jobDone, ProcessGrid } from './process-grid.ts';

vi.setConfig({ testTimeout: 120_000 });

let grid: ProcessGrid | undefined;
let gateway: Gateway | undefined;

afterEach(async () => {
  gateway?.close();
  await grid?.stop();
});

async function startGrid(ports: number, workers: number) {
  const started = await ProcessGrid.start({ ports, workers });
  grid = started.grid;
  gateway = await openGateway([0, 1].map((index) => started.grid.httpPort(index)));
  const [first, second] = started.controllers;
  if (first === undefined || second === undefined) throw new Error('There are no controllers');
  return { grid: started.grid, gateway, first, second };
}

interface Told {
  readonly id: string;
  readonly event: string;
  readonly job: JobView;
}

/** Follows a job as a browser does: again and again, behind the last event it got, until the end. */
async function follow(url: string, job: string): Promise<{ told: Told[]; streams: number }> {
  const told: Told[] = [];
  let streams = 0;
  while (told.at(-1)?.event !== 'end') {
    const last = told.at(-1)?.id;
    const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last };
    const response = await fetch(`${url}/v1/jobs/${job}/events`, { headers }).catch(
      () => undefined,
    );
    if (response?.status === 200) {
      streams++;
      // A stream that breaks is followed by the next one.
      await readInto(told, response).catch(() => undefined);
    } else await pause(50);
  }
  return { told, streams };
}

async function readInto(told: Told[], response: Response): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes as Uint8Array, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, id, event, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (id === undefined || event === undefined || data === undefined) continue;
      told.push({ id, event, job: JSON.parse(data) as JobView });
    }
  }
}

it('a job whose controller is told to stop ends at the other, with each trade once, and is followed across', async () => {
  const { grid, gateway, first, second } = await startGrid(21_120, 2);
  const trades = 200_000;
  const ended = await grid.submit(0, 'metric=OptionPV', optionLines(500));
  await grid.untilEnded(0, ended.id);
  const before = await grid.results(0, ended.id);
  const { id } = await grid.submit(0, 'metric=OptionPV&engine=leisenReimer', optionLines(trades));
  const words = ['show', id, '--follow', '--json', '--url', gateway.url];
  const command = new NodeProcess({ words, directory: grid.directory });
  grid.nodes.push(command);
  const following = follow(gateway.url, id);
  await grid.untilJob([0, id], 'moves', (job) => jobDone(job) > 20_000);

  const exit = await first.end('SIGTERM');

  expect(exit).toMatchObject({ code: 0, signal: null });
  expect(exit.tookMs).toBeLessThan(10_000);
  expect(first.logged('Job handed over').map(({ job }) => job)).toEqual([id, ended.id]);
  expect(first.logged('Job is left undone')).toEqual([]);
  expect(first.logged('Job is lost')).toEqual([]);
  const arrived = await second.untilLogged('Job taken over');
  expect(arrived).toMatchObject({ job: id, trades });
  expect(Number(arrived.done)).toBeGreaterThan(20_000);
  expect(Number(arrived.done)).toBeLessThan(trades);
  const end = await grid.untilEnded(1, id, 60_000);
  expect(end).toMatchObject({ state: 'completed', priced: trades, failed: 0 });
  expect(end.owner).toContain(grid.clusterAddress(1));
  expectEachRowOnce(await grid.results(1, id), trades);
  expect(await grid.results(1, ended.id)).toEqual(before);

  const { told, streams } = await following;
  expect(streams).toBeGreaterThan(1);
  expect(new Set(told.map(({ job }) => job.owner)).size).toBe(2);
  const done = told.map(({ job }) => jobDone(job));
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(told.filter(({ event }) => event === 'end')).toHaveLength(1);
  expect(told.at(-1)?.job).toMatchObject({ state: 'completed', priced: trades });
  expect(await command.untilExited()).toEqual({ code: 0, signal: null });
  expect(JSON.parse(command.output)).toMatchObject({ id, state: 'completed', priced: trades });
});

it('both controllers are replaced one after the other while jobs are submitted, and none is lost', async () => {
  const { grid, gateway, first, second } = await startGrid(21_140, 1);
  const per = 400;
  const submitted: string[] = [];
  let over = false;
  const submitting = (async () => {
    for (let i = 1; !over; i++) {
      submitted.push(await submitOnce(gateway.url, `job-${i}`, per));
      // Fewer jobs in all than a controller keeps results of.
      await pause(120);
    }
  })();
  const taken = async (count: number) => {
    while (submitted.length < count) await Promise.race([pause(20), submitting]);
  };
  await taken(10);
  expect(await first.end('SIGTERM')).toMatchObject({ code: 0 });
  const again = grid.startController(0);
  await grid.untilUp(3, 1);
  await grid.untilUp(3, 0);
  await taken(submitted.length + 10);
  expect(await second.end('SIGTERM')).toMatchObject({ code: 0 });
  grid.startController(1);
  await grid.untilUp(3, 0);
  await grid.untilUp(3, 1);
  await taken(submitted.length + 10);
  over = true;
  await submitting;

  expect(new Set(submitted).size).toBe(submitted.length);
  for (const id of submitted) {
    expect(await grid.untilEnded(0, id)).toMatchObject({ state: 'completed', priced: per });
  }
  for (const id of [submitted[0], submitted.at(-1)]) {
    expectEachRowOnce(await grid.results(1, id ?? ''), per);
  }
  for (const node of [first, second, again]) {
    expect(node.logged('left undone')).toEqual([]);
  }
});

/** Submits as a client behind a gateway does that repeats what was refused with 503, or met nobody. */
async function submitOnce(url: string, key: string, trades: number): Promise<string> {
  const body = optionLines(trades);
  const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': key };
  for (let i = 0; i < 200; i++) {
    const path = `${url}/v1/jobs?metric=OptionPV&name=${key}`;
    const response = await fetch(path, { method: 'POST', headers, body }).catch(() => undefined);
    const text = await response?.text().catch(() => undefined);
    if (response?.status === 202 && text !== undefined) return (JSON.parse(text) as JobView).id;
    const isPassing = response === undefined || text === undefined || response.status === 503;
    if (!isPassing) throw new Error(`${response.status} ${text}`);
    await pause(50);
  }
  throw new Error(`Job ${key} was not taken`);
}
