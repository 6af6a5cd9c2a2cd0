// The cluster part of a node as its application meets it: callbacks, subscriptions, shutdown and its reasons (Pekko
// `ClusterSpec`, `ClusterDomainEventPublisherSpec`, `MinMembersBeforeUpSpec`).

import { describe, expect, it } from 'vitest';
import { shutdownReasons } from '../../src/actor/index.ts';
import {
  type ClusterEvent,
  type CurrentClusterState,
  type Lease,
  memberEvents,
} from '../../src/cluster/index.ts';
import { MemoryLease } from '../../src/testkit/index.ts';
import { membersOf, type WholeNode, wholeNodes } from './whole-nodes.ts';

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

describe('links to a member', () => {
  const failed = ({ log }: WholeNode): unknown[] =>
    log.lines
      .filter(({ level, fields }) => level === 'warn' && fields.code === 'REMOTE_DIAL_FAILED')
      .map(({ fields }) => fields.peer);

  it('that fail are no trouble when it has left, told to or by its own end', async () => {
    const whole = nodes();
    const [a, b, c, d] = await whole.form('abcd');
    const before = [a, b].map((node) => failed(node).length);
    a.cluster.leave('c:2550');
    d.system.terminate().catch(() => undefined);
    await whole.run(40);
    expect([a, b].map(membersOf)).toEqual(['a:Up b:Up', 'a:Up b:Up']);
    expect(c.cluster.isTerminated).toBe(true);
    expect([a, b].map((node, index) => failed(node).slice(before[index]))).toEqual([[], []]);
  });

  it('that fail are trouble when it crashes', async () => {
    const whole = nodes();
    const [a, b, c] = await whole.form('abc');
    await whole.network.kill(c, ['a', 'b']);
    await whole.run(10);
    for (const node of [a, b]) expect(failed(node)).toContain('pekko://sys@c:2550');
  });
});

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

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('broken');
      },
    ],
  ] as const)(
    'of which the callback %s at the first and at later events is logged and kept',
    async (_how, fail) => {
      const whole = nodes();
      const a = await whole.start('a');
      let told = 0;
      a.cluster.subscribe(memberEvents, () => {
        told++;
        return fail();
      });
      a.cluster.onMemberUp(fail);
      await whole.run(5);
      expect(membersOf(a)).toBe('a:Up');
      const failures = a.log.lines
        .filter(({ level }) => level === 'error')
        .map((line) => line.message);
      expect(told).toBeGreaterThan(1);
      expect(failures).toHaveLength(told + 1);
      expect(failures[0]).toMatch('A subscriber to cluster events failed');
      expect(failures).toContain('A callback on a cluster event failed');
    },
  );

  it('is refused without somebody to tell', async () => {
    const a = await nodes().start('a');
    const nobody: never = 5 as never;
    expect(() => a.cluster.subscribe(memberEvents, nobody)).toThrow(
      expect.objectContaining({ code: 'CLUSTER_SUBSCRIPTION_INVALID' }),
    );
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

describe('addresses', () => {
  it.each([undefined, null, 5, {}, '', 'a b'])('are refused that are none: %j', async (address) => {
    const a = await nodes().start('a');
    const none = address as never;
    for (const call of ['join', 'leave', 'down'] as const) {
      if (call === 'leave' && address === undefined) continue;
      expect(() => a.cluster[call](none)).toThrow(
        expect.objectContaining({ code: 'ADDRESS_INVALID' }),
      );
    }
    expect(() => a.cluster.joinSeedNodes([none])).toThrow(
      expect.objectContaining({ code: 'ADDRESS_INVALID' }),
    );
  });
});

describe('waiting to be Up', () => {
  it('fails when the node ends before, but not when a signal ends it', async () => {
    const whole = nodes({ cluster: { seedNodes: ['z:2550'] } });
    const [a, b] = [await whole.start('a'), await whole.start('b')];
    const outcomes: string[] = [];
    for (const { name, cluster } of [a, b]) {
      cluster.whenUp.then(
        () => outcomes.push(`${name} is Up`),
        (error) => outcomes.push(`${name} ${error.code}`),
      );
    }
    a.system.terminate().catch(() => undefined);
    b.system.coordinatedShutdown.run(shutdownReasons.processSignal).catch(() => undefined);
    await whole.until(() => a.system.isTerminated && b.system.isTerminated, 30);
    expect(outcomes).toEqual(['a CLUSTER_ENDED']);
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

  /** Both sides of a split want the lease; those of `a` and `b` fail as given. */
  async function afterSplit(a: Lease, b: Lease) {
    const whole = nodes();
    const options = (lease: Lease) =>
      ({
        splitBrain: {
          strategy: 'lease-majority',
          lease,
          stableAfter: '3s',
          acquireLeaseDelayForMinority: '1s',
          releaseLeaseAfter: '5s',
        },
      }) as const;
    const one = await whole.start('a', options(a));
    const other = await whole.start('b', options(b));
    await whole.until(() => membersOf(other) === 'a:Up b:Up', 20);
    whole.cut('a', 'b');
    await whole.run(60);
    return [one, other].filter(({ cluster }) => !cluster.isTerminated).map(({ name }) => name);
  }

  const throwsAtOnce = (): never => {
    throw new Error('no store');
  };
  const never = (): Promise<boolean> => new Promise<boolean>(() => undefined);

  it('that never answers counts as not held, so that no split is left for good', async () => {
    const lease = new MemoryLease();
    const hanging: Lease = { acquire: never, release: never };
    expect(await afterSplit(hanging, lease.for('b'))).toEqual(['b']);
  });

  it('that comes too late is given back', async () => {
    const released: string[] = [];
    let grant: ((held: boolean) => void) | undefined;
    const late: Lease = {
      acquire: () =>
        new Promise<boolean>((resolve) => {
          grant = resolve;
        }),
      release: async () => released.push('a') > 0,
    };
    expect(await afterSplit(late, new MemoryLease().for('b'))).toEqual(['b']);
    grant?.(true);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(released).toEqual(['a']);
  });

  it('whose methods throw at once harms nobody but the side that needs it', async () => {
    const lease = new MemoryLease();
    const throwing: Lease = { acquire: throwsAtOnce, release: throwsAtOnce };
    expect(await afterSplit(throwing, lease.for('b'))).toEqual(['b']);
    const keeper: Lease = { acquire: async () => true, release: throwsAtOnce };
    expect(await afterSplit(keeper, { acquire: async () => false, release: never })).toEqual(['a']);
  });
});
