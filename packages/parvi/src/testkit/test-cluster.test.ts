import { afterEach, describe, expect, it } from 'vitest';
import { type ActorRef, actor } from '../actor/index.ts';
import { TestCluster, type TestClusterOptions } from './test-cluster.ts';

type Counting =
  | { readonly type: 'increment' }
  | { readonly type: 'read'; readonly replyTo: ActorRef<number> };

const counter = actor<Counting>(() => {
  let count = 0;
  return {
    increment() {
      count++;
    },
    read({ replyTo }) {
      replyTo.tell(count);
    },
  };
});

const clusters: TestCluster[] = [];
async function started(options: TestClusterOptions = {}): Promise<TestCluster> {
  const cluster = await TestCluster.start(options);
  clusters.push(cluster);
  return cluster;
}

afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.stop();
});

const membersOf = (cluster: TestCluster, name: string): string =>
  cluster
    .node(name)
    .cluster.state.members.map(({ node, status }) => `${node.address.host}:${status}`)
    .join(' ');

describe('a test cluster', () => {
  it('is up when it is handed out, without a wait by the wall clock', async () => {
    const cluster = await started();
    expect(membersOf(cluster, 'b')).toBe('a:Up b:Up c:Up');
    expect(cluster.time.clock.nowMs()).toBeGreaterThan(1000);
  });

  it('carries messages between actors of different nodes', async () => {
    const cluster = await started({ nodes: ['a', 'b'] });
    const ref = cluster.node('b').system.spawn(counter, 'counter');
    const far = cluster.refAt('a', ref);
    far.tell({ type: 'increment' });
    far.tell({ type: 'increment' });
    const asked = far.ask<number>((replyTo) => ({ type: 'read', replyTo }), { timeout: '3s' });
    expect(await cluster.settled(asked)).toBe(2);
  });

  it('loses a node that is killed, and takes in the one that takes its place', async () => {
    const cluster = await started({ cluster: { splitBrain: { stableAfter: '5s' } } });
    const before = cluster.node('c').cluster.self.uid;
    cluster.crash('c');
    await cluster.until(() => membersOf(cluster, 'a') === 'a:Up b:Up', '30s');
    const again = await cluster.startNode('c');
    await cluster.untilUp('a', 'b', 'c');
    expect(again.cluster.self.uid).not.toBe(before);
  });

  it('notices a cut, and that it is over', async () => {
    const cluster = await started({ cluster: { splitBrain: 'off' } });
    cluster.cut(['a', 'b'], ['c']);
    await cluster.until(() => cluster.node('a').cluster.state.unreachable.length === 1);
    cluster.heal();
    await cluster.untilUp('a', 'b', 'c');
  });

  it('finds a paused node unreachable, and reachable again when it goes on', async () => {
    const cluster = await started({ cluster: { splitBrain: 'off' } });
    cluster.pause('b');
    await cluster.until(() => cluster.node('a').cluster.state.unreachable.length === 1);
    cluster.resume('b');
    await cluster.untilUp('a', 'b', 'c');
  });

  it('hears nothing from a paused node, not even an answer to a handshake', async () => {
    const cluster = await started({ nodes: ['a', 'b'], cluster: { splitBrain: 'off' } });
    const sent = (): number =>
      cluster
        .node('b')
        .remoting.associations()
        .flatMap(({ streams }) => streams)
        .reduce((sum, { framesSent }) => sum + framesSent, 0);
    cluster.pause('b');
    const before = sent();
    const late = await cluster.startNode('c');
    late.system.select('pekko://test@b:25520/user/nobody').tell('hello');
    await cluster.pass('5s');
    expect(sent()).toBe(before);
    cluster.resume('b');
    await cluster.pass('1s');
    expect(sent()).toBeGreaterThan(before);
  });

  it('tells a probe that what it watches was on a node that is gone', async () => {
    const cluster = await started({ cluster: { splitBrain: { stableAfter: '5s' } } });
    const ref = cluster.node('c').system.spawn(counter, 'counter');
    const probe = cluster.node('a').probe();
    probe.watch(cluster.refAt('a', ref));
    await cluster.pass('1s');
    cluster.crash('c');
    const how = await probe.expectTerminated(cluster.refAt('a', ref), 40_000);
    expect(how.addressTerminated).toBe(true);
  });

  it('lives the same life from the same seed', async () => {
    const lives: unknown[] = [];
    for (let life = 0; life < 2; life++) {
      const cluster = await started({ seed: 11 });
      cluster.crash('b');
      await cluster.pass('7s');
      lives.push(cluster.node('a').log.lines.map(({ message }) => message));
    }
    expect(lives[1]).toEqual(lives[0]);
  });

  it('says what it waited for and how things stand when it waited in vain', async () => {
    const cluster = await started({ nodes: ['a', 'b'] });
    await expect(cluster.until(() => false, '1s')).rejects.toThrow(
      /in vain: a sees \[a Up, b Up\]/,
    );
    expect(() => cluster.node('x')).toThrow('"x"');
  });

  it.each<readonly [string, (cluster: TestCluster) => unknown]>([
    ['cut', (cluster) => cluster.cut(['a'], ['z'])],
    ['cut of the other side', (cluster) => cluster.cut(['a', 'z'], ['b'])],
    ['cut one way', (cluster) => cluster.cut(['z'], ['a'], { oneWay: true })],
    ['pause', (cluster) => cluster.pause('z')],
    ['resume', (cluster) => cluster.resume('z')],
    ['crash', (cluster) => cluster.crash('z')],
    ['cut of the network', (cluster) => cluster.network.cut('a', 'z')],
    ['broken links of the network', (cluster) => cluster.network.breakLinks('z', 'a')],
    ['crash on the network', (cluster) => cluster.network.crash('z')],
  ])('refuses a %s of a node that there is not, and does nothing', async (_, fault) => {
    const cluster = await started({ nodes: ['a', 'b'], cluster: { splitBrain: 'off' } });
    const node = expect.objectContaining({
      code: 'TEST_CLUSTER_NODE_UNKNOWN',
      message: 'Cannot use the node "z" of the test cluster: it does not run; there are a, b',
    });
    expect(() => cluster.node('z')).toThrow(node);
    expect(() => fault(cluster)).toThrow(node);
    await cluster.pass('20s');
    expect(cluster.node('a').cluster.state.unreachable).toEqual([]);
  });

  it('cuts off a place that a node will take only later', async () => {
    const cluster = await started({ nodes: ['a', 'b', 'c'] });
    cluster.crash('c');
    cluster.cut(['a', 'b'], ['c']);
    const again = await cluster.startNode('c');
    await cluster.pass('20s');
    expect(again.cluster.state.members).toEqual([]);
  });
});
