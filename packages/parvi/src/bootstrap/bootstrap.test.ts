// Bootstrap on real nodes in manual time, over networks in memory: three nodes of the test kit, and contact points that
// answer from their clusters.

import { describe, expect, it } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import { configDiscovery, type ServiceDiscovery } from '../discovery/index.ts';
import { TestCluster } from '../testkit/index.ts';
import { type Bootstrap, type BootstrapStart, bootstrapKey, startBootstrap } from './bootstrap.ts';
import type { ContactPoint } from './contact-point.ts';
import type { ProbeClient } from './probe-client.ts';

const names = ['a', 'b', 'c'] as const;
const port = 7626;

function contactPoint(host: string): ContactPoint {
  return { scheme: 'http', host, port, basePath: '' };
}

/** Answers as the management of these nodes would. */
function probesOf(cluster: TestCluster, state: { closed: number }): ProbeClient {
  return {
    probe: ({ host }) => {
      const node = find(cluster, host);
      if (node === undefined) return Promise.reject(new Error('nobody listens there'));
      return Promise.resolve({
        selfNode: node.self.addressKey,
        seedNodes: node.state.members.map((member) => ({ node: member.node.addressKey })),
      });
    },
    close: () => {
      state.closed++;
    },
  };
}

function find(cluster: TestCluster, host: string): Cluster | undefined {
  try {
    return cluster.node(host).cluster;
  } catch {
    return undefined;
  }
}

const listed = configDiscovery({ endpoints: names.map((name) => `${name}:${port}`) });

class Nodes {
  readonly cluster: TestCluster;
  readonly probes = { closed: 0 };

  static async start(options: { readonly seedNodes?: readonly string[] } = {}): Promise<Nodes> {
    const cluster = await TestCluster.start({ nodes: [], cluster: { seedNodes: [], ...options } });
    for (const name of names) await cluster.startNode(name);
    return new Nodes(cluster);
  }

  private constructor(cluster: TestCluster) {
    this.cluster = cluster;
  }

  bootstrap(name: string, options: Partial<BootstrapStart> = {}): Promise<Bootstrap | undefined> {
    return startBootstrap(
      this.cluster.node(name).system,
      {
        requiredContactPointNr: 3,
        discovery: listed,
        self: contactPoint(name),
        ...options,
      },
      { probes: probesOf(this.cluster, this.probes) },
    );
  }

  texts(name: string): string[] {
    return this.cluster.node(name).log.lines.map(({ message }) => message);
  }
}

describe('bootstrap on a node', () => {
  it('makes one cluster of nodes that know no seed nodes, and ends', async () => {
    const nodes = await Nodes.start();
    const running = await Promise.all(names.map((name) => nodes.bootstrap(name)));
    await nodes.cluster.untilUp(...names);
    await nodes.cluster.pass('2s');
    expect(nodes.probes.closed).toBe(3);
    await Promise.all(running.map((each) => each?.whenEnded));
    expect(running[0]?.explanation).toBeUndefined();
    expect(nodes.texts('a')).toContain('Forms a new cluster as the lowest of 3 contact points');
  });

  it('leaves it to seed nodes where there are any, and says so', async () => {
    const nodes = await Nodes.start({ seedNodes: ['a:25520'] });
    expect(await nodes.bootstrap('b')).toBeUndefined();
    expect(nodes.texts('b').join('\n')).toContain('joins by them and not by bootstrap');
  });

  it('is started once', async () => {
    const nodes = await Nodes.start();
    const first = await nodes.bootstrap('a');
    expect(await nodes.bootstrap('a')).toBe(first);
    expect(nodes.texts('a')).toContain('Bootstrap was started before, so it is not started again');
  });

  it('ends when the node has become a member in another way', async () => {
    const nodes = await Nodes.start();
    const running = await nodes.bootstrap('a', { requiredContactPointNr: 9 });
    nodes.cluster.node('a').cluster.join('a:25520');
    await nodes.cluster.pass('3s');
    expect(running?.summary.phase).toBe('ended');
  });

  it('tells tools what it knows and waits for', async () => {
    const nodes = await Nodes.start();
    const running = await nodes.bootstrap('b', { requiredContactPointNr: 4 });
    await nodes.cluster.pass('10s');
    expect(nodes.cluster.node('b').system.findExtension(bootstrapKey)).toBe(running);
    expect(running?.summary).toMatchObject({ discovered: 3, answering: 3, required: 4 });
    expect(running?.explanation).toContain('requiredContactPointNr is above the number of nodes');
  });

  it('is not ready before it is a member, and readiness says why', async () => {
    const nodes = await Nodes.start();
    await nodes.bootstrap('a', { requiredContactPointNr: 4 });
    await nodes.cluster.pass('10s');
    const { cluster, system } = nodes.cluster.node('a');
    const reason = async () => {
      const { checks } = await system.health.run('ready');
      return checks.find(({ name }) => name === 'bootstrap')?.reason;
    };
    expect(await reason()).toMatch(/^Not in a cluster after 10 s: found 3 contact points/);
    cluster.join('a:25520');
    await nodes.cluster.pass('3s');
    expect((await system.health.run('ready')).healthy).toBe(true);
    expect(await reason()).toBeUndefined();
  });

  it('stops with its node', async () => {
    const nodes = await Nodes.start();
    const running = await nodes.bootstrap('a', { requiredContactPointNr: 9 });
    const ended = nodes.cluster.node('a').system.terminate();
    await nodes.cluster.pass('60s');
    await ended;
    expect(running?.summary.phase).toBe('ended');
  });

  it('does not wait for a discovery that never answers', async () => {
    const nodes = await Nodes.start();
    const never: ServiceDiscovery = { name: 'never', lookup: () => new Promise(() => undefined) };
    await nodes.bootstrap('a', { discovery: never });
    await nodes.cluster.pass('10s');
    expect(nodes.texts('a').join('\n')).toContain('by never: no answer within 3000 ms');
  });

  it('goes on when a discovery of its own throws instead of answering', async () => {
    const nodes = await Nodes.start();
    const broken: ServiceDiscovery = {
      name: 'broken',
      lookup: () => {
        throw new Error('not today');
      },
    };
    const running = await nodes.bootstrap('a', { discovery: broken });
    await nodes.cluster.pass('10s');
    expect(nodes.texts('a')).toContain('not today');
    expect(running?.summary.phase).toBe('looking');
  });

  it.each([
    [{ requiredContactPointNr: 0 }, 'a whole number of at least 1'],
    [{ stableMargin: 'soon' }, 'bootstrap.stableMargin "soon"'],
    [{ requiredContactPoints: 3 }, 'did you mean "requiredContactPointNr"?'],
    [{ interval: '20s' }, 'bootstrap.exponentialBackoffMax "15000"'],
  ])('refuses options that cannot work: %j', async (options, said) => {
    const nodes = await Nodes.start();
    const starting = nodes.bootstrap('a', options as Partial<BootstrapStart>);
    await expect(starting).rejects.toThrow(said);
  });
});
