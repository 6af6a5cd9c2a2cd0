// Addresses and methods that are not there, with the page's files behind the routes: each refusal is a problem document.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemView } from '../../src/http/views.ts';
import { HttpGrid } from './http-grid.ts';

let grid: HttpGrid;
const directory = mkdtempSync(join(tmpdir(), 'paths-'));
beforeAll(async () => {
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>Grid</title>');
  grid = await HttpGrid.start({ workers: 0, pageDirectory: directory });
});
afterAll(async () => {
  await grid.close();
  rmSync(directory, { recursive: true });
  expect(grid.internalErrors).toEqual([]);
});

/** The answer to a request as it stands, which no client would write. */
async function answerTo(text: string): Promise<{ head: string; problem: ProblemView }> {
  const socket = await grid.connect();
  socket.setEncoding('utf8');
  socket.write(text);
  let answer = '';
  while (!answer.endsWith('}')) answer += ((await once(socket, 'data')) as [string])[0];
  socket.destroy();
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { head, problem: JSON.parse(body) as ProblemView };
}

describe('a method that a route does not have', () => {
  it.each([
    ['PUT', '/v1/jobs', 'GET, HEAD, POST'],
    ['POST', '/v1/jobs/some', 'DELETE, GET, HEAD'],
    ['POST', '/ve-svc/v1/jobs/some', 'DELETE, GET, HEAD'],
    ['DELETE', '/v1/value', 'POST'],
    ['GET', '/v1/value?metric=NPV', 'POST'],
    ['PATCH', '/v1/snapshots/default', 'GET, HEAD, PUT'],
    ['POST', '/valQuery', 'GET'],
    ['OPTIONS', '/openapi.json', 'GET, HEAD'],
  ] as const)('is told apart from no route: %s %s', async (method, url, allowed) => {
    const response = await grid.server.inject({ method, url });
    expect([response.statusCode, response.headers.allow]).toEqual([405, allowed]);
    expect(response.json()).toMatchObject({
      status: 405,
      code: 'METHOD_NOT_ALLOWED',
      field: 'method',
      detail: `${url} does not take ${method}: it takes ${allowed}`,
    });
  });

  it('is one that no route has, too', async () => {
    const { head, problem } = await answerTo('TRACE /v1/grid HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(head).toMatch(/\r\nallow: GET, HEAD\r\n/i);
    expect(problem).toMatchObject({ status: 405, field: 'method' });
  });

  it('is no matter where there is no route', async () => {
    const response = await grid.server.inject({ method: 'POST', url: '/v1/nothing' });
    expect(response.json()).toMatchObject({ status: 404, code: 'ROUTE_UNKNOWN', field: 'path' });
  });
});

describe('a name in a path', () => {
  it.each([65, 101, 5000])('of %i characters is refused, and not shown whole', async (length) => {
    for (const path of ['/v1/jobs/', '/v1/snapshots/']) {
      const response = await grid.server.inject(path + 'a'.repeat(length));
      const problem = response.json<ProblemView>();
      expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
      expect(problem.field).toBe(path.includes('jobs') ? 'id' : 'name');
      expect(problem.detail).toContain(`is "${'a'.repeat(60)}…": it must`);
    }
  });

  it.each(['..%2f..%2fetc%2fpasswd', '%2e%2e', '%00', '"><script>'])(
    'is only a name, even %s',
    async (name) => {
      const response = await grid.server.inject(`/v1/jobs/${name}`);
      expect(response.json()).toMatchObject({ status: 404 });
      expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    },
  );
});

describe('a path that leads out of the page', () => {
  it.each([
    '/v1/jobs/../../etc/passwd',
    '/../../etc/passwd',
    '/assets/../../x',
    '/%2e%2e/x',
    '/%00',
  ])('is no route: %s', async (path) => {
    const { head, problem } = await answerTo(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(head).toMatch(/^HTTP\/1.1 404 [\s\S]*\r\ncontent-type: application\/problem\+json/i);
    expect(problem).toMatchObject({ code: 'ROUTE_UNKNOWN', field: 'path' });
  });

  it('is not repeated whole', async () => {
    const response = await grid.server.inject(`/${'x'.repeat(5000)}`);
    expect(response.json<ProblemView>().detail).toBe(`There is no route GET /${'x'.repeat(199)}…`);
  });
});

describe('a request that is not quite HTTP', () => {
  it('is told what is missing', async () => {
    const { problem } = await answerTo('GET /v1/grid HTTP/1.1\r\n\r\n');
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID', field: 'host' });
  });

  it('is told that its path cannot be read', async () => {
    const { problem } = await answerTo('GET /v1/jobs/%zz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID', field: 'path' });
    expect(problem.detail).toContain('write "%" as "%25"');
  });

  it('gets its answer whatever else it expects', async () => {
    const { problem } = await answerTo(
      'GET /v1/jobs/none HTTP/1.1\r\nHost: x\r\nExpect: the-best\r\n\r\n',
    );
    expect(problem).toMatchObject({ status: 404, code: 'JOB_UNKNOWN' });
  });
});
