// The cluster part of a node as its application meets it: callbacks, subscriptions, shutdown and its reasons (Pekko
// `ClusterSpec`, `ClusterDomainEventPublisherSpec`, `MinMembersBeforeUpSpec`).

import { describe, expect, it } from 'vitest';
import {
  type ClusterEvent,
  type CurrentClusterState,
  memberEvents,
} from '../../src/cluster/index.ts';
import { MemoryLease } from '../../src/testkit/index.ts';
import { membersOf, wholeNodes } from './whole-nodes.ts';

const nodes = wholeNodes();

const describeEvent = (event: ClusterEvent | CurrentClusterState): string => {
  if (event.type === 'MemberRemoved') {
    return `${event.type} ${event.member.node.address.host} ${event.previousStatus}`;
  }
  if ('member' in event) return `${event.type} ${event.member.node.address.host}`;
  if (event.type === 'LeaderChanged')
    return `${event.type} ${event.leader?.address.host ?? 'none'}`;
  return event.type;
};

describe('callbacks', () => {
  it('on becoming Up wait until there are enough members, and come once on each', async () => {
    const whole = nodes({ cluster: { membersMin: 3 } });
    const calls: string[] = [];
    for (const name of 'abc') {
      const { cluster } = await whole.start(name);
      cluster.onMemberUp(() => calls.push(name));
      await whole.run(6);
      if (name !== 'c') expect(calls).toEqual([]);
    }
    expect(calls.sort()).toEqual(['a', 'b', 'c']);
  });

  it('on being removed come once, after a leave, a downing and a shutdown alike', async () => {
    const whole = nodes();
    const [a, b, c] = await whole.form('abc');
    const calls: string[] = [];
    for (const { cluster, name } of [a, b, c]) cluster.onMemberRemoved(() => calls.push(name));
    a.cluster.leave('b:2550');
    await whole.until(() => calls.length === 1, 20);
    a.cluster.down('c:2550');
    await whole.until(() => calls.length === 2, 20);
    a.system.terminate().catch(() => undefined);
    await whole.until(() => calls.length === 3, 20);
    expect(calls).toEqual(['b', 'c', 'a']);
    let late = 0;
    a.cluster.onMemberRemoved(() => {
      late++;
    });
    await whole.run(1);
    expect(late).toBe(1);
  });
});

describe('a subscription', () => {
  it('begins with one value of the whole state, for the new subscriber only', async () => {
    const whole = nodes();
    const [a] = await whole.form('ab');
    const [first, second]: string[][] = [[], []];
    a.cluster.subscribe(['MemberUp'], (event) => first?.push(describeEvent(event)));
    a.cluster.subscribe(['MemberUp'], (event) => {
      if (event.type !== 'CurrentClusterState') return;
      const { members, leader, seenBy } = event.state;
      second?.push(`${members.length} ${leader?.address.host} ${seenBy.length}`);
    });
    expect([first, second]).toEqual([['CurrentClusterState'], ['2 a 2']]);
  });

  it('may begin with the events that lead to the state, unreachable members among them', async () => {
    const whole = nodes({ cluster: { splitBrain: 'off' } });
    const [a] = await whole.form('ab');
    whole.cut('a', 'b');
    await whole.run(10);
    const told: string[] = [];
    a.cluster.subscribe(
      [...memberEvents, 'UnreachableMember'],
      (e) => told.push(describeEvent(e)),
      {
        initial: 'events',
      },
    );
    expect(told).toEqual(['MemberUp a', 'MemberUp b', 'UnreachableMember b']);
  });

  it('ends when it is cancelled', async () => {
    const whole = nodes();
    const a = await whole.start('a');
    const told: string[] = [];
    const subscription = a.cluster.subscribe(memberEvents, (e) => told.push(describeEvent(e)));
    subscription.cancel();
    await whole.run(5);
    expect(membersOf(a)).toBe('a:Up');
    expect(told).toEqual(['CurrentClusterState']);
  });

  it('tells of each leader, on its exit too, and of the end', async () => {
    const whole = nodes();
    const [a, b] = await whole.form('ab');
    const told: string[] = [];
    const types = ['LeaderChanged', 'ClusterShuttingDown', 'MemberRemoved'] as const;
    b.cluster.subscribe(types, (event) => told.push(describeEvent(event)));
    a.cluster.leave();
    await whole.until(() => membersOf(b) === 'b:Up', 20);
    b.system.terminate().catch(() => undefined);
    await whole.until(() => b.cluster.isTerminated, 20);
    expect(told).toEqual([
      'CurrentClusterState',
      'LeaderChanged b',
      'MemberRemoved a Exiting',
      'ClusterShuttingDown',
      'MemberRemoved b Exiting',
      'LeaderChanged none',
    ]);
  });
});

describe('coordinated shutdown', () => {
  it('takes a node out that is still joining', async () => {
    const whole = nodes({ cluster: { membersMin: 3 } });
    const a = await whole.start('a');
    const b = await whole.start('b');
    await whole.until(() => membersOf(a) === 'a:Joining b:Joining', 20);
    b.system.terminate().catch(() => undefined);
    await whole.until(() => b.system.isTerminated && membersOf(a) === 'a:Joining', 30);
    a.system.terminate().catch(() => undefined);
    await whole.until(() => a.system.isTerminated, 30);
  });

  it.each([
    ['leave', 'clusterLeaving'],
    ['down', 'clusterDowning'],
  ] as const)('runs by itself after a %s and says why', async (command, reason) => {
    const whole = nodes();
    const [a, b] = await whole.form('ab');
    a.cluster[command]('b:2550');
    await whole.until(() => b.system.isTerminated, 30);
    expect(b.system.coordinatedShutdown.reason?.name).toBe(reason);
    expect(a.system.isTerminated).toBe(false);
  });

  it('leaves a downed node running when it is told to', async () => {
    const whole = nodes({ cluster: { shutdownWhenDown: false } });
    const [a, b] = await whole.form('ab');
    a.cluster.down('b:2550');
    await whole.until(() => b.cluster.isTerminated, 30);
    await whole.run(5);
    expect(b.system.isTerminated).toBe(false);
  });
});

describe('a lease', () => {
  it('decides between two halves of whole nodes, and is given back', async () => {
    const lease = new MemoryLease();
    const whole = nodes();
    const split = (name: string) =>
      ({
        splitBrain: {
          strategy: 'lease-majority',
          lease: lease.for(name),
          stableAfter: '3s',
          acquireLeaseDelayForMinority: '1s',
          releaseLeaseAfter: '5s',
        },
      }) as const;
    const a = await whole.start('a', split('a'));
    const b = await whole.start('b', split('b'));
    await whole.until(() => membersOf(b) === 'a:Up b:Up', 20);
    lease.cutOff('a');
    whole.cut('a', 'b');
    await whole.until(() => a.cluster.isTerminated && membersOf(b) === 'b:Up', 60);
    expect(lease.owner).toBe('b');
    await whole.until(() => lease.owner === undefined, 30);
  });
});
