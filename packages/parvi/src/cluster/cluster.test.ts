// Whole nodes (actor system, remoting, cluster) on a network in memory, in time that the test moves.

import { afterEach, describe, expect, it } from 'vitest';
import { ActorSystem, actor } from '../actor/index.ts';
import { createLogger, type LogLine } from '../observe/index.ts';
import { MemoryNetwork, Remoting } from '../remote/index.ts';
import { seededRandom } from '../runtime/index.ts';
import { ManualTime } from '../testkit/manual-time.ts';
import {
  Cluster,
  type ClusterEvent,
  type ClusterOptions,
  type CurrentClusterState,
  memberEvents,
} from './index.ts';

interface TestNode {
  readonly system: ActorSystem;
  readonly remoting: Remoting;
  readonly cluster: Cluster;
  readonly log: LogLine[];
}

class TestNetwork {
  readonly time = new ManualTime();
  readonly network = new MemoryNetwork({
    runtime: this.time.runtime(),
    random: seededRandom(7),
    delayMs: { min: 0, max: 2 },
  });
  readonly nodes: TestNode[] = [];

  async start(host: string, options: ClusterOptions = {}): Promise<TestNode> {
    const log: LogLine[] = [];
    const sink = { write: (line: LogLine) => void log.push(line), flush: async () => {} };
    const system = ActorSystem.create(
      { name: 'sys' },
      {
        runtime: this.time.runtime({ seed: this.nodes.length + 1 }),
        log: createLogger({ sink, control: { level: 'info' } }),
      },
    );
    const starting = Remoting.start(system, { host, transport: this.network.transport(host) });
    await this.time.settleAsync();
    const remoting = await starting;
    const cluster = Cluster.start(system, remoting, { seedNodes: ['a', 'b'], ...options });
    const node = { system, remoting, cluster, log };
    this.nodes.push(node);
    await this.time.settleAsync();
    return node;
  }

  async run(ms: number): Promise<void> {
    await this.time.advanceAsync(ms);
  }
}

const networks: TestNetwork[] = [];
function newNetwork(): TestNetwork {
  const network = new TestNetwork();
  networks.push(network);
  return network;
}

afterEach(async () => {
  for (const network of networks.splice(0)) {
    for (const { system } of network.nodes) system.terminate().catch(() => undefined);
    await network.run(60_000);
  }
});

const membersOf = (node: TestNode): string =>
  node.cluster.state.members
    .map(({ node: each, status }) => `${each.address.host}:${status}`)
    .join(' ');

const textsOf = (node: TestNode): string[] => node.log.map((line) => line.message);

describe('a cluster of whole nodes', () => {
  it('forms from its seed nodes and agrees on members, leader and age', async () => {
    const network = newNetwork();
    const a = await network.start('a', { roles: ['ctrl'] });
    const b = await network.start('b', { roles: ['ctrl'], appVersion: '1.2.3' });
    const c = await network.start('c', { roles: ['worker'] });
    await network.run(6000);
    for (const node of [a, b, c]) {
      expect(membersOf(node)).toBe('a:Up b:Up c:Up');
      expect(node.cluster.state.leader?.address.host).toBe('a');
      expect(node.cluster.state.roleLeaders.get('worker')?.address.host).toBe('c');
      expect(node.cluster.state.seenBy.length).toBe(3);
    }
    expect(a.cluster.state.members.map((member) => member.appVersion)).toEqual([
      '0.0.0',
      '1.2.3',
      '0.0.0',
    ]);
    expect(c.cluster.roles).toEqual(['worker', 'dc-default']);
    expect(b.cluster.selfMember.status).toBe('Up');
  });

  it('has no seed process any more when answers to it have come', async () => {
    const network = newNetwork();
    const nodes = [await network.start('a'), await network.start('b')];
    const seedProcesses = () =>
      nodes.flatMap(({ system }) => {
        const path = '/system/cluster/core/daemon';
        const tree = system.actorTree({ path, depthMax: 1, actorsMax: 100 });
        return JSON.stringify(tree).match(/\w+SeedNodeProcess-\d+/g) ?? [];
      });
    await network.run(1000);
    expect(new Set(seedProcesses()).size).toBe(2);
    await network.run(10_000);
    expect(seedProcesses()).toEqual([]);
  });

  it('sees nobody unreachable when a node leaves by coordinated shutdown', async () => {
    const network = newNetwork();
    const a = await network.start('a');
    const b = await network.start('b');
    const c = await network.start('c');
    await network.run(6000);
    const events: ClusterEvent['type'][] = [];
    a.cluster.subscribe([...memberEvents, 'UnreachableMember'], (event) => {
      if (event.type !== 'CurrentClusterState') events.push(event.type);
    });
    let removed = 0;
    c.cluster.onMemberRemoved(() => {
      removed++;
    });
    c.system.terminate().catch(() => undefined);
    await network.run(10_000);
    expect(events).toEqual(['MemberLeft', 'MemberExited', 'MemberRemoved']);
    expect(c.cluster.isTerminated).toBe(true);
    expect(c.system.isTerminated).toBe(true);
    expect(removed).toBe(1);
    expect(membersOf(a)).toBe('a:Up b:Up');
    expect(membersOf(b)).toBe('a:Up b:Up');
  });

  it('writes of no dead letters when a node leaves in good order', async () => {
    const network = newNetwork();
    const a = await network.start('a');
    const b = await network.start('b');
    const c = await network.start('c');
    await network.run(6000);
    c.system.terminate().catch(() => undefined);
    await network.run(30_000);
    expect(membersOf(a)).toBe('a:Up b:Up');
    const lost = [a, b, c].map(({ system }) => system.deadLetters.count());
    expect(lost.reduce((sum, count) => sum + count)).toBeGreaterThan(0);
    for (const node of [a, b, c]) {
      expect(node.log.filter(({ message }) => message.includes('dead letter'))).toEqual([]);
    }
  });

  it('removes a node that is cut off, which ends itself', async () => {
    const network = newNetwork();
    const options = { splitBrain: { stableAfter: '5s' as const } };
    const a = await network.start('a', options);
    await network.start('b', options);
    const c = await network.start('c', options);
    await network.run(6000);
    for (const other of ['a', 'b']) {
      network.network.cut('c', other);
      network.network.cut(other, 'c');
    }
    await network.run(8000);
    expect(a.cluster.state.unreachable.map((member) => member.node.address.host)).toEqual(['c']);
    await network.run(30_000);
    expect(membersOf(a)).toBe('a:Up b:Up');
    expect(c.cluster.isTerminated).toBe(true);
    expect(c.system.coordinatedShutdown.reason?.name).toBe('clusterDowning');
    expect(textsOf(a).join('\n')).toContain('SBR took decision DownUnreachable');
  });

  it('tells watchers of actors on a member that was removed', async () => {
    const network = newNetwork();
    const a = await network.start('a');
    const b = await network.start('b');
    await network.run(4000);
    const target = b.system.spawn(
      actor<string>(() => ({ onMessage: () => undefined })),
      'target',
    );
    const ended: string[] = [];
    a.system.spawn(
      actor<string>((context) => {
        context.watch(a.system.resolve(target.path));
        return {
          onMessage: () => undefined,
          onTerminated: (ref, how) => {
            ended.push(`${ref.name} ${how.addressTerminated}`);
          },
        };
      }),
    );
    await network.run(2000);
    network.network.cut('a', 'b');
    network.network.cut('b', 'a');
    await network.run(1000);
    a.cluster.down(b.cluster.self.address);
    await network.run(20_000);
    expect(membersOf(a)).toBe('a:Up');
    expect(ended).toEqual(['target true']);
  });

  it('lets a restarted process take the place of the old one at its address', async () => {
    const network = newNetwork();
    const a = await network.start('a');
    const b = await network.start('b');
    await network.run(4000);
    const old = b.cluster.self.key;
    await crash(network, b);
    const again = await network.start('b');
    await network.run(10_000);
    expect(again.cluster.self.key).not.toBe(old);
    expect(membersOf(a)).toBe('a:Up b:Up');
    expect(a.cluster.state.members[1]?.node.key).toBe(again.cluster.self.key);
  });

  it('refuses a node with other settings, which shuts down', async () => {
    const network = newNetwork();
    const a = await network.start('a');
    await network.run(7000);
    const b = await network.start('b', { splitBrain: { strategy: 'keep-oldest' } });
    await network.run(5000);
    expect(membersOf(a)).toBe('a:Up');
    expect(textsOf(a).join('\n')).toContain('active-strategy is incompatible');
    expect(b.system.coordinatedShutdown.reason?.name).toBe('incompatibleConfigurationDetected');
  });

  it('says in one line what is wrong with seed nodes of another system, and ends', async () => {
    const network = newNetwork();
    const a = await network.start('a', { seedNodes: ['pekko://other@b:25520'] });
    await network.run(1000);
    expect(textsOf(a).filter((text) => text.includes('is named [other]')).length).toBe(1);
    expect(a.system.coordinatedShutdown.reason?.name).toBe('clusterJoinUnsuccessful');
  });

  it('refuses to subscribe to what is no list of events, and says what to give', async () => {
    const { cluster } = await newNetwork().start('a');
    const subscribe = (types: unknown): unknown =>
      Reflect.apply(cluster.subscribe, cluster, [types, () => undefined]);
    expect(() => subscribe('MemberUp')).toThrow(/"MemberUp" was given where a list of event types/);
    for (const types of [() => undefined, undefined, 'MemberUp', {}]) {
      expect(() => subscribe(types)).toThrow(
        expect.objectContaining({ code: 'CLUSTER_SUBSCRIPTION_INVALID' }),
      );
    }
    expect(() => subscribe([])).toThrow(
      expect.objectContaining({ code: 'CLUSTER_SUBSCRIPTION_EMPTY' }),
    );
  });

  it('tells actors of events until they stop', async () => {
    const network = newNetwork();
    const a = await network.start('a');
    const told: string[] = [];
    const listener = a.system.spawn(
      actor<ClusterEvent | CurrentClusterState>(() => ({
        onMessage: (event) => {
          told.push(event.type);
        },
      })),
    );
    a.cluster.subscribe(memberEvents, listener);
    await network.run(7000);
    expect(told).toEqual(['CurrentClusterState', 'MemberUp']);
    a.system.stop(listener);
    await network.run(100);
    await network.start('b');
    await network.run(5000);
    expect(membersOf(a)).toBe('a:Up b:Up');
    expect(a.system.deadLetters.count('recipientStopped')).toBe(0);
  });

  it('says that a node will not become Up when the seed nodes refuse its configuration', async () => {
    const network = newNetwork();
    const a = await network.start('a');
    await network.run(10_000);
    await a.cluster.whenUp;
    const c = await network.start('c', { splitBrain: { strategy: 'down-all' } });
    let called = 0;
    c.cluster.onMemberUp(() => {
      called++;
    });
    const refused = expect(c.cluster.whenUp).rejects.toMatchObject({
      code: 'CLUSTER_ENDED',
      fields: { address: 'pekko://sys@c:25520' },
    });
    await network.run(10_000);
    await refused;
    expect(called).toBe(0);
  });

  it('gives a subscriber the present as one value or as events', async () => {
    const network = newNetwork();
    const a = await network.start('a');
    await network.start('b');
    await network.run(4000);
    const told: string[] = [];
    const note = (event: { readonly type: string }) => void told.push(event.type);
    a.cluster.subscribe(['MemberUp'], note);
    a.cluster.subscribe(['MemberUp'], note, { initial: 'events' });
    expect(told).toEqual(['CurrentClusterState', 'MemberUp', 'MemberUp']);
    expect(() => a.cluster.subscribe([], note)).toThrow('the list of event types is empty');
  });

  it('does not listen to plain messages at its actors', async () => {
    const network = newNetwork();
    const a = await network.start('a');
    const b = await network.start('b');
    await network.run(4000);
    const daemon = b.system.select('pekko://sys@a:25520/system/cluster/core/daemon');
    daemon.tell({ type: 'leave', address: a.cluster.self.address });
    daemon.tell({ type: 'down', address: a.cluster.self.address });
    await network.run(3000);
    expect(membersOf(b)).toBe('a:Up b:Up');
  });
});

/** Ends a node without a word to anybody, so that its address is free again. */
async function crash(network: TestNetwork, node: TestNode): Promise<void> {
  const { host } = node.cluster.self.address;
  const others = ['a', 'b', 'c'].filter((each) => each !== host);
  for (const other of others) {
    network.network.cut(host, other);
    network.network.cut(other, host);
  }
  node.remoting.shutdown().catch(() => undefined);
  await network.run(5000);
  network.network.heal();
}
