// The health check of the image finds the management server where the options of the node put it.

import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const program = join(import.meta.dirname, '../deploy/docker/valuation/healthcheck.mjs');
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const known = new Set(['Bearer token', basic('parvi:word'), basic('ann:word')]);
let server: Server;
let port = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const { authorization = 'nobody', host } = request.headers;
    const isFound = request.url === '/ops/alive' && host === 'localhost';
    response.statusCode = isFound || request.url === '/health/live' ? 200 : 404;
    if (request.url === '/asks') response.statusCode = known.has(authorization) ? 200 : 401;
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

it.each([
  ['at the path of its own', { HEALTH_PATHS_ALIVE: '/health/live' }],
  ['with its token', asking({ SCHEME: 'bearer', SECRET: 'token' })],
  ['with its password', asking({ SCHEME: 'basic', SECRET: 'word' })],
  ['with its name and password', asking({ SCHEME: 'basic', SECRET: 'word', USER: 'ann' })],
])('asks %s', async (_, options) => {
  expect(await check({ ...options, PORT: port })).toEqual([0, '']);
});

function asking(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = Object.entries({ ...options, HEALTH: 'yes' });
  const all = named.map(([name, value]) => [`AUTHENTICATION_${name}`, value]);
  return { HEALTH_PATHS_ALIVE: 'asks', ...Object.fromEntries(all) };
}

it('fails and says why where nobody answers, or not as a node that is alive', async () => {
  expect(await check({ PORT: '1' })).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
  expect(await check({ PORT: port })).toEqual([1, 'Not alive: status 404: no /alive']);
});
