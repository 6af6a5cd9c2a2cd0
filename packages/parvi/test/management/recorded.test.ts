import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterEvent, MemberStatus } from '../../src/cluster/index.ts';
import { clusterNode } from '../../src/cluster/index.ts';
import { type Management, startManagement } from '../../src/management/index.ts';
import { testSystem } from '../../src/testkit/index.ts';
import { parseAddress } from '../../src/wire/index.ts';
import { exchange, parseResponse, recordedText, recording, recordingNames } from './recordings.ts';
import { first, lost, member, SampleCluster, second, survivor, third } from './sample-cluster.ts';

const host = '127.0.40.1';
const isStream = (name: string): boolean => /^cluster-domain-events/.test(name);
const clientRequest = 'bootstrap-client-request';

const started: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

function clusterOf(name: string): SampleCluster {
  const all = [first, second, third];
  if (/before/.test(name)) return new SampleCluster(first, []);
  if (/after/.test(name)) return new SampleCluster(first, [first]);
  if (/preparing/.test(name)) {
    const preparing = member(26_801, first.node.uid, { status: 'ReadyForShutdown' });
    return new SampleCluster(preparing, [preparing]);
  }
  if (/unreachable/.test(name)) return new SampleCluster(survivor, [survivor, lost], [lost]);
  const self = /127\.0\.0\.2:/.test(recordedText(name)) ? second : first;
  return new SampleCluster(/-3$/.test(name) ? third : self, all);
}

/** Regions are counted on the nodes that took changes, and none was on the one that did not. */
function shardsOf(name: string) {
  const here = name === 'cluster-shards-region-2' ? ['183', '180', '182'] : ['184', '181'];
  const hosted = name.endsWith('readonly') ? [] : ['Counter'];
  return {
    typeNames: hosted,
    shards: async (type: string) =>
      hosted.includes(type) ? here.map((shardId) => ({ shardId, numEntities: 1 })) : undefined,
  };
}

async function serve(name: string) {
  const { system, time } = testSystem();
  const failing = /Check \[(.*)\] not ok/.exec(recordedText(name))?.[1];
  if (failing !== undefined) {
    system.health.register({ name: failing, aspect: 'ready', check: () => false });
  }
  const cluster = clusterOf(name);
  const management: Management = await startManagement(
    system,
    { host, port: 0, writes: !/readonly/.test(name) },
    { cluster, sharding: shardsOf(name) },
  );
  started.push(() => management.close());
  return { cluster, port: management.port, time };
}

describe('a request recorded from a Pekko node', () => {
  it('is one of 57', () => {
    expect(recordingNames).toHaveLength(57);
  });

  it.each(recordingNames.filter((name) => !isStream(name) && name !== clientRequest))(
    'is answered alike: %s',
    async (name) => {
      const { request, response } = recording(name);
      const { port } = await serve(name);
      const ours = parseResponse(await exchange(port, host, request));
      expect(ours.status).toBe(response.status);
      for (const header of ['content-type', 'content-length', 'allow', 'www-authenticate']) {
        expect([header, ours.headers[header]]).toEqual([header, response.headers[header]]);
      }
      expect(ours.body).toBe(response.body);
    },
  );

  it.each([
    ['delete-leave', 'leave 26803'],
    ['put-leave', 'leave 26802'],
    ['put-down', 'down 26801'],
    ['post-members', 'join 26801'],
    ['put-cluster-prepare', 'prepare'],
  ])('has its effect: %s', async (name, command) => {
    const { cluster, port } = await serve(name);
    await exchange(port, host, recording(name).request);
    expect(cluster.commands).toEqual([command]);
  });

  it.each(recordingNames.filter((name) => /404|405|415|bad|missing|no-body|readonly/.test(name)))(
    'changes nothing when it is refused: %s',
    async (name) => {
      const { cluster, port } = await serve(name);
      await exchange(port, host, recording(name).request);
      expect(cluster.commands).toEqual([]);
    },
  );
});

interface RecordedMember {
  readonly uniqueAddress: { readonly address: string; readonly longUid: string };
  readonly status: MemberStatus;
  readonly roles: readonly string[];
  readonly dataCenter: string;
}

/** The event that a recorded text was made from. */
function eventOf(chunk: string): ClusterEvent | undefined {
  const json = /^data:(\{.*\})$/m.exec(chunk)?.[1];
  if (json === undefined) return undefined;
  // A uid is beyond what a number holds.
  const fields = JSON.parse(json.replace(/"longUid":(-?\d+)/g, '"longUid":"$1"'));
  const shown: RecordedMember | undefined = fields.member;
  if (shown !== undefined) {
    const { address, longUid } = shown.uniqueAddress;
    const node = clusterNode(parseAddress(address), BigInt(longUid));
    return { ...fields, member: { ...shown, node, upNumber: 1, appVersion: '0.0.0' } };
  }
  const leader =
    fields.address === undefined ? undefined : clusterNode(parseAddress(fields.address), 1n);
  return { ...fields, leader };
}

describe('a stream of events recorded from a Pekko node', () => {
  it.each(recordingNames.filter(isStream))('is told alike, chunk by chunk: %s', async (name) => {
    const { request, response } = recording(name);
    const source = name === 'cluster-domain-events-unreachable' ? name : 'cluster-domain-events';
    const events = recording(source).response.chunks.flatMap((chunk) => eventOf(chunk) ?? []);
    const { cluster, port, time } = await serve(name);
    const isInitial = (event: ClusterEvent): boolean =>
      /^(MemberUp|LeaderChanged|RoleLeaderChanged)$/.test(event.type);
    const change = events.findIndex((event) => !isInitial(event));
    cluster.initial = events.slice(0, change);
    const socket = exchange(port, host, request);
    await until(() => cluster.subscribers > 0 || name.endsWith('bogus-only'));
    for (const event of events.slice(change)) cluster.publish(event);
    const beats = response.chunks.filter((chunk) => chunk === 'data:\n\n').length;
    for (let i = 0; i < beats; i++) {
      await flushed();
      await time.advanceAsync(10_000);
    }
    await flushed();
    await started.pop()?.();
    const ours = parseResponse(await socket);
    expect(ours.status).toBe(200);
    expect(ours.headers['content-type']).toBe(response.headers['content-type']);
    expect(ours.headers['transfer-encoding']).toBe('chunked');
    const saying = (chunks: readonly string[]) => chunks.filter((chunk) => chunk !== 'data:\n\n');
    expect(saying(ours.chunks)).toEqual(saying(response.chunks));
    expect(ours.chunks.filter((chunk) => chunk === 'data:\n\n')).toHaveLength(beats);
    expect(cluster.subscribers).toBe(0);
  });
});

describe('a JVM node that bootstraps', () => {
  it('is answered for each probe of the connection that it keeps', async () => {
    const { port } = await serve('bootstrap-seed-nodes-1');
    const probes = recordedText(clientRequest)
      .split('>>> request from the JVM bootstrap client (conn 7)\n')
      .slice(1)
      .map((part) => part.slice(0, part.indexOf('\r\n\r\n') + 4));
    expect(probes).toHaveLength(4);
    const last = (probes.pop() ?? '').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    const text = await exchange(port, host, [...probes, last].join(''));
    const answers = text.split(/(?=HTTP\/1\.1 )/).map(parseResponse);
    const expected = recording('bootstrap-seed-nodes-1').response.body;
    expect(answers.map(({ body }) => body)).toEqual([expected, expected, expected, expected]);
    expect(answers.map(({ headers }) => headers['content-type'])).toEqual(
      answers.map(() => 'application/json'),
    );
  });
});

/** Turns of the event loop, in which sockets do their work. */
async function flushed(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await flushed();
}
