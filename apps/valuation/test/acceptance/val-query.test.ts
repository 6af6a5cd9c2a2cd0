// The request that clients of the well-known Akka pricing engine send, and the log lines that tell of its job.

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeProcess } from './node-process.ts';
import { hasEnded, ProcessGrid } from './process-grid.ts';

let grid: ProcessGrid;
let controller: NodeProcess;
let worker: NodeProcess;

beforeAll(async () => {
  grid = await ProcessGrid.create({ ports: 21_140, controllers: 1 });
  controller = grid.startController(0, ['--http.allowed-hosts', 'grid.example']);
  worker = grid.startWorker();
  await grid.untilUp(2);
});

afterAll(() => grid.stop());

/** Values of the reference trades, as the well-known engine reports them. */
const metrics = ['NPV', 'ParRate', 'FwdRate', 'IRDelta', 'OptionPV'];

describe.each(['', '/ve-svc'])('GET %s/valQuery', (prefix) => {
  it.each(metrics)('prices the reference trade of %s so many times', async (metric) => {
    const url = `${grid.url(0)}${prefix}/valQuery?metric=${metric}&numTrades=50`;
    const response = await fetch(url);
    expect(response.status).toBe(202);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toBe('Job submitted');
    const location = response.headers.get('location') ?? '';
    expect(location).toMatch(new RegExp(`^${prefix}/v1/jobs/[0-9a-f-]{36}$`));

    const id = location.slice(location.lastIndexOf('/') + 1);
    const job = await grid.untilEnded(0, id);
    const viaLocation = await fetch(grid.url(0) + location);
    expect(await viaLocation.json()).toEqual(job);
    expect(job).toMatchObject({ state: 'completed', metric, trades: 50, priced: 50, failed: 0 });
    expect(job.min).toBe(job.max);
    const results = await grid.results(0, id);
    expect(new Set(results.map(({ value }) => value))).toEqual(new Set([job.min]));
    await expectLogged(id, metric, job.mean);
  });
});

it.each([
  ['localhost', 202],
  ['grid.example', 202],
  ['evil.example', 421],
])('is answered to a client that calls the controller %s with %i', async (name, status) => {
  const headers = { host: `${name}:${grid.httpPort(0)}` };
  const request = get(`${grid.url(0)}/valQuery`, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(status);
});

/** Controller and worker each tell job, metric, trades, result and time in one line. */
async function expectLogged(id: string, metric: string, result: number | null): Promise<void> {
  const lines = [
    await controller.untilLogged('Job completed').then(() => lineOf(controller, id)),
    await worker.untilLogged('Priced a share').then(() => lineOf(worker, id)),
  ];
  for (const line of lines) {
    expect(line).toMatchObject({ job: id, metric, trades: 50 });
    expect(line?.result).toBeCloseTo(result ?? Number.NaN, 8);
    expect(line?.elapsedMs).toBeGreaterThan(0);
  }
}

function lineOf(node: NodeProcess, id: string) {
  return node.log.find((line) => line.job === id && 'result' in line);
}

describe('GET /valQuery', () => {
  it('prices one trade by NPV when asked for nothing', async () => {
    const response = await fetch(`${grid.url(0)}/valQuery`);
    expect(response.status).toBe(202);
    const location = response.headers.get('location') ?? '';
    const id = location.slice(location.lastIndexOf('/') + 1);
    const job = await grid.untilJob([0, id], 'has ended', hasEnded);
    expect(job).toMatchObject({ metric: 'NPV', trades: 1, priced: 1 });
  });

  it.each(['metric=Nonsense&numTrades=5', 'metric=NPV&numTrades=0', 'metric=NPV&numTrades=many'])(
    'refuses %s with the field that is wrong',
    async (query) => {
      const response = await fetch(`${grid.url(0)}/valQuery?${query}`);
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      const field = query.includes('Nonsense') ? 'metric' : 'numTrades';
      expect(await response.json()).toMatchObject({ status: 400, field });
    },
  );
});
