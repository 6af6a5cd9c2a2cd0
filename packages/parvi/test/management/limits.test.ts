import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchange } from './recordings.ts';
import { third } from './sample-cluster.ts';
import { served } from './served.ts';

/** Resolves with what came before the other side closed, or with `refused`. */
function said(port: number, host: string, text: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    let all = '';
    socket.on('data', (part) => {
      all += String(part);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(all));
    socket.end(text);
  });
}

/** Connections that say nothing stay for as long as the slowest machine needs. */
const patient = { headersTimeout: '10m', requestTimeout: '10m', idleTimeout: '10m' } as const;

const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);

describe('limits', () => {
  it('close whom they have heard no whole request of for the longest, so that probes are answered', async () => {
    const { port, host, ask } = await served({ limits: { connectionsMax: 20, ...patient } });
    const half = 'GET /alive HTTP/1.1\r\n';
    const started = await Promise.all(Array.from({ length: 20 }, () => opened(port, host, half)));
    const closed = started.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    expect((await ask('GET /alive')).status).toBe(200);
    await Promise.race(closed);
    for (let wave = 0; wave < 20; wave++) {
      for (let i = 0; i < 10; i++) started.push(await opened(port, host, half));
      expect((await ask('GET /alive')).status).toBe(200);
    }
    await Promise.all(closed);
    for (const socket of started) socket.destroy();
  });

  it('leave those that are being answered, and close new ones then', async () => {
    const { port, host, ask, cluster } = await served({
      limits: { connectionsMax: 3, ...patient },
    });
    const stream = `GET /cluster/domain-events HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const open = await Promise.all([1, 2, 3].map(() => opened(port, host, stream)));
    await expect.poll(() => cluster.subscribers).toBe(3);
    expect(await closedAtOnce(port, host)).toBe(true);
    expect(cluster.subscribers).toBe(3);
    open[0]?.destroy();
    await expect.poll(() => cluster.subscribers).toBe(2);
    expect((await ask('GET /alive')).status).toBe(200);
    for (const socket of open) socket.destroy();
  });

  it('count a request whose body has not come for none', async () => {
    const { port, host, ask } = await served({
      writes: true,
      limits: { connectionsMax: 3, ...patient },
    });
    const head = `POST /cluster/members HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 9\r\n\r\na`;
    const open = await Promise.all([1, 2, 3].map(() => opened(port, host, head)));
    expect((await ask('GET /alive')).status).toBe(200);
    for (const socket of open) socket.destroy();
  });

  it('close connections that wait for a next request, so that new ones are served', async () => {
    const { port, host, ask } = await served({ limits: { connectionsMax: 5, ...patient } });
    const request = `GET /alive HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`;
    const kept = await Promise.all(Array.from({ length: 5 }, () => opened(port, host, request)));
    await Promise.all(kept.map(answered));
    expect((await ask('GET /alive')).status).toBe(200);
    for (const socket of kept) socket.destroy();
  });

  it('are those by default where nothing is set', async () => {
    const limits = { idleTimeout: undefined, connectionsMax: undefined } as never;
    const { ask } = await served({ limits });
    expect((await ask('GET /alive')).status).toBe(200);
  });

  it('answer headers that are too long', async () => {
    const { ask } = await served({ limits: { headerBytesMax: 2048 } });
    expect((await ask('GET /alive', `X: ${'x'.repeat(4000)}`)).status).toBe(431);
  });

  it.each([
    ['told', 'Content-Length: 101', 'x'.repeat(101)],
    ['in chunks', 'Transfer-Encoding: chunked', `65\r\n${'x'.repeat(101)}\r\n0\r\n`],
    ['told and never sent', 'Content-Length: 999999999', 'x'],
  ])('answer a body that is too long, %s', async (_, header, body) => {
    const { ask, cluster } = await served({ writes: true, limits: { bodyBytesMax: 100 } });
    const form = 'Content-Type: application/x-www-form-urlencoded';
    const { status } = await ask('POST /cluster/members', form, header, '', body);
    expect(status).toBe(413);
    expect(cluster.commands).toEqual([]);
  });

  it('do not read on what nobody wants', async () => {
    const { port, host } = await served();
    const lines = ['POST /nothing HTTP/1.1', `Host: ${host}`, 'Content-Length: 999999999', '', 'x'];
    const text = await exchange(port, host, lines.join('\r\n'));
    expect(statusOf(text)).toBe(404);
    expect(text).toMatch(/^connection: close\r$/im);
  });

  it('close who does not finish its headers, or its body', async () => {
    const { port, host } = await served({
      writes: true,
      limits: { headersTimeout: 300, requestTimeout: 300 },
    });
    const head = await exchange(port, host, 'GET /alive HTTP/1.1\r\nHost: 127.0.40.4\r\n');
    expect(statusOf(head)).toBe(408);
    const lines = [
      'POST /cluster/members HTTP/1.1',
      'Host: 127.0.40.4',
      'Content-Length: 9',
      '',
      'a',
    ];
    const body = await exchange(port, host, lines.join('\r\n'));
    expect(body).toMatch(/^(HTTP\/1\.1 408|$)/);
  });

  it('close who says nothing', async () => {
    const { port, host } = await served({ limits: { idleTimeout: 200 } });
    expect(await exchange(port, host, '')).toBe('');
  });

  it('keep streams of events few', async () => {
    const { port, host, ask, cluster } = await served({ limits: { eventStreamsMax: 2 } });
    const lines = `GET /cluster/domain-events HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const open = await Promise.all([opened(port, host, lines), opened(port, host, lines)]);
    await expect.poll(() => cluster.subscribers).toBe(2);
    expect((await ask('GET /cluster/domain-events')).status).toBe(503);
    expect((await ask('GET /metrics')).body).toMatch(/^parvi_management_event_streams 2$/m);
    for (const socket of open) socket.destroy();
    await expect.poll(() => cluster.subscribers).toBe(0);
  });

  it('hold for requests that one connection sends at once: each waits for the answer before it', async () => {
    const { port, host, cluster } = await served({ limits: { eventStreamsMax: 2 } });
    const head = (path: string) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const streams = head('/cluster/domain-events').repeat(50);
    const socket = await opened(port, host, `${head('/alive')}${streams}`);
    await expect.poll(() => cluster.subscribers).toBeGreaterThan(0);
    expect(cluster.subscribers).toBe(1);
    socket.destroy();
    await expect.poll(() => cluster.subscribers).toBe(0);
    const all = await said(port, host, head('/alive').repeat(50));
    expect(all.match(/HTTP\/1\.1 200/g)).toHaveLength(50);
  });

  it('close who sends more requests behind a stream than wait for anybody', async () => {
    const { port, host, ask, cluster } = await served();
    const head = (path: string) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const socket = await opened(port, host, head('/cluster/domain-events'));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('data', () => undefined);
    await expect.poll(() => cluster.subscribers).toBe(1);
    socket.write(head('/alive').repeat(100));
    expect((await ask('GET /alive')).status).toBe(200);
    expect(cluster.subscribers).toBe(1);
    socket.on('error', () => undefined).write(head('/alive'));
    await closed;
    await expect.poll(() => cluster.subscribers).toBe(0);
  });

  it('end a stream whose client does not read, and forget its events', async () => {
    const { port, host, cluster, time } = await served();
    const socket = await opened(
      port,
      host,
      `GET /cluster/domain-events HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    );
    socket.pause();
    await expect.poll(() => cluster.subscribers).toBe(1);
    const roles = ['x'.repeat(100_000)];
    const large = { ...third, roles };
    // More than the buffers of both kernels hold.
    for (let i = 0; i < 400; i++) {
      cluster.publish({ type: 'MemberUp', member: large });
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await time.advanceAsync(1000);
    expect(cluster.subscribers).toBe(0);
    socket.destroy();
  });
});

describe('a client that sends nonsense', () => {
  it('gets an answer or is closed, and the next one is served', async () => {
    const { port, host, ask, log } = await served({ writes: true });
    const line = fc.oneof(
      fc.constantFrom(
        'GET /cluster/members HTTP/1.1',
        'GET /cluster/members/%ff%zz HTTP/1.1',
        'PUT /cluster/members/pekko://mg@127.0.0.1:26801 HTTP/1.1',
        'GET http://127.0.40.4//cluster//members HTTP/1.1',
        'CONNECT 127.0.40.4:80 HTTP/1.1',
        'OPTIONS * HTTP/1.1',
        'GET /parvi/actors?path=/user/../..&depth=99999999999999999999 HTTP/1.1',
        'Host: 127.0.40.4',
        'Content-Length: 5',
        'Content-Length: -1',
        'Transfer-Encoding: chunked',
        'Content-Type: multipart/form-data; boundary=',
        'Content-Type: application/x-www-form-urlencoded',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Expect: 100-continue',
        'Accept: ;;;q=,',
        'Authorization: Basic %%%',
        '5\r\nhello',
        'ffffffffffffffff',
        '',
      ),
      fc.string({ maxLength: 60, unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const text = await said(port, host, `${lines.join('\r\n')}\r\n\r\n`);
        expect(text === '' || statusOf(text) >= 200).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect((await ask('GET /alive')).body).toBe('OK');
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  }, 120_000);
});

function opened(port: number, host: string, text = ''): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      if (text !== '') socket.write(text);
      resolve(socket);
    });
    socket.on('error', reject);
  });
}

/** When a first byte has come, or the other side has closed. */
function answered(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('data', () => resolve());
    socket.once('close', () => resolve());
  });
}

/** Whether the server closes the connection without a word. */
function closedAtOnce(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    let bytes = 0;
    socket.on('data', (part) => {
      bytes += part.length;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(bytes === 0));
  });
}
