// What a gateway is told when it asks a controller whether it may send requests.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { HttpGrid } from './http-grid.ts';

let grid: HttpGrid;

beforeAll(async () => {
  grid = await HttpGrid.start();
});

afterAll(() => grid.close());

it('says OK while all checks pass, below the prefix of the gateway too', async () => {
  for (const url of ['/ready', '/ve-svc/ready']) {
    const answer = await grid.server.inject(url);
    expect([answer.statusCode, answer.body]).toEqual([200, 'OK']);
    expect(answer.headers['cache-control']).toBe('no-store');
  }
});

it('says which check does not pass, and why', async () => {
  const check = grid.health.register({
    name: 'vault',
    aspect: 'ready',
    check: () => 'is locked',
  });
  const answer = await grid.server.inject('/ready');
  check.cancel();
  expect([answer.statusCode, answer.body]).toEqual([503, 'Not ready: vault is locked']);
  expect((await grid.server.inject('/ready')).statusCode).toBe(200);
});
