// Submitting and following jobs while the controllers behind an address change.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { GridClient } from '../../src/cli/client.ts';
import { readEvents } from '../../src/cli/event-reader.ts';
import type { JobView } from '../../src/http/views.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that gives one answer after the other, and what it was asked by. */
async function serverOf(answers: readonly Answer[]) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers['last-event-id']?.toString());
    answers[asked.length - 1]?.(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const pauses: number[] = [];
  const client = new GridClient({
    url: `http://127.0.0.1:${port}`,
    pause: async (ms) => void pauses.push(ms),
  });
  return { client, asked, pauses };
}

const event = (id: string, kind: string, job: object): string =>
  `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(job)}\n\n`;

it('goes on behind the last event when the stream ends, as soon as the controller says', async () => {
  const { client, asked, pauses } = await serverOf([
    (_, response) =>
      response.end(
        `retry: 1000\n\n${event('1-4', 'progress', { priced: 4 })}: the controller leaves\nretry: 20\n\n`,
      ),
    (_, response) => response.writeHead(503).end('{}'),
    (_, response) => response.end(event('2-9', 'end', { priced: 9, endedAt: 'now' })),
  ]);
  const told: number[] = [];
  const job = await client.follow('a', { onJob: ({ priced }: JobView) => told.push(priced) });
  expect(job.priced).toBe(9);
  expect(told).toEqual([4, 9]);
  expect(asked).toEqual([undefined, '1-4', '1-4']);
  expect(pauses[0]).toBe(20);
});

it('takes events in pieces of whatever size', async () => {
  const text = `retry: 20\n\n: a sign of life\n\n${event('1-4', 'progress', { priced: 4, name: 'é' })}${event('2-9', 'end', { priced: 9 })}`;
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.slice(i * size, (i + 1) * size),
    );
    const told: JobView[] = [];
    const end = await readEvents(new Response(ReadableStream.from(parts)), (job) => told.push(job));
    expect(told).toEqual([{ priced: 4, name: 'é' }, { priced: 9 }]);
    expect(end).toEqual({ job: { priced: 9 }, id: '2-9', retryMs: 20 });
  }
});

it('gives up on an event of more than 1 MiB, and closes the connection', async () => {
  const closed = Promise.withResolvers<void>();
  const { client, asked } = await serverOf([
    (_, response) => {
      response.on('close', closed.resolve);
      response.write(event('1-4', 'progress', { priced: 4 }));
      response.write(`data: ${'x'.repeat(1024 * 1024)}`);
    },
  ]);
  const told: number[] = [];
  const followed = client.follow('a', { onJob: ({ priced }) => told.push(priced) });
  await expect(followed).rejects.toMatchObject({
    message: expect.stringContaining('an event of more than 1 MiB'),
    exitCode: 1,
  });
  await closed.promise;
  expect(told).toEqual([4]);
  expect(asked).toHaveLength(1);
});

it('asks for the job itself when the end was told already', async () => {
  const { client } = await serverOf([
    (_, response) => response.end(event('1-4', 'progress', { priced: 4 })),
    (_, response) => response.writeHead(204).end(),
    (_, response) => response.end(JSON.stringify({ priced: 9, endedAt: 'now' })),
  ]);
  expect(await client.follow('a', { onJob: () => undefined })).toMatchObject({ priced: 9 });
});

describe('a file that is submitted to a controller that leaves', () => {
  const refusing =
    (code: string): Answer =>
    (request, response) => {
      request.resume().on('end', () => {
        response.writeHead(503, { 'content-type': 'application/problem+json' });
        response.end(JSON.stringify({ code, title: 'Not now' }));
      });
    };
  const leaving = refusing('GRID_STOPPING');
  let left = 0;
  const open = async () => {
    left++;
    const stream: ReadableStream = new Blob(['{"type":"swap"}\n']).stream();
    return { stream, close: async () => void left-- };
  };
  const given = { headers: { 'idempotency-key': 'k' }, open };
  afterEach(() => expect(left).toBe(0));

  it('is sent again with the same key until another controller takes it', async () => {
    const sent: unknown[] = [];
    const { client, pauses } = await serverOf([
      leaving,
      leaving,
      async (request, response) => {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part);
        sent.push(request.headers['idempotency-key'], Buffer.concat(parts).toString());
        response.end(JSON.stringify({ id: 'a' }));
      },
    ]);
    expect(await client.submit('/v1/jobs', { ...given, mayRepeat: true })).toEqual({ id: 'a' });
    expect(sent).toEqual(['k', '{"type":"swap"}\n']);
    expect(pauses).toEqual([1000, 1000]);
  });

  const taken: Answer = (request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ id: 'a' })));
  };
  const dying: Answer = (request) => {
    request.resume().on('end', () => request.socket.destroy());
  };
  const dyingAtOnce: Answer = (request) => void request.socket.destroy();
  const dyingWithin: Answer = (request, response) => {
    response.writeHead(201, { 'content-length': '100' }).write('{');
    setImmediate(() => request.socket.destroy());
  };
  const gatewayOf =
    (status: number): Answer =>
    (request, response) => {
      request.resume().on('end', () => response.writeHead(status).end('upstream connect error'));
    };

  it.each([
    ['dies before it has answered', dying],
    ['dies before it has read', dyingAtOnce],
    ['dies while it answers', dyingWithin],
    ['does not answer its gateway', gatewayOf(503)],
    ['is lost behind its gateway', gatewayOf(502)],
    ['says that its key is busy', refusing('IDEMPOTENCY_KEY_BUSY')],
  ])('is sent again when the controller %s', async (_, answer) => {
    const { client, pauses } = await serverOf([answer, taken]);
    expect(await client.submit('/v1/jobs', { ...given, mayRepeat: true })).toEqual({ id: 'a' });
    expect(pauses).toEqual([1000]);
  });

  it.each([
    ['it broke off', dying],
    ['it said that it leaves', leaving],
    ['its gateway answered for it', gatewayOf(503)],
  ])(
    'is sent again where nobody listens after %s, and not where nobody did before',
    async (_, answer) => {
      const server = createServer(answer);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      let pauses = 0;
      const pause = async (): Promise<void> => {
        pauses++;
        server.close();
        server.closeAllConnections();
      };
      const client = new GridClient({ url: `http://127.0.0.1:${port}`, pause });
      const submitted = () => client.submit('/v1/jobs', { ...given, mayRepeat: true });
      await expect(submitted()).rejects.toThrow('ECONNREFUSED');
      expect(pauses).toBe(29);
      await expect(submitted()).rejects.toThrow('ECONNREFUSED');
      expect(pauses).toBe(29);
    },
  );

  it('is not sent again when it cannot be read again', async () => {
    const { client, asked } = await serverOf([leaving]);
    await expect(client.submit('/v1/jobs', { ...given, mayRepeat: false })).rejects.toThrow(
      'GRID_STOPPING',
    );
    expect(asked.length).toBe(1);
  });

  it('is not sent again when it is refused for another reason', async () => {
    const { client, asked } = await serverOf([refusing('GRID_QUEUE_FULL')]);
    await expect(client.submit('/v1/jobs', { ...given, mayRepeat: true })).rejects.toThrow(
      'GRID_QUEUE_FULL',
    );
    expect(asked.length).toBe(1);
  });
});
