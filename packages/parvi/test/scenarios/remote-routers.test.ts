// Routers in front of actors of other nodes (Pekko `RemoteRoundRobinSpec`, `RemoteRandomSpec`).

import { describe, expect, it } from 'vitest';
import { type ActorRef, actor, group, type RoutingStrategy } from '../../src/actor/index.ts';
import { farRef, listener, TestNetwork, type TestNode } from '../remoting/nodes.ts';

interface Hit {
  readonly type: 'hit';
  readonly n: number;
  readonly replyTo: ActorRef<string>;
}

const target = actor<Hit>((context) => ({
  hit: ({ replyTo }) => replyTo.tell(context.system.name + context.self.path),
}));

/** Three nodes with a target each, and a fourth that routes. */
async function hits(strategy: RoutingStrategy<Hit>, count: number) {
  const network = new TestNetwork();
  const nodes: TestNode[] = [];
  for (const host of ['one', 'two', 'three', 'four']) nodes.push(await network.start(host));
  const router = nodes.pop();
  if (router === undefined) throw new Error('four nodes were started');
  const routees = nodes.map((node) => farRef(router, node.system.spawn(target, 'target')));
  const ref = router.system.spawn(group<Hit>({ routees, strategy }), 'router');
  const { ref: here, heard } = listener(router.system, 'here');
  for (let n = 0; n < count; n++) {
    ref.tell({ type: 'hit', n: n % 7, replyTo: here as ActorRef<string> });
  }
  await network.pass(3000);
  const byHost = new Map<string, number>();
  for (const reply of heard.messages as string[]) {
    const host = /@([^:]+):/.exec(reply)?.[1] ?? '';
    byHost.set(host, (byHost.get(host) ?? 0) + 1);
  }
  return { network, router, nodes, routees, ref, here, heard, byHost };
}

describe('a router over actors of other nodes', () => {
  it('takes them in turn', async () => {
    const { byHost } = await hits('roundRobin', 30);
    expect(Object.fromEntries(byHost)).toEqual({ one: 10, two: 10, three: 10 });
  });

  it('takes them by chance', async () => {
    const { byHost } = await hits('random', 300);
    expect([...byHost.keys()].sort()).toEqual(['one', 'three', 'two']);
    for (const count of byHost.values()) expect(count).toBeGreaterThan(50);
  });

  it('takes the same one for the same key', async () => {
    const { byHost } = await hits({ consistentHash: (hit) => hit.n }, 70);
    expect([...byHost.values()].every((count) => count % 10 === 0)).toBe(true);
    expect([...byHost.values()].reduce((sum, count) => sum + count, 0)).toBe(70);
  });

  it('leaves out those whose node is gone', async () => {
    const { network, router, nodes, ref, here, heard } = await hits('roundRobin', 3);
    const ended = nodes[0]?.system.terminate();
    await network.pass(3000);
    await ended;
    heard.messages.length = 0;
    for (let n = 0; n < 10; n++) ref.tell({ type: 'hit', n, replyTo: here as ActorRef<string> });
    await network.pass(1000);
    expect(heard.messages).toHaveLength(10);
    expect(router.deadLetters).toEqual([]);
  });
});
