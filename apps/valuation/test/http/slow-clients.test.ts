// Clients that send as slowly as they can, by a clock that the tests move.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ManualTime } from 'parvi/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobView } from '../../src/http/views.ts';
import { fra, HttpGrid, lines } from './http-grid.ts';

let grid: HttpGrid;
let time: ManualTime;
beforeAll(async () => {
  time = new ManualTime();
  grid = await HttpGrid.start({ timers: time.timers });
});
afterAll(async () => {
  await grid.close();
  expect(grid.internalErrors).toEqual([]);
});

const head = (route: string, type: string, length: number): string =>
  `${route} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;

/** Opens a connection and sends this much, which the server has seen the headers of. */
async function begin(text: string): Promise<Socket> {
  const seen = once(grid.server.server, 'request');
  const socket = await grid.connect();
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.write(text);
  await seen;
  return socket;
}

/** Everything the server says until it closes the connection. */
async function heard(socket: Socket): Promise<string> {
  let text = '';
  for await (const part of socket) text += part;
  return text;
}

/** Waits until the server has taken so many bytes of bodies off its sockets in all. */
async function untilRead(bytes: number, read: () => number): Promise<void> {
  while (read() < bytes) await new Promise((turn) => setImmediate(turn));
}

describe('the headers of a request', () => {
  it('that do not come in time are a timeout too', async () => {
    const accepting = once(grid.server.server, 'connection');
    const socket = await grid.connect();
    socket.setEncoding('utf8');
    const answer = heard(socket);
    // What Node raises by its own clock when the time for headers is over.
    const late = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    const [accepted] = (await accepting) as [Socket];
    grid.server.server.emit('clientError', late, accepted);
    expect(await answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n[\s\S]*"field":"headers"/);
  });
});

describe('the body of a small request', () => {
  it.each([
    ['POST /v1/value', 'application/json'],
    ['PUT /v1/snapshots/mine', 'application/json'],
  ])('of %s is waited for 10 s, however steadily it drips', async (route, type) => {
    const seen = once(grid.server.server, 'request');
    const socket = await begin(head(route, type, 1000));
    const [request] = (await seen) as [NodeJS.ReadableStream & { readonly socket: Socket }];
    const start = request.socket.bytesRead;
    for (let second = 1; second <= 9; second++) {
      socket.write(' ');
      await untilRead(start + second, () => request.socket.bytesRead);
      time.advance(1000);
    }
    time.advance(1000);
    const answer = await heard(socket);
    expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toMatch(/"code":"REQUEST_TIMEOUT","field":"body"/);
  });

  it('that nobody asked for is not read for ever', async () => {
    const socket = await begin(`${head('GET /v1/grid', 'application/json', 1000)} `);
    const answer = heard(socket);
    const [first] = (await once(socket, 'data')) as [string];
    expect(first).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    time.advance(10_000);
    await answer;
  });
});

describe('an upload', () => {
  it('that brings next to nothing in half a minute is refused, and leaves no job', async () => {
    const few = lines([fra('a'), fra('b')]);
    const socket = await begin(`${head('POST /v1/jobs', 'application/x-ndjson', 100_000)}${few}`);
    let answer = '';
    socket.on('data', (text: string) => {
      answer += text;
    });
    // It is watched from the turn on in which the route takes it.
    while (!answer.endsWith('}')) {
      time.advance(30_000);
      await new Promise((turn) => setImmediate(turn));
    }
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toMatch(/"detail":"Only \d+ bytes of the upload came in 30 s/);
    const list = await grid.server.inject('/v1/jobs');
    expect(list.json<{ jobs: JobView[] }>().jobs).toEqual([]);
    socket.destroy();
  });
});
