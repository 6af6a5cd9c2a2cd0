// Management: a node of Pekko with Pekko Management and nodes of ours in one cluster. The same requests to both kinds are
// answered alike; what tells of the asked node itself is compared by its place.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agree, isUp, membersAre, sees } from './harness/expectations.ts';
import { askHttp, EventStream, formLines, type HttpAnswer } from './harness/http.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { type Kind, type NodeOptions, Nodes, patient } from './harness/nodes.ts';
import { buildPeer, pekkoWithManagement } from './harness/peer-build.ts';

const port = 7626;
const nodes = new Nodes();
let parvi: NodeProcess;
let pekko: NodeProcess;
let others: readonly NodeProcess[] = [];

function managed(host: string, readOnly = false): NodeOptions {
  return {
    version: pekkoWithManagement,
    settings: {
      ...patient.settings,
      'interop.management': true,
      'pekko.management.http.hostname': host,
      'pekko.management.http.port': port,
      'pekko.management.http.route-providers-read-only': readOnly,
    },
    parvi: { ...patient.parvi, management: { host, port, writes: !readOnly } },
  };
}

async function joined(kind: Kind, seeds: readonly string[], more: NodeOptions = {}) {
  const host = nodes.nextHost();
  const own = seeds.length === 0 ? [nodes.address(host)] : seeds;
  const node = await nodes.start(kind, host, { ...managed(host), seeds: own, ...more });
  await isUp(node, node.address);
  return node;
}

beforeAll(async () => {
  await buildPeer(pekkoWithManagement);
  parvi = await joined('parvi', []);
  const seeds = [parvi.address];
  pekko = await joined('pekko', seeds, { roles: ['jvm'] });
  others = [await joined('parvi', seeds, { roles: ['a', 'b'] }), await joined('pekko', seeds)];
  const all = [parvi, pekko, ...others];
  await agree(all, membersAre(all));
});
afterAll(() => nodes.stop());

/** Arrays in some order of their own, and the asked node as `SELF`. */
function comparable(answer: HttpAnswer, asked: NodeProcess): unknown {
  const { status, headers, body } = answer;
  const isJson = headers['content-type'] === 'application/json';
  const named = body.replace(`"selfNode":"${asked.address}"`, '"selfNode":"SELF"');
  return {
    status,
    contentType: headers['content-type'],
    allow: headers.allow,
    length: headers['content-length'] === String(Buffer.byteLength(body)) || 'of no body',
    body: isJson ? sorted(JSON.parse(withTextUids(named))) : named,
    keys: isJson ? keysOf(body) : [],
  };
}

/** Uids of 64 bits as text that differs from text. */
const withTextUids = (json: string): string => json.replace(/:(-?\d{15,})/g, ':"number $1"');

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, sorted(one)]));
}

/** The keys of the outermost object in the order in which they came. */
const keysOf = (json: string): string[] => Object.keys(JSON.parse(json) as object);

async function bothAnswer(head: string, ...more: readonly string[]) {
  const [ours, theirs] = await Promise.all(
    [parvi, pekko].map(async (node) =>
      comparable(await askHttp(node.host, port, head, ...more), node),
    ),
  );
  return { ours, theirs };
}

const member = (node: NodeProcess): string => `/cluster/members/${node.address}`;
const missing = '/cluster/members/pekko://interop@127.0.0.1:1';

describe('a Parvi node and a Pekko node in one cluster', () => {
  it.each([
    ['GET /alive'],
    ['GET /ready'],
    ['GET /startup'],
    ['POST /ready'],
    ['HEAD /ready'],
    ['GET /'],
    ['GET /nothing'],
    ['GET /cluster'],
    ['GET /cluster/members'],
    ['GET /cluster/members/'],
    ['HEAD /cluster/members'],
    ['OPTIONS /cluster/members'],
    ['PATCH /cluster/members'],
    [`GET ${missing}`],
    [`DELETE ${missing}`],
    [`PATCH ${missing}`],
    ['GET /cluster/shards'],
    ['GET /cluster/shards/None'],
    ['GET /cluster/shard_regions'],
    ['PUT /cluster/shards'],
    ['POST /cluster/domain-events'],
    ['POST /bootstrap/seed-nodes'],
    ['GET /bootstrap/seed-nodes/x'],
    ['GET /bootstrap/seed-nodes'],
  ])('answer alike: %s', async (head) => {
    const { ours, theirs } = await bothAnswer(head);
    expect(ours).toEqual(theirs);
  });

  it('refuse a path that is not well encoded', async () => {
    const { ours, theirs } = await bothAnswer('GET /cluster/members/%zz');
    const refused = { status: 400, body: expect.stringMatching(/^Illegal request-target: /) };
    expect([ours, theirs]).toMatchObject([refused, refused]);
  });

  it('answer alike about each member, however its address is written', async () => {
    for (const node of [parvi, pekko, ...others]) {
      const short = node.address.replace('pekko://', '');
      for (const name of [node.address, short, encodeURIComponent(node.address)]) {
        const { ours, theirs } = await bothAnswer(`GET /cluster/members/${name}`);
        expect(ours).toEqual(theirs);
        expect(ours).toMatchObject({ status: 200 });
      }
    }
  });

  it.each<[string, () => readonly [string, ...string[]]]>([
    ['another operation', () => [`PUT ${member(parvi)}`, ...formLines({ operation: 'Join' })]],
    ['no field', () => [`PUT ${member(parvi)}`, ...formLines({ x: '1' })]],
    ['no body', () => [`PUT ${member(parvi)}`]],
    ['no member', () => [`PUT ${missing}`, ...formLines({ operation: 'Down' })]],
    ['no address', () => ['POST /cluster/members', ...formLines({})]],
    ['an address that is none', () => ['POST /cluster/members', ...formLines({ address: 'x y' })]],
    ['no such end', () => ['PUT /cluster', ...formLines({ operation: 'end' })]],
    [
      'JSON',
      () => [
        `PUT ${member(parvi)}`,
        'Content-Type: application/json',
        'Content-Length: 2',
        '',
        '{}',
      ],
    ],
    [
      'text',
      () => [`PUT ${member(parvi)}`, 'Content-Type: text/plain', 'Content-Length: 2', '', 'ab'],
    ],
  ])('refuse alike a form with %s', async (_, request) => {
    const { ours, theirs } = await bothAnswer(...request());
    expect(ours).toEqual(theirs);
  });

  it('refuse alike whom events are of no use', async () => {
    const { ours, theirs } = await bothAnswer('GET /cluster/domain-events', 'Accept: text/html');
    expect(ours).toEqual(theirs);
    expect(ours).toMatchObject({ status: 406 });
  });

  it('answer alike in read-only mode', async () => {
    const readers = [];
    for (const kind of ['parvi', 'pekko'] as const) {
      const host = nodes.nextHost();
      const options = { ...managed(host, true), seeds: [parvi.address], roles: ['reader'] };
      const reader = await nodes.start(kind, host, options);
      await isUp(reader, reader.address);
      readers.push(reader);
    }
    await agree([parvi, pekko, ...readers], membersAre([parvi, pekko, ...others, ...readers]));
    const requests: readonly (readonly [string, ...string[]])[] = [
      ['GET /cluster/members'],
      [`GET ${member(parvi)}`],
      [`DELETE ${member(parvi)}`],
      [`PUT ${member(parvi)}`, ...formLines({ operation: 'Leave' })],
      ['POST /cluster/members', ...formLines({ address: parvi.address })],
      ['PUT /cluster', ...formLines({ operation: 'prepare-for-full-shutdown' })],
      ['GET /cluster'],
      ['GET /cluster/shards'],
      ['GET /cluster/shards/None'],
      ['HEAD /cluster/members'],
      [`PUT ${missing}`],
    ];
    for (const request of requests) {
      const [ours, theirs] = await Promise.all(
        readers.map(async (node) => comparable(await askHttp(node.host, port, ...request), node)),
      );
      expect([request[0], ours]).toEqual([request[0], theirs]);
    }
    for (const reader of readers) await reader.do('leave');
    await Promise.all(readers.map(({ exited }) => exited));
    const all = [parvi, pekko, ...others];
    await agree(all, membersAre(all));
  });

  it('tell the same events of members that leave and are downed, by whoever is asked', async () => {
    const guests = [await joined('pekko', [parvi.address]), await joined('parvi', [parvi.address])];
    const [left, downed] = guests as [NodeProcess, NodeProcess];
    await agree([parvi, pekko, ...guests], membersAre([parvi, pekko, ...others, ...guests]));
    const path = '/cluster/domain-events?type=MemberEvent&type=UnreachableMember';
    const streams = [parvi, pekko].map(({ host }) => new EventStream(host, port, path));
    const up = (text: string) => text.split('event:MemberUp').length > 6;
    await Promise.all(streams.map((stream) => stream.until(up)));
    const leaving = await askHttp(parvi.host, port, `DELETE ${member(left)}`);
    expect(leaving.body).toBe(`{"message":"Leaving ${left.address}"}`);
    await sees(parvi, 'MemberRemoved', left.address);
    await sees(pekko, 'MemberRemoved', left.address);
    downed.signal('SIGKILL');
    await Promise.all(
      [parvi, pekko].map((node) => sees(node, 'UnreachableMember', downed.address)),
    );
    const unreachable = await bothAnswer('GET /bootstrap/seed-nodes');
    expect(JSON.stringify(unreachable)).not.toContain(downed.address);
    await askHttp(pekko.host, port, `PUT ${member(downed)}`, ...formLines({ operation: 'down' }));
    const removed = (text: string) => text.split('event:MemberRemoved').length > 2;
    const texts = await Promise.all(streams.map((stream) => stream.until(removed)));
    for (const stream of streams) stream.close();
    const [ours, theirs] = texts.map(eventsOf);
    expect(ours?.frames).toEqual(theirs?.frames);
    expect(steps(ours?.events, left)).toEqual(steps(theirs?.events, left));
    expect(ours?.events.filter((text) => text.startsWith('MemberRemoved'))).toEqual(
      theirs?.events.filter((text) => text.startsWith('MemberRemoved')),
    );
  });
});

/** Text of a stream as frames by their form, and as events without the framing of chunks. */
function eventsOf(text: string): { readonly frames: readonly string[]; readonly events: string[] } {
  const frames = [
    ...text.matchAll(/(?<=\r\n)([0-9a-f]+)\r\ndata:(\{.*\})\nevent:(\w+)\n\n(?=\r\n)/g),
  ];
  const told = frames.map(([, size = '', json = '', type = '']) => {
    const bytes = Buffer.byteLength(`data:${json}\nevent:${type}\n\n`);
    const { member: about, ...rest } = sorted(JSON.parse(withTextUids(json))) as {
      readonly member?: unknown;
    };
    return {
      frame: Number.parseInt(size, 16) === bytes ? 'one chunk each' : 'in other chunks',
      event: `${type} ${JSON.stringify(about)} ${JSON.stringify(rest)}`,
    };
  });
  return {
    frames: [...new Set(told.map(({ frame }) => frame))],
    events: told.map(({ event }) => event),
  };
}

/** What became of one member; a view may skip a status that was passed through quickly. */
function steps(events: readonly string[] | undefined, node: NodeProcess): string[] {
  const passed = /^Member(Joined|Exited|Left|WeaklyUp) /;
  return (events ?? []).filter((text) => text.includes(node.address) && !passed.test(text));
}
