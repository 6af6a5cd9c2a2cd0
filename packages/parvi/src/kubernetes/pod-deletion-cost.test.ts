import { describe, expect, it, onTestFinished } from 'vitest';
import type { Member, MemberStatus } from '../cluster/index.ts';
import { clusterNode } from '../cluster/index.ts';
import { TestCluster } from '../testkit/index.ts';
import { kubernetesApi } from './api-server.ts';
import { FakeApiServer, readAccountFile } from './fixtures/api-server.ts';
import { podPath } from './own-pod.ts';
import {
  deletionCost,
  podDeletionCostAnnotation,
  startPodDeletionCost,
} from './pod-deletion-cost.ts';

function member(host: string, upNumber: number, status: MemberStatus = 'Up'): Member {
  const address = { protocol: 'pekko', system: 'grid', host, port: 25520 };
  const of = { roles: [], dataCenter: 'default', appVersion: '1' };
  return { node: clusterNode(address, 1n), status, upNumber, ...of };
}

describe('the cost of deleting a pod', () => {
  const members = ['e', 'b', 'd', 'a', 'c'].map((host) => member(host, host.charCodeAt(0)));
  const costs = (all: readonly Member[], membersMax = 3) =>
    [...all]
      .sort((one, other) => (one.node.key < other.node.key ? -1 : 1))
      .map(({ node }) => deletionCost(all, node.key, membersMax));

  it('is higher the older a member is, for the oldest three', () => {
    expect(costs(members)).toEqual([10_000, 9900, 9800, 0, 0]);
    expect(costs(members, 1)).toEqual([10_000, 0, 0, 0, 0]);
  });

  it('is none without an age, and leaves out members that go', () => {
    const changed = [
      member('a', 1, 'Exiting'),
      member('b', 2, 'Leaving'),
      member('c', 3),
      member('d', 2147483647, 'WeaklyUp'),
    ];
    expect(costs(changed)).toEqual([undefined, 10_000, 9900, undefined]);
  });
});

async function annotated(...names: readonly string[]) {
  const server = new FakeApiServer();
  const cluster = await TestCluster.start({ nodes: names });
  await cluster.untilUp(...names);
  const pod = (name: string): string => podPath('grid', `pod-${name}`);
  const annotate = (name: string) => {
    const { system } = cluster.node(name);
    const api = kubernetesApi(
      { apiServer: 'https://10.96.0.1' },
      {
        runtime: system.runtime,
        environment: {},
        http: server.door,
        readFile: readAccountFile,
      },
    );
    return startPodDeletionCost(system, { namespace: 'grid', podName: `pod-${name}` }, api);
  };
  for (const name of names) server.put(pod(name), { metadata: { labels: { app: 'grid' } } });
  const costOf = (name: string): unknown => {
    const metadata: unknown = server.get(pod(name))?.metadata;
    return Reflect.get(Object(Reflect.get(Object(metadata), 'annotations')), annotation);
  };
  return { server, cluster, annotate, costOf };
}

const annotation = podDeletionCostAnnotation;

describe('the annotation of the own pod', () => {
  it('follows the age of the member, and is told once for each change', async () => {
    const { server, cluster, annotate, costOf } = await annotated('a', 'b');
    onTestFinished(() => cluster.stop());
    const [old, young] = [annotate('a'), annotate('b')];
    await cluster.pass('1s');
    expect([costOf('a'), costOf('b')]).toEqual(['10000', '9900']);
    await cluster.pass('60s');
    expect(server.requests).toHaveLength(2);
    cluster.node('a').cluster.leave();
    await cluster.until(() => young.told === 10_000, '60s');
    expect([old.told, costOf('b')]).toEqual([10_000, '10000']);
    expect(server.requests).toHaveLength(3);
  });

  it('waits for the member to be Up', async () => {
    const { server, cluster, annotate, costOf } = await annotated('a');
    onTestFinished(() => cluster.stop());
    await cluster.startNode('late');
    server.put(podPath('grid', 'pod-late'), {});
    annotate('late');
    expect(server.requests).toEqual([]);
    await cluster.until(() => costOf('late') !== undefined, '60s');
    expect(costOf('late')).toBe('9900');
  });

  it('is told later when the API server is away', async () => {
    const { server, cluster, annotate, costOf } = await annotated('a');
    onTestFinished(() => cluster.stop());
    server.failures.push({ status: 503, body: '' }, new Error('connect ECONNREFUSED'));
    annotate('a');
    await cluster.pass('9s');
    expect(costOf('a')).toBeUndefined();
    await cluster.pass('2s');
    expect([costOf('a'), server.requests.length]).toEqual(['10000', 3]);
  });

  it.each([401, 408, 409, 429])(
    'is told later when the API server says %i, which passes',
    async (status) => {
      const { server, cluster, annotate, costOf } = await annotated('a');
      onTestFinished(() => cluster.stop());
      // A token that is refused is read anew before.
      const answers = status === 401 ? 3 : 1;
      server.failures.push(...new Array(answers).fill({ status, body: '' }));
      annotate('a');
      await cluster.pass('11s');
      expect(costOf('a')).toBe('10000');
    },
  );

  it('is given up on when it may not be told', async () => {
    const { server, cluster, annotate } = await annotated('a');
    onTestFinished(() => cluster.stop());
    server.denied.add('patch pods');
    annotate('a');
    await cluster.pass('60s');
    expect(server.requests).toHaveLength(1);
    expect(cluster.node('a').log.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('not tried again'),
      fields: { reason: expect.stringContaining('verbs: ["patch"]') },
    });
  });
});
