// The health check of the image finds the management server where the options of the node put it.

import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const program = join(import.meta.dirname, '../deploy/docker/valuation/healthcheck.mjs');
let server: Server;
let port = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/ops/alive' ? 200 : 404;
    response.end(`no ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = String((server.address() as AddressInfo).port);
});
afterAll(() => void server.close());

function check(options: Readonly<Record<string, string>>): Promise<[number | null, string]> {
  const named = Object.entries(options).map(([name, value]) => [`PARVI_MANAGEMENT_${name}`, value]);
  const child = spawn(process.execPath, [program], { env: Object.fromEntries(named) });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve([code, said.trim()])));
}

it.each([
  ['by the port that it listens at', { PORT: '1', HOST: 'node-1.invalid', BIND_HOST: '0.0.0.0' }],
  ['at an address in brackets', { BIND_HOST: '[::ffff:127.0.0.1]' }],
])('finds the node %s, below its base path', async (_, options) => {
  const base = { BASE_PATH: '/ops/', BIND_PORT: port };
  expect(await check({ ...options, ...base })).toEqual([0, '']);
});

it('fails and says why where nobody answers, or not as a node that is alive', async () => {
  expect(await check({ PORT: '1' })).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
  expect(await check({ PORT: port })).toEqual([1, 'Not alive: status 404: no /alive']);
});
