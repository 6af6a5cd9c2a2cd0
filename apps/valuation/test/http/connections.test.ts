// What one connection may ask of a controller at once, and what it costs the others.

import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RequestTurns, type RequestTurnsOptions } from '../../src/http/request-turns.ts';
import { HttpGrid } from './http-grid.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** Everything that comes until as many answers have begun, or the server closes. */
async function answersOf(socket: Socket, count: number): Promise<string[]> {
  let text = '';
  let begun = 0;
  for await (const part of socket) {
    begun += String(part).split('HTTP/1.1 ').length - 1;
    text += part;
    if (begun >= count && text.endsWith('}')) break;
  }
  return text.split('HTTP/1.1 ').slice(1);
}

describe('a controller', () => {
  let grid: HttpGrid;
  beforeAll(async () => {
    grid = await HttpGrid.start({ workers: 0 });
  });
  afterAll(async () => {
    await grid.close();
    expect(grid.internalErrors).toEqual([]);
  });

  it('answers a neighbour while a client has asked for 2,048 snapshots and reads none', async () => {
    const market = (await grid.server.inject('/v1/snapshots/default')).json<object>();
    const dates = Array.from({ length: 9000 }, (_, i) => new Date(i * 86_400_000));
    const fixings = Object.fromEntries(
      dates.map((date) => [date.toISOString().slice(0, 10), 0.0212345678901234]),
    );
    const payload = { ...market, indexes: { Euribor3M: { fixings } } };
    const put = await grid.server.inject({ method: 'PUT', url: '/v1/snapshots/large', payload });
    expect(put.body).toContain('"hash"');
    const responses: ServerResponse[] = [];
    const collect = (_: unknown, response: ServerResponse) => responses.push(response);
    grid.server.server.on('request', collect);
    const socket = await grid.connect();
    socket.write(get('/v1/snapshots/large').repeat(2048));
    await once(grid.server.server, 'request');
    grid.server.server.off('request', collect);
    expect((await fetch(`${grid.url}/v1/snapshots`)).status).toBe(200);
    expect((await fetch(`${grid.url}/v1/snapshots/large`)).status).toBe(200);
    expect(responses.length).toBeGreaterThan(1000);
    // What the system buffers between the two ends takes some.
    expect(responses.filter((response) => response.headersSent).length).toBeLessThan(256);
    socket.destroy();
  });

  it('answers all of a thousand requests sent at once, in their order', async () => {
    const socket = await grid.connect();
    socket.setEncoding('utf8');
    const names = Array.from({ length: 1000 }, (_, i) => `/none-${i}.`);
    socket.write(names.map(get).join(''));
    const answers = await answersOf(socket, names.length);
    expect(answers.map((answer) => /\/none-\d+\./.exec(answer)?.[0])).toEqual(names);
  });

  it('takes a body that comes after requests that wait', async () => {
    const socket = await grid.connect();
    socket.setEncoding('utf8');
    const body = JSON.stringify({ trades: 'none', padding: 'x'.repeat(300_000) });
    socket.write(
      `${get('/none').repeat(20)}POST /v1/value HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}${get('/none')}`,
    );
    const statuses = (await answersOf(socket, 22)).map((answer) => answer.slice(0, 3));
    expect(statuses).toEqual([...Array(20).fill('404'), '400', '404']);
  });

  it('sends a snapshot as it is kept, and not again to who has it', async () => {
    const first = await grid.server.inject('/v1/snapshots/default');
    expect(first.headers['content-type']).toBe('application/json; charset=utf-8');
    const { snapshots } = (await grid.server.inject('/v1/snapshots')).json<{
      snapshots: { name: string; hash: string }[];
    }>();
    const etag = `"${snapshots.find(({ name }) => name === 'default')?.hash}"`;
    expect(first.headers.etag).toBe(etag);
    const again = await grid.server.inject({
      url: '/v1/snapshots/default',
      headers: { 'if-none-match': etag },
    });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it('refuses a request with two hosts', async () => {
    const socket = await grid.connect();
    socket.setEncoding('utf8');
    socket.write('GET /v1/snapshots HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n');
    const [answer] = await answersOf(socket, 1);
    expect(answer).toMatch(/^400 [\s\S]*application\/problem\+json[\s\S]*"field":"host"/);
  });

  it('does not take a client that goes in the middle of its body for a fault of its own', async () => {
    const gone = grid.clientsGone;
    const seen = once(grid.server.server, 'request');
    const socket = await grid.connect();
    socket.write(
      'POST /v1/value HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{',
    );
    const [, response] = (await seen) as [unknown, ServerResponse];
    const closed = once(response, 'close');
    socket.resetAndDestroy();
    await closed;
    while (grid.clientsGone === gone) await new Promise((turn) => setImmediate(turn));
    expect(grid.internalErrors).toEqual([]);
  });
});

describe('turns', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(begin: RequestListener, options: RequestTurnsOptions): Promise<number> {
    server = createServer(new RequestTurns(begin, options).take);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('Not listening');
    return address.port;
  }

  async function ask(port: number, text: string): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }

  it('let go of the client that leaves most unread when it is too much in all', async () => {
    const begun: string[] = [];
    const port = await serve(
      ({ url = '' }, response) => {
        begun.push(url);
        response.end(url === '/small' ? 'small' : Buffer.alloc(32 * 1024 * 1024));
      },
      { unreadBytesMax: 48 * 1024 * 1024 },
    );
    const unread = [await ask(port, get('/large')), await ask(port, get('/large'))];
    while (begun.length < 2) await new Promise((turn) => setImmediate(turn));
    const answer = await fetch(`http://127.0.0.1:${port}/small`);
    expect(await answer.text()).toBe('small');
    const ends = unread.map((socket) => {
      socket.resume();
      return new Promise<boolean>((end) => socket.once('close', end));
    });
    await Promise.race(ends);
    expect(await new Promise((count) => server?.getConnections((_, now) => count(now)))).toBe(2);
    for (const socket of unread) socket.destroy();
  });

  it('close a connection when more wait than may', async () => {
    const port = await serve(() => undefined, { waitingMax: 10 });
    const socket = await ask(port, get('/').repeat(12));
    socket.resume();
    await once(socket, 'close');
    const taken: Socket[] = [];
    server?.on('request', (request) => taken.push(request.socket));
    const next = await ask(port, get('/').repeat(11));
    while (taken.length < 11) await new Promise((turn) => setImmediate(turn));
    expect(taken.some(({ destroyed }) => destroyed)).toBe(false);
    next.destroy();
  });
});
