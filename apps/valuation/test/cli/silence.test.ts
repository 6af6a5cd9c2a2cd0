// Controllers that hang: connections are taken, and nothing comes, or no more.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualTime } from 'parvi/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { GridClient } from '../../src/cli/client.ts';
import { run } from './command.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server whose requests are answered by the test, and a client in manual time. */
async function hanging() {
  const asked: [IncomingMessage, ServerResponse][] = [];
  let onAsked = (): void => undefined;
  const server = createServer((request, response) => {
    asked.push([request, response]);
    onAsked();
  });
  server.listen(0, '127.66.2.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.66.2.1:${(server.address() as AddressInfo).port}`;
  const time = new ManualTime();
  const pause = async (): Promise<void> => undefined;
  const client = new GridClient({ url, pause, timers: time.timers, silenceMs: 1000 });
  const next = async (): Promise<[IncomingMessage, ServerResponse]> => {
    if (asked.length === 0) await new Promise<void>((resolve) => (onAsked = resolve));
    return asked.shift() as [IncomingMessage, ServerResponse];
  };
  return { url, time, client, next };
}

const silent = /^The controller at \S+ has said nothing for 1 s$/;

describe('a controller that says nothing', () => {
  it('is not waited for', async () => {
    const { client, time, next } = await hanging();
    const ended = expect(client.job('a')).rejects.toMatchObject({
      message: expect.stringMatching(silent),
      exitCode: 4,
    });
    await next();
    time.advance(1000);
    await ended;
  });

  it('may take as long as it likes while bytes come, and no longer', async () => {
    const { client, time, next } = await hanging();
    let received = '';
    let response: ServerResponse | undefined;
    const waiting = Promise.withResolvers<void>();
    const reading = (async () => {
      for await (const bytes of (await client.request('/')).body ?? []) {
        received += Buffer.from(bytes as Uint8Array).toString();
        time.advance(900);
        if (received.length < 5) response?.write('x');
        else setImmediate(waiting.resolve);
      }
    })();
    const ended = expect(reading).rejects.toThrow(silent);
    [, response] = await next();
    response.write('x');
    await waiting.promise;
    expect(received).toBe('xxxxx');
    time.advance(1000);
    await ended;
  });

  it('is followed on another connection, behind the last event', async () => {
    const { client, time, next } = await hanging();
    const told: number[] = [];
    const ended = client.follow('a', { onJob: ({ priced }) => told.push(priced) });
    const [, first] = await next();
    first.write(`id: 1-4\ndata: {"priced":4}\n\n`);
    await expect.poll(() => told).toEqual([4]);
    time.advance(30_000);
    const [again, second] = await next();
    expect(again.headers['last-event-id']).toBe('1-4');
    second.end(`id: 2-9\ndata: {"priced":9,"endedAt":"now"}\n\n`);
    expect(await ended).toMatchObject({ priced: 9 });
  });

  it('does not get the same file again and again', async () => {
    const { client, time, next } = await hanging();
    const stream = new ReadableStream(
      {
        async pull(controller) {
          // What is not there yet nobody can take.
          time.advance(60_000);
          controller.enqueue(Buffer.from('x'));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    let tries = 0;
    const opened = async () => {
      tries++;
      return { stream, close: async () => undefined };
    };
    const ended = expect(
      client.submit('/v1/jobs', { headers: {}, open: opened, mayRepeat: true }),
    ).rejects.toThrow(silent);
    const [request] = await next();
    await once(request.resume(), 'end');
    time.advance(1000);
    await ended;
    expect(tries).toBe(1);
  });
});

it.each(['0', '301', 'x'])('refuses --timeout %s', async (seconds) => {
  const { code, error } = await run(['--timeout', seconds, 'jobs']);
  expect(code).toBe(2);
  expect(error).toContain(`--timeout takes seconds from more than 0 to 300, not "${seconds}"`);
});
