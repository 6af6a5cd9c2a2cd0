// Whom a browser may be made to ask: other names for this machine, and pages of other sites.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedNames } from '../../src/http/host-names.ts';
import { fra, HttpGrid, lines } from './http-grid.ts';

let local: HttpGrid;
let open: HttpGrid;
beforeAll(async () => {
  const hostNames = checkedNames('127.0.0.1', ['Grid.example.com']);
  local = await HttpGrid.start({ workers: 0, ...(hostNames === undefined ? {} : { hostNames }) });
  open = await HttpGrid.start({ workers: 0 });
});
afterAll(() => Promise.all([local.close(), open.close()]));

const jobs = (grid: HttpGrid, headers: object) =>
  grid.server.inject({ url: '/v1/jobs', headers: { ...headers } });

describe('the names that are taken', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'])(
    'are addresses and localhost on %s, and those allowed',
    (host) => {
      expect(checkedNames(host, [])).toEqual([]);
      expect(checkedNames(host, ['Grid.Example.com:80'])).toEqual(['grid.example.com']);
    },
  );

  it.each(['0.0.0.0', '::', '10.1.2.3', 'grid', '127.evil.com'])('are all on %s', (host) => {
    expect(checkedNames(host, [])).toBeUndefined();
    expect(checkedNames(host, ['grid.example.com'])).toEqual(['grid.example.com']);
  });
});

describe('a controller on loopback', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1:7777',
    '192.168.1.5:80',
    '[::1]:7777',
    'localhost',
    'LocalHost:7777',
    'localhost.:7777',
    'grid.localhost',
    'grid.example.com:7777',
  ])('answers as %s', async (host) => {
    expect((await jobs(local, { host })).statusCode).toBe(200);
  });

  it.each([
    'evil.com',
    'evil.com:7777',
    'localhost.evil.com',
    'notlocalhost',
    '127.0.0.1.evil.com',
    'sub.grid.example.com',
    '[::1].evil.com',
    '[evil.com]',
    '127.0.0.1@evil.com',
  ])('does not answer as %s', async (host) => {
    expect((await jobs(local, { host })).json()).toMatchObject({
      status: 421,
      code: 'REQUEST_HOST_UNKNOWN',
      field: 'host',
      detail: expect.stringContaining(`"${host}"`),
    });
    expect((await jobs(open, { host })).statusCode).toBe(200);
  });
});

describe('a request that makes something', () => {
  const host = '127.0.0.1:7777';
  const submit = (headers: object) =>
    local.post('/v1/jobs', lines([fra('a')]), 'application/x-ndjson', { host, ...headers });
  const query = (headers: object) =>
    local.server.inject({ url: '/ve-svc/valQuery', headers: { host, ...headers } });

  it.each([
    {},
    { origin: 'http://127.0.0.1:7777' },
    { origin: 'http://127.0.0.1:3000' },
    { origin: 'https://grid.example.com' },
    { origin: 'http://gateway.example', 'x-forwarded-host': 'gateway.example' },
    // The gateway has changed the host, and the browser knows better.
    { origin: 'https://gateway.example', 'sec-fetch-site': 'same-origin' },
  ])('is taken from %o', async (headers) => {
    expect((await submit(headers)).statusCode).toBe(202);
    expect((await query(headers)).statusCode).toBe(202);
  });

  it.each([
    'http://evil.com',
    'http://127.0.0.1.evil.com',
    'http://evil.com:7777',
    'http://evil.com/127.0.0.1',
    'null',
    'file://',
  ])('is refused from a page of %s', async (origin) => {
    const refusal = { status: 403, code: 'REQUEST_CROSS_SITE', field: 'origin' };
    expect((await submit({ origin })).json()).toMatchObject(refusal);
    expect((await query({ origin })).json()).toMatchObject(refusal);
    expect((await jobs(local, { host, origin })).statusCode).toBe(200);
  });
});
