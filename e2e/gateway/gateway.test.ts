// The real Envoy before two real controllers: what it passes, what it shares out, and what it never sends twice.

import { writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { get as getSecure } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobView, ResultView } from '../../apps/valuation/src/http/views.ts';
import { csvHeader, tradeToCsv } from '../../apps/valuation/src/instruments/index.ts';
import { generatePortfolio } from '../../apps/valuation/src/pricing/index.ts';
import { expectEachRowOnce } from '../../apps/valuation/test/acceptance/expect-rows.ts';
import { NodeProcess } from '../../apps/valuation/test/acceptance/node-process.ts';
import { optionLines } from '../../apps/valuation/test/acceptance/portfolios.ts';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { openBrowser } from '../../apps/valuation/test/page/browser.ts';
import { PageSession } from '../../apps/valuation/test/page/page-session.ts';
import { figure } from '../../interop/harness/figures.ts';
import { Authority } from '../../packages/parvi/test/remoting/certificates.ts';
import { GatewayGrid } from './gateway-grid.ts';

let gateway: GatewayGrid;

beforeAll(async () => {
  gateway = await GatewayGrid.start({ ports: 28_000, requestsPerSecond: 100_000 });
});

afterAll(async () => {
  await gateway?.stop();
});

const read = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${gateway.url}${path}`, { redirect: 'manual', ...init });

it('shares requests out among both controllers, one after the other', async () => {
  const before = gateway.envoy.accessLog.length;
  for (let i = 0; i < 40; i++) expect((await read('v1/grid')).status).toBe(200);
  await until('the access log', () => gateway.envoy.accessLog.length >= before + 40);
  const seen = gateway.envoy.accessLog.slice(before).map(({ controller }) => controller);
  const counts = [0, 1].map((i) => seen.filter((one) => one === gateway.upstream(i)).length);
  figure('40 reads, by controller', counts.join(' and '));
  expect(counts).toEqual([20, 20]);
});

it('costs a read little', async () => {
  const medianMs = async (url: string): Promise<number> => {
    const tookMs: number[] = [];
    for (let i = 0; i < 300; i++) {
      const fromMs = performance.now();
      await (await fetch(`${url}v1/metrics-info`)).arrayBuffer();
      tookMs.push(performance.now() - fromMs);
    }
    return tookMs.toSorted((a, b) => a - b)[150] ?? 0;
  };
  const direct = await medianMs(`${gateway.grid.url(0)}/`);
  const through = await medianMs(gateway.url);
  figure(
    'median of a read, directly and through the gateway',
    `${direct.toFixed(2)} and ${through.toFixed(2)} ms`,
  );
  expect(through - direct).toBeLessThan(10);
});

it('keeps the prefix, in the addresses that controllers answer with too', async () => {
  const bare = await read('../ve-svc');
  expect([bare.status, new URL(bare.headers.get('location') ?? '').pathname]).toEqual([
    308,
    '/ve-svc/',
  ]);
  const submitted = await read('valQuery?metric=NPV&numTrades=3');
  expect(submitted.status).toBe(202);
  const location = submitted.headers.get('location') ?? '';
  expect(location).toMatch(/^\/ve-svc\/v1\/jobs\//);
  expect((await read(`..${location}`)).status).toBe(200);
});

it('answers what it does not know, and what it cannot pass, with problem documents', async () => {
  for (const path of ['../v1/grid', '../other/']) {
    const answer = await read(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 404, code: 'GATEWAY_REFUSED' });
  }
  expect((await read('v1/jobs/a%2Fb')).status).toBe(400);
});

it('keeps the id of a request and makes one where there is none; headers of traces pass', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const given = await read('v1/snapshots', { headers: { 'x-request-id': 'run-7', traceparent } });
  expect(given.headers.get('x-request-id')).toBe('run-7');
  expect((await read('v1/snapshots')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  const line = await until('the line of the access log', () =>
    gateway.envoy.accessLog.find(({ requestId }) => requestId === 'run-7'),
  );
  expect(line).toMatchObject({
    method: 'GET',
    path: '/ve-svc/v1/snapshots',
    status: 200,
    attempts: 1,
    traceparent,
  });
});

it('passes events when they come, not when there are enough of them', async () => {
  const abort = new AbortController();
  const answer = await read('v1/grid/events', { signal: abort.signal });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const arrivalsMs: number[] = [];
  const fromMs = performance.now();
  for await (const bytes of answer.body ?? []) {
    if (!new TextDecoder().decode(bytes).includes('event: grid')) continue;
    arrivalsMs.push(performance.now() - fromMs);
    if (arrivalsMs.length === 4) break;
  }
  abort.abort();
  const gaps = arrivalsMs.slice(1).map((ms, i) => Math.round(ms - (arrivalsMs[i] ?? 0)));
  figure('milliseconds between events of the grid, through the gateway', gaps.join(', '));
  expect(arrivalsMs[0]).toBeLessThan(1500);
  for (const gap of gaps) expect(gap).toBeLessThan(2500);
});

it('takes what is submitted twice with one key once, whichever controller it comes to', async () => {
  const jobs = [];
  for (let i = 0; i < 16; i++) {
    const submit = async (): Promise<JobView> => {
      const answer = await read('v1/jobs?metric=OptionPV', {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': `evening ${i}` },
        body: optionLines(5),
      });
      expect(answer.status).toBe(202);
      return (await answer.json()) as JobView;
    };
    jobs.push(await submit());
    for (let again = 0; again < 2; again++) expect((await submit()).id).toBe(jobs[i]?.id);
  }
  const owners = new Set(jobs.map(({ owner }) => owner));
  figure('16 keys, each sent three times', `16 jobs at ${owners.size} controllers`);
  expect(owners.size).toBe(2);
});

it('passes an upload on while it still comes in', async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const lines = new TextEncoder().encode(optionLines(2000));
  const submitted = read('v1/jobs?metric=OptionPV&name=slow%20upload', {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: readable,
    duplex: 'half',
  } as RequestInit);
  await writer.write(lines);
  const job = await until('a job that is being taken', async () => {
    const { jobs } = (await (await read('v1/jobs?state=accepting')).json()) as { jobs: JobView[] };
    return jobs.find(({ name }) => name === 'slow upload');
  });
  await writer.close();
  const taken = await submitted;
  expect(taken.status).toBe(202);
  expect(await taken.json()).toMatchObject({ id: job.id, trades: 2000 });
});

it('takes 100,000 trades, and the command line follows them through it', async () => {
  const trades = 100_000;
  const file = join(gateway.grid.directory, 'book.ndjson');
  writeFileSync(file, optionLines(trades));
  const memoryBefore = gateway.envoy.memoryBytes;
  const words = ['submit', file, '--metric', 'OptionPV', '--engine', 'analytic', '--follow'];
  const url = gateway.url.slice(0, -1);
  const fromMs = performance.now();
  const command = new NodeProcess({ words: [...words, '--url', url] });
  const exit = await command.untilExited(120_000);
  const seconds = (performance.now() - fromMs) / 1000;
  expect({ ...exit, said: command.errors }).toMatchObject({ code: 0 });
  const grown = (gateway.envoy.memoryBytes - memoryBefore) / 1e6;
  const megabytes = optionLines(trades).length / 1e6;
  figure(
    '100,000 trades through the gateway, followed to their end',
    `${seconds.toFixed(1)} s, ${megabytes.toFixed(0)} MB; Envoy grew by ${grown.toFixed(1)} MB`,
  );
  expect(grown).toBeLessThan(12);
  const { jobs } = (await (await read('v1/jobs?limit=1')).json()) as { jobs: JobView[] };
  expect(jobs[0]).toMatchObject({ state: 'completed', priced: trades });
  const results = await read(`v1/jobs/${jobs[0]?.id}/results?format=ndjson`);
  const rows = (await results.text()).trimEnd().split('\n');
  expectEachRowOnce(
    rows.map((row) => JSON.parse(row) as ResultView),
    trades,
  );
});

it('ends TLS, speaks HTTP/2, and takes a new certificate without being started anew', async () => {
  const ca = gateway.authority.cert;
  const { port } = new URL(gateway.secureUrl);
  const status = await new Promise((resolve, reject) => {
    getSecure(`${gateway.secureUrl}v1/grid`, { ca, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).once('error', reject);
  });
  expect(status).toBe(200);
  expect(await http2Status(ca)).toBe(200);
  const stranger = new Authority('Somebody else').cert;
  await expect(certificateName(Number(port), stranger)).rejects.toThrow('unable to verify');

  expect(await certificateName(Number(port), ca)).toBe('gateway');
  const another = { name: 'renewed', hosts: ['localhost'] };
  gateway.files.replaceCertificate(gateway.authority.issue(another));
  const fromMs = performance.now();
  await until(
    'the new certificate',
    async () => (await certificateName(Number(port), ca)) === 'renewed',
  );
  figure('a new certificate is in use after', `${Math.round(performance.now() - fromMs)} ms`);
});

function http2Status(ca: string): Promise<number | undefined> {
  const session = connectHttp2(gateway.secureUrl, { ca });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  session.once('error', reject);
  const stream = session.request({ ':path': '/ve-svc/v1/grid' });
  stream.once('response', (headers) => resolve(headers[':status']));
  stream.once('error', reject);
  stream.resume();
  return promise.finally(() => session.close());
}

/** The name in the certificate that the gateway shows now. */
function certificateName(port: number, ca: string): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
  socket.once('secureConnect', () => resolve(String(socket.getPeerCertificate().subject.CN)));
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}

it('serves the live page below the prefix: it lives, takes a portfolio, and shows its results', async () => {
  const browser = await openBrowser();
  try {
    const session = await PageSession.open(browser, gateway.url);
    await session
      .section(/^Cluster/)
      .getByText('4 up')
      .waitFor();
    const lines = [...generatePortfolio({ trades: 500, seed: 3 })].map(tradeToCsv);
    const id = await session.upload('desk.csv', `${csvHeader}\n${lines.join('\n')}\n`, 'NPV');
    await session.job(id).getByText('completed').waitFor();
    await session.section(/desk/).getByRole('table').getByRole('row').nth(20).waitFor();
    expect(new URL(session.page.url()).pathname).toBe('/ve-svc/');
    expect(session.errors).toEqual([]);
    await session.close();
  } finally {
    await browser.close();
  }
});
