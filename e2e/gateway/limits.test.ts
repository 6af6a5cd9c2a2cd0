// What deploy/gateway/envoy.yaml lets through, and what it sends twice: small servers stand in for the controllers. The
// short form of the gateway's tests for every run.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimPorts, type PortBlock } from '../../apps/valuation/test/acceptance/port-block.ts';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { figure } from '../../interop/harness/figures.ts';
import { Authority } from '../../packages/parvi/test/remoting/certificates.ts';
import { Envoy, envoyObstacle } from './envoy.ts';
import { GatewayFiles } from './gateway-config.ts';

const obstacle = envoyObstacle();
if (obstacle !== undefined) process.stderr.write(`Skipped: ${obstacle}\n`);
const it = test.skipIf(obstacle !== undefined);

let ports: PortBlock | undefined;
let files: GatewayFiles | undefined;
let envoy: Envoy | undefined;
const servers: Server[] = [];
/** What the servers were asked, other than whether they are ready. */
let asked: string[] = [];
/** What they answer; undefined leaves the client without an answer. */
let status: number | undefined = 200;

const port = (index: number): number => (ports?.first ?? 0) + index;
const url = (path: string): string => `http://127.0.0.1:${port(2)}/ve-svc/${path}`;

async function startServer(index: number): Promise<void> {
  const server = createServer((request, answer) => {
    const isProbe = request.url === '/ready';
    if (!isProbe) asked.push(`${request.method} ${request.url}`);
    if (!isProbe && status === undefined) {
      request.socket.destroy();
      return;
    }
    answer.statusCode = isProbe ? 200 : (status ?? 200);
    answer.end('answer');
  });
  servers.push(server);
  server.listen(port(index), '127.0.0.1');
  await once(server, 'listening');
}

beforeAll(async () => {
  ports = await claimPorts(28_800);
  for (const index of [0, 1]) await startServer(index);
  files = new GatewayFiles({
    httpPort: port(2),
    httpsPort: port(3),
    adminPort: port(4),
    controllerPorts: [port(0), port(1)],
    certificate: new Authority().issue({ name: 'gateway', hosts: ['localhost'] }),
  });
  const started = await Envoy.start({
    configFile: files.configFile,
    adminPort: port(4),
    baseId: port(0),
  });
  envoy = started;
  await until(
    'both to be sent to',
    async () => (await started.statistic('cluster.controllers.membership_healthy')) === 2,
  );
});

afterAll(async () => {
  await envoy?.stop();
  files?.remove();
  for (const server of servers) server.close();
  await ports?.release();
});

async function statusesOf(requests: number, path: string, init?: RequestInit) {
  const answers = await Promise.all(
    Array.from({ length: requests }, async () => {
      const answer = await fetch(url(path), init);
      return { answer, body: await answer.text() };
    }),
  );
  const refused = answers.filter(({ answer }) => answer.status === 429);
  return { passed: answers.length - refused.length, refused };
}

test.skipIf(obstacle !== undefined).each([
  ['POST', 'v1/jobs'],
  ['DELETE', 'v1/jobs/7'],
  ['PUT', 'v1/snapshots/mine'],
  ['GET', 'valQuery?metric=NPV'],
  ['GET', '%76alQuery?metric=NPV'],
  ['GET', 'v1/../valQuery?metric=NPV'],
  ['GET', '/valQuery?metric=NPV'],
])('sends %s %s once only, whatever comes of it', async (method, path) => {
  for (const outcome of [503, undefined]) {
    [asked, status] = [[], outcome];
    const { answer, text } = await raw(method, path);
    expect({ answer, times: asked.length }).toEqual({ answer: 503, times: 1 });
    if (outcome === undefined) expect(text).toContain('GATEWAY_BROKEN_OFF');
  }
});

test.skipIf(obstacle !== undefined).each([
  ['GET', 'v1/jobs'],
  ['HEAD', 'v1/jobs'],
  ['GET', 'v1/grid/events'],
  ['GET', ''],
])('sends %s %s to the other controller when one breaks off', async (method, path) => {
  for (const outcome of [503, undefined]) {
    [asked, status] = [[], outcome];
    await raw(method, path);
    expect(asked.length).toBeGreaterThan(1);
  }
});

it('refuses a client that submits too often with 429 and Retry-After, and lets it go on later', async () => {
  status = 200;
  const { passed, refused } = await statusesOf(400, 'v1/jobs', { method: 'POST', body: 'x' });
  figure('400 submissions of one address at once', `${passed} passed, ${refused.length} refused`);
  expect(passed).toBeGreaterThanOrEqual(80);
  expect(refused.length).toBeGreaterThan(20);
  for (const { answer, body } of refused) {
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status: 429, code: 'GATEWAY_TOO_MANY_REQUESTS' });
  }
  await until('a submission that passes', async () => {
    const answer = await fetch(url('v1/jobs'), { method: 'POST', body: 'x' });
    return answer.status === 200;
  });
});

it('lets reads pass meanwhile: they have a limit of their own', async () => {
  status = 200;
  await statusesOf(200, 'v1/jobs', { method: 'POST', body: 'x' });
  const { passed } = await statusesOf(300, 'v1/grid');
  expect(passed).toBe(300);
});

/** The answer to a request whose path is sent as it is; `fetch` would tidy it up. */
async function raw(method: string, path: string): Promise<{ answer: number; text: string }> {
  const socket = connect(port(2), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `${method} /ve-svc/${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'close');
  return { answer: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
}
