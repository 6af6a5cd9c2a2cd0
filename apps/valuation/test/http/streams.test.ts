import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GridView, JobView, MemberEventView, ResultView } from '../../src/http/views.ts';
import { fra, HttpGrid, lines } from './http-grid.ts';

let grid: HttpGrid;
beforeAll(async () => {
  grid = await HttpGrid.start();
});
afterAll(async () => {
  await grid.close();
  expect(grid.internalErrors).toEqual([]);
});

afterEach(() => grid.pricing.open());

interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Events of a stream of server-sent events, one by one. */
async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) };
    }
  }
}

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => fra(`t${from + i}`, { strike: i / 100_000 }));

const jobIds = async (): Promise<string[]> =>
  (await grid.server.inject('/v1/jobs')).json<{ jobs: JobView[] }>().jobs.map(({ id }) => id);

const head = (length: number | 'chunked', more = '') =>
  `POST /v1/jobs${more} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n${
    length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`
  }\r\n\r\n`;

/** Everything the server says on a connection until it closes it, or until what is waited for has come. */
async function heard(socket: Socket, until: RegExp): Promise<string> {
  let text = '';
  socket.setEncoding('utf8');
  for await (const part of socket.iterator({ destroyOnReturn: false })) {
    text += part;
    if (until.test(text)) return text;
  }
  return text;
}

describe('following a job', () => {
  it('tells how it goes on and how it ends, and then ends the stream', async () => {
    grid.pricing.close();
    const job = await grid.submit(many(500));
    const response = await fetch(`${grid.url}/v1/jobs/${job.id}/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const events: ServerEvent[] = [];
    for await (const event of eventsOf(response)) {
      if (events.length === 0) grid.pricing.open();
      events.push(event);
    }
    expect(events[0]).toMatchObject({ event: 'progress', data: { id: job.id, priced: 0 } });
    expect(events.at(-1)).toMatchObject({
      event: 'end',
      data: { id: job.id, priced: 500, state: 'completed' },
    });
    expect(events.filter(({ event }) => event === 'end')).toHaveLength(1);
  });

  it('tells the end of a job that has ended already', async () => {
    const job = await grid.submit([fra('a')]);
    expect(await grid.ended(job.id)).toEqual(await grid.ended(job.id));
  });

  it('has a hint for browsers that connect again, and ids that say how far the job is', async () => {
    const job = await grid.submit([fra('a')]);
    const text = await (await fetch(`${grid.url}/v1/jobs/${job.id}/events`)).text();
    expect(text).toMatch(/^retry: \d+\n\nid: [12]-[01]\n/);
    expect(text).toMatch(/\nid: 2-1\nevent: end\n/);
  });

  it('goes on behind the last event, without it once more, and has nothing more after the end', async () => {
    grid.pricing.close();
    const job = await grid.submit(many(500));
    const follow = (id: string) =>
      fetch(`${grid.url}/v1/jobs/${job.id}/events`, { headers: { 'last-event-id': id } });
    // It stands at 0 results, which the id says were told.
    const response = await follow('1-0');
    const gone = await follow('1-501');
    grid.pricing.open();
    const events: ServerEvent[] = [];
    for await (const event of eventsOf(response)) events.push(event);
    for (const { event, data } of events) {
      if (event === 'progress') expect((data as JobView).priced).toBeGreaterThan(0);
    }
    expect(events.at(-1)).toMatchObject({ event: 'end', data: { priced: 500 } });
    // Whoever has seen more than is there is not told less.
    const late: ServerEvent[] = [];
    for await (const event of eventsOf(gone)) late.push(event);
    expect(late.map(({ event }) => event)).toEqual(['end']);
    const after = await follow('2-500');
    expect([after.status, await after.text()]).toEqual([204, '']);
    const unknown = await (await follow('something else')).text();
    expect(unknown).toContain('event: end');
  });

  it('ends with a hint to connect again soon when the controller leaves', async () => {
    const leaving = await HttpGrid.start();
    leaving.pricing.close();
    const job = await leaving.submit(many(100));
    const paths = ['/v1/grid/events', `/v1/jobs/${job.id}/events`];
    const streams = await Promise.all(paths.map((path) => fetch(leaving.url + path)));
    await leaving.close();
    for (const stream of streams) {
      const text = await stream.text();
      expect(text).toMatch(/: the controller leaves\nretry: 250\n\n$/);
      expect(text).not.toContain('event: end');
    }
  });
});

describe('a job whose trades still come in', () => {
  it('is listed under its name, and priced already when bad trades are skipped', async () => {
    const leave = new AbortController();
    const response = await fetch(`${grid.url}/v1/grid/events`, { signal: leave.signal });
    const socket = await grid.connect();
    const body = lines(many(20_000));
    socket.write(head('chunked', '?onError=skip&name=long'));
    socket.write(`${body.length.toString(16)}\r\n${body}\r\n`);
    for await (const { event, data } of eventsOf(response)) {
      const job = data as JobView;
      if (event === 'job' && job.name === 'long' && job.priced > 0) break;
    }
    leave.abort();
    const accepting = async () =>
      (await grid.server.inject('/v1/jobs?state=accepting')).json<{ jobs: JobView[] }>().jobs;
    const [job] = await accepting();
    expect(job).toMatchObject({ name: 'long', state: 'accepting' });
    socket.write('0\r\n\r\n');
    const answer = await heard(socket, /\r\n\r\n\{.*\}/);
    expect(answer).toMatch(/^HTTP\/1.1 202 /);
    expect(answer).toMatch(new RegExp(`location: /v1/jobs/${job?.id}\r`, 'i'));
    socket.destroy();
    expect(await grid.ended(job?.id ?? '')).toMatchObject({ priced: 20_000 });
    expect(await accepting()).toEqual([]);
  });
});

describe('following the grid', () => {
  it('tells of members, jobs and the whole', async () => {
    const leave = new AbortController();
    const response = await fetch(`${grid.url}/ve-svc/v1/grid/events`, { signal: leave.signal });
    const events = eventsOf(response);
    const next = async (kind: string, wanted: (data: unknown) => boolean = () => true) => {
      for (;;) {
        const { value, done } = await events.next();
        if (done === true) throw new Error('The stream ended');
        if (value.event === kind && wanted(value.data)) return value.data;
      }
    };
    const view = (await next('grid')) as GridView;
    expect(view.nodes.map(({ roles }) => roles)).toEqual([['ctrl'], ['valeng']]);
    const address = 'pekko://Valuation@late:1';
    const late = { address, roles: ['valeng'], status: 'Up', reachable: true };
    grid.membership.change({ ...late, upSinceWallMs: 0 }, 'up');
    expect((await next('member')) as MemberEventView).toMatchObject({ address, change: 'up' });
    expect(await next('grid')).toMatchObject({ nodes: [{}, {}, { address }] });
    grid.membership.change({ ...late, upSinceWallMs: 0 }, 'removed');
    expect(await next('member')).toMatchObject({ address, change: 'removed' });
    const job = await grid.submit([fra('a')]);
    await next('job', (data) => (data as JobView).id === job.id && (data as JobView).priced === 1);
    leave.abort();
    await expect(events.next()).rejects.toThrow();
  });
});

describe('reading results as a stream', () => {
  it('gives them while the job still runs, waits for the rest, and lists all in order', async () => {
    grid.pricing.close();
    const job = await grid.submit(many(5000));
    const response = await fetch(`${grid.url}/v1/jobs/${job.id}/results`, {
      headers: { accept: 'application/x-ndjson' },
    });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    grid.pricing.open();
    const results = (await response.text()).trimEnd().split('\n');
    expect(results.map((line) => (JSON.parse(line) as ResultView).row)).toEqual(
      Array.from({ length: 5000 }, (_, i) => i + 1),
    );
    expect((await grid.ended(job.id)).priced).toBe(5000);
  });

  it('gives a CSV with the figures of the metric', async () => {
    const job = await grid.submit([fra('a, "quoted"'), fra('=1+1')], '?metric=FwdRate');
    const response = await fetch(`${grid.url}/v1/jobs/${job.id}/results?format=csv`);
    const [first, second, third, end] = (await response.text()).split('\r\n');
    expect(first).toBe(
      'row,id,instrument,metric,value,forwardRate,worker,errorCode,errorField,errorMessage',
    );
    expect(second).toMatch(/^1,"a, ""quoted""",fra,FwdRate,[\d.]+,0\.\d+,pekko:.*,,,$/);
    expect(third).toMatch(/^2,'=1\+1,fra/);
    expect(end).toBe('');
  });

  it('gives deltas by node as one JSON column', async () => {
    const job = await grid.submit([fra('a')], '?metric=IRDelta&irDelta=eachNode');
    const text = await (await fetch(`${grid.url}/v1/jobs/${job.id}/results?format=csv`)).text();
    expect(text).toMatch(/^row,id,instrument,metric,value,figures,worker,/);
    expect(text).toMatch(/,"\{""delta [^"]+"":/);
  });

  it('pages through a job by cursor, each result once', async () => {
    const job = await grid.submit(many(250));
    await grid.ended(job.id);
    const rows: number[] = [];
    let cursor = '';
    do {
      const page = await grid.server.inject(`/v1/jobs/${job.id}/results?limit=99${cursor}`);
      const { results, nextCursor } = page.json<{ results: ResultView[]; nextCursor?: string }>();
      rows.push(...results.map(({ row }) => row));
      cursor = nextCursor === undefined ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    expect(rows).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
  });

  it('shows how the values lie', async () => {
    const job = await grid.submit(many(200));
    await grid.ended(job.id);
    const url = `/v1/jobs/${job.id}/histogram?bins=10`;
    const { counts, below, above } = (await grid.server.inject(url)).json<{
      counts: number[];
      below: number;
      above: number;
    }>();
    expect(counts).toHaveLength(10);
    expect(counts.reduce((sum, count) => sum + count, below + above)).toBe(200);
  });

  it('survives a reader who goes in the middle', async () => {
    grid.pricing.close();
    const job = await grid.submit(many(50));
    const leave = new AbortController();
    const url = `${grid.url}/v1/jobs/${job.id}/results?format=ndjson`;
    const response = await fetch(url, { signal: leave.signal });
    leave.abort();
    await expect(response.text()).rejects.toThrow();
    grid.pricing.open();
    expect(await grid.ended(job.id)).toMatchObject({ state: 'completed' });
  });
});

describe('cancelling a job', () => {
  it('ends it and keeps it readable', async () => {
    grid.pricing.close();
    const job = await grid.submit(many(10));
    const url = `/v1/jobs/${job.id}`;
    const response = await grid.server.inject({ method: 'DELETE', url });
    expect(response.json()).toMatchObject({ id: job.id, state: 'cancelled', priced: 0 });
    grid.pricing.open();
    expect((await grid.server.inject({ method: 'DELETE', url })).json()).toMatchObject({
      state: 'cancelled',
    });
    expect((await grid.ended(job.id)).state).toBe('cancelled');
  });
});

describe('a client that goes in the middle of its upload', () => {
  it.each(['reject', 'skip'])('leaves no job behind, with onError=%s', async (onError) => {
    const before = await jobIds();
    const gone = once(grid.server.server, 'request').then(([, response]) =>
      once(response as NodeJS.EventEmitter, 'close'),
    );
    const socket = await grid.connect();
    socket.write(head(1_000_000, `?onError=${onError}`));
    // More than one piece for the intake thread, so that trades are on the grid already.
    await new Promise((sent) => socket.write(lines(many(3000)), sent));
    socket.destroy();
    await gone;
    // The next upload comes after the first in the intake thread, so all of that one is done with.
    const job = await grid.submit([fra('a')]);
    expect(await jobIds()).toEqual([job.id, ...before]);
  });

  it('leaves none when its chunked upload breaks off', async () => {
    const before = await jobIds();
    const gone = once(grid.server.server, 'request').then(([, response]) =>
      once(response as NodeJS.EventEmitter, 'close'),
    );
    const socket = await grid.connect();
    const body = lines([fra('a')]);
    socket.end(`${head('chunked')}${body.length.toString(16)}\r\n${body}\r\n`);
    await gone;
    expect(await jobIds()).toEqual(before);
  });
});

describe('an upload that is refused before its end', () => {
  it.each([
    ['of its query', '?metric=nothing', /"code":"METRIC_UNKNOWN"/],
    ['of its snapshot', '?snapshot=nothing', /"code":"SNAPSHOT_UNKNOWN"/],
  ])('because %s is answered at once, and the connection stays good', async (_, query, code) => {
    const socket = await grid.connect();
    const trades = lines(many(3000));
    socket.write(head(trades.length + 10, query) + trades);
    const answer = await heard(socket, code);
    expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
    socket.write(`${' '.repeat(10)}GET /v1/grid HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(await heard(socket, /"cluster"/)).toMatch(/HTTP\/1.1 200 OK/);
    socket.destroy();
  });

  it('because of a line too long is answered at once', async () => {
    const socket = await grid.connect();
    socket.write(head(100_000_000));
    socket.write('a'.repeat(600_000));
    expect(await heard(socket, /\}$/)).toMatch(/"code":"UPLOAD_LINE_TOO_LONG"/);
    socket.destroy();
  });
});
