import { describe, expect, it } from 'vitest';
import {
  compareMembers,
  furtherAlong,
  isOlder,
  type MemberStatus,
  mayMove,
  withDataCenterRole,
  withStatus,
  withUp,
} from './member.ts';
import { clockKey, clusterNode, compareNodes } from './node.ts';
import { memberWith, nodeAt } from './sample-values.ts';

describe('a member status', () => {
  it.each<[MemberStatus, readonly MemberStatus[]]>([
    ['Joining', ['WeaklyUp', 'Up', 'Leaving', 'Down', 'Removed']],
    ['WeaklyUp', ['Up', 'Leaving', 'Down', 'Removed']],
    ['Up', ['Leaving', 'Down', 'Removed', 'PreparingForShutdown']],
    ['Leaving', ['Exiting', 'Down', 'Removed']],
    ['Exiting', ['Removed', 'Down']],
    ['Down', ['Removed']],
    ['PreparingForShutdown', ['ReadyForShutdown', 'Removed', 'Leaving', 'Down']],
    ['ReadyForShutdown', ['Removed', 'Leaving', 'Down']],
    ['Removed', []],
  ])('moves from %s only to %s', (from, allowed) => {
    const all: MemberStatus[] = [
      'Joining',
      'WeaklyUp',
      'Up',
      'Leaving',
      'Exiting',
      'Down',
      'Removed',
      'PreparingForShutdown',
      'ReadyForShutdown',
    ];
    const reached = all.filter((to) => to !== from && mayMove(from, to));
    expect(reached.sort()).toEqual([...allowed].sort());
  });

  it('refuses to go backwards', () => {
    expect(() => withStatus(memberWith('a', 'Down'), 'Up')).toThrow(
      'does not move from Down to Up',
    );
  });

  it('gets its place in the order of age when it becomes Up', () => {
    expect(withUp(memberWith('a', 'Joining'), 3)).toMatchObject({ status: 'Up', upNumber: 3 });
  });

  it('wins over a lower one in a merge', () => {
    const order: MemberStatus[] = [
      'Joining',
      'WeaklyUp',
      'Up',
      'PreparingForShutdown',
      'Leaving',
      'Exiting',
      'Down',
      'ReadyForShutdown',
    ];
    order.forEach((low, index) => {
      for (const high of order.slice(index + 1)) {
        const [a, b] = [memberWith('a', low), memberWith('a', high)];
        expect(furtherAlong(a, b).status).toBe(high);
        expect(furtherAlong(b, a).status).toBe(high);
      }
    });
  });

  it('goes to the older of two equal ones in a merge', () => {
    const older = memberWith('a', 'Up', { upNumber: 1 });
    const younger = memberWith('a', 'Up', { upNumber: 2 });
    expect(furtherAlong(younger, older)).toBe(older);
    expect(furtherAlong(older, younger)).toBe(older);
  });
});

describe('the order of members', () => {
  const at = (host: string, port: number, uid = 1n) =>
    clusterNode({ protocol: 'pekko', system: 'sys', host, port }, uid);

  it('compares hosts as text, then ports as numbers, then signed uids', () => {
    const nodes = [
      at('10.0.0.9', 2552),
      at('10.0.0.10', 10_000),
      at('10.0.0.10', 9000, 1n),
      at('10.0.0.10', 9000, -3n),
    ];
    const sorted = [...nodes].sort(compareNodes);
    expect(sorted.map((node) => `${node.address.host}:${node.address.port}#${node.uid}`)).toEqual([
      '10.0.0.10:9000#-3',
      '10.0.0.10:9000#1',
      '10.0.0.10:10000#1',
      '10.0.0.9:2552#1',
    ]);
  });

  it('does not look at status', () => {
    expect(compareMembers(memberWith('a', 'Up'), memberWith('a', 'Down'))).toBe(0);
  });

  it('takes the smaller up number, then the lower address, as older', () => {
    const c = memberWith('c', 'Up', { upNumber: 1 });
    const a = memberWith('a', 'Up', { upNumber: 2 });
    const b = memberWith('b', 'Up', { upNumber: 2 });
    expect([b, a, c].sort((x, y) => (isOlder(x, y) ? -1 : 1))).toEqual([c, a, b]);
  });
});

describe('a node', () => {
  it('has the key in vector clocks that Pekko computes', () => {
    const a = clusterNode(
      { protocol: 'pekko', system: 'sys', host: '127.0.0.1', port: 25520 },
      -2n,
    );
    const b = clusterNode(
      { protocol: 'pekko', system: 'sys', host: '127.0.0.1', port: 25521 },
      1234605616436508552n,
    );
    expect(clockKey(a)).toBe('f43a279257bd5a3c5083c97b18cbf6ba');
    expect(clockKey(b)).toBe('4e8642dba20df8cc3465a294aedd73b6');
    expect(a.ringHash).toBe(1);
    expect(b.ringHash).toBe(1145324748);
  });

  it('has a key that tells incarnations apart', () => {
    expect(nodeAt('a', 1n).key).not.toBe(nodeAt('a', 2n).key);
    expect(nodeAt('a', 1n).addressKey).toBe(nodeAt('a', 2n).addressKey);
  });
});

describe('roles', () => {
  it('contain the default data center when none is given', () => {
    expect(withDataCenterRole(['ctrl'])).toEqual(['ctrl', 'dc-default']);
    expect(withDataCenterRole(['dc-west'])).toEqual(['dc-west']);
  });
});
