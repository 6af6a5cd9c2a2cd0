import { describe, expect, it } from 'vitest';
import {
  isConverged,
  leaderOf,
  oldestAmong,
  roleLeader,
  targetsOfExiting,
  type Viewpoint,
  youngestUpNumber,
} from './convergence.ts';
import { emptyGossip } from './gossip.ts';
import { gossipOf, hostsOf, memberWith, nodeAt } from './sample-values.ts';

const from = (host: string, dataCenter = 'default'): Viewpoint => ({
  self: nodeAt(host).key,
  dataCenter,
});
const keys = (hosts: string): Set<string> => new Set(hosts.split(' ').map((h) => nodeAt(h).key));

describe('convergence', () => {
  it('is reached by an empty gossip and by one member that has seen it', () => {
    expect(isConverged(emptyGossip, from('a'))).toBe(true);
    expect(isConverged(gossipOf('a:Up', { seen: 'a' }), from('a'))).toBe(true);
  });

  it('is not reached until all have seen the version', () => {
    expect(isConverged(gossipOf('a:Up b:Up', { seen: 'a' }), from('a'))).toBe(false);
    expect(isConverged(gossipOf('a:Up b:Up', { seen: 'a b' }), from('a'))).toBe(true);
  });

  it('does not wait for members that are joining, exiting or down', () => {
    const gossip = gossipOf('a:Up d:Down e:Joining f:WeaklyUp g:Exiting', { seen: 'a' });
    expect(isConverged(gossip, from('a'))).toBe(true);
  });

  it.each(['Leaving', 'PreparingForShutdown', 'ReadyForShutdown'])(
    'waits for a member that is %s',
    (status) => {
      expect(isConverged(gossipOf(`a:Up c:${status}`, { seen: 'a' }), from('a'))).toBe(false);
    },
  );

  it('does not wait for a member that has confirmed its exit, not even when it is unreachable', () => {
    const gossip = gossipOf('a:Up b:Up c:Leaving', { seen: 'a b', rows: 'b>c' });
    expect(isConverged(gossip, from('a'))).toBe(false);
    expect(isConverged(gossip, from('a'), keys('c'))).toBe(true);
  });

  it('is hindered by an unreachable member, but not in the view of that member itself', () => {
    const gossip = gossipOf('a:Up b:Up', { seen: 'a b', rows: 'b>a' });
    expect(isConverged(gossip, from('b'))).toBe(false);
    expect(isConverged(gossip, from('a'))).toBe(true);
  });

  it('does not listen to observers that are down', () => {
    const gossip = gossipOf('a:Up b:Up e:Down', { seen: 'a b', rows: 'e>a' });
    expect(isConverged(gossip, from('b'))).toBe(true);
  });

  it('is not hindered by an unreachable member that is Down or Exiting', () => {
    expect(isConverged(gossipOf('a:Up d:Down', { seen: 'a', rows: 'a>d' }), from('a'))).toBe(true);
    expect(isConverged(gossipOf('a:Up d:Exiting', { seen: 'a', rows: 'a>d' }), from('a'))).toBe(
      true,
    );
    expect(isConverged(gossipOf('a:Up d:Joining', { seen: 'a', rows: 'a>d' }), from('a'))).toBe(
      false,
    );
  });
});

describe('convergence with several data centers', () => {
  const inDc = (host: string, status: 'Up' | 'Joining', dc: string) =>
    memberWith(host, status, { roles: [`dc-${dc}`] });
  const four = [
    inDc('a', 'Up', 'dc1'),
    inDc('b', 'Up', 'dc1'),
    inDc('c', 'Up', 'dc2'),
    inDc('d', 'Up', 'dc2'),
  ];

  it('is a matter of the own one', () => {
    const gossip = gossipOf(four, { seen: 'a b c' });
    expect(isConverged(gossip, from('a', 'dc1'))).toBe(true);
    expect(isConverged(gossip, from('c', 'dc2'))).toBe(false);
  });

  it('is hindered by what the own one cannot reach at home only', () => {
    const home = gossipOf(four, { seen: 'a b c d', rows: 'c>d' });
    expect(isConverged(home, from('a', 'dc1'))).toBe(true);
    expect(isConverged(home, from('c', 'dc2'))).toBe(false);
    const across = gossipOf(four, { seen: 'a b c d', rows: 'a>d d>a' });
    expect(isConverged(across, from('b', 'dc1'))).toBe(true);
    expect(isConverged(across, from('c', 'dc2'))).toBe(true);
  });

  it('needs everybody when the first member of a data center joins', () => {
    const joining = [inDc('a', 'Up', 'dc1'), inDc('b', 'Up', 'dc1'), inDc('e', 'Joining', 'dc2')];
    expect(isConverged(gossipOf(joining, { seen: 'a e' }), from('a', 'dc1'))).toBe(false);
    expect(isConverged(gossipOf(joining, { seen: 'a e' }), from('e', 'dc2'))).toBe(false);
    expect(isConverged(gossipOf(joining, { seen: 'a b e' }), from('e', 'dc2'))).toBe(true);
    const two = [...joining, inDc('f', 'Joining', 'dc2')];
    expect(isConverged(gossipOf(two, { seen: 'a b f' }), from('f', 'dc2'))).toBe(false);
  });
});

describe('the leader', () => {
  const leader = (members: string, rows = '', host = 'z'): string | undefined =>
    leaderOf(gossipOf(members, { rows }), from(host))?.node.address.host;

  it.each([
    ['c:Up e:Up', 'c'],
    ['c:Exiting e:Up', 'e'],
    ['c:Exiting', 'c'],
    ['c:Joining e:Leaving', 'e'],
    ['c:Down e:Joining', 'e'],
    ['a:Exiting b:Joining c:WeaklyUp', 'c'],
    ['a:Exiting b:Joining', 'b'],
    ['c:Down e:Down', undefined],
  ])('among "%s" is %s', (members, host) => {
    expect(leader(members)).toBe(host);
  });

  it('is reachable, except that a member always reaches itself', () => {
    expect(leader('c:Up e:Up', 'e>c', 'e')).toBe('e');
    expect(leader('c:Up e:Up', 'e>c', 'c')).toBe('c');
  });

  it('of a role is among those who have it', () => {
    const gossip = gossipOf([
      memberWith('a', 'Exiting', { roles: ['AA', 'AB'] }),
      memberWith('b', 'Up', { roles: ['AB', 'BB'] }),
      memberWith('d', 'Leaving', { roles: ['DD', 'DE'] }),
      memberWith('e', 'Joining', { roles: ['EE', 'DE'] }),
    ]);
    const of = (role: string) => roleLeader(gossip, from('b'), role)?.node.address.host;
    expect(['AA', 'AB', 'BB', 'DD', 'DE', 'EE', 'dc-default', 'none'].map(of)).toEqual([
      'a',
      'b',
      'b',
      'd',
      'd',
      'e',
      'b',
      undefined,
    ]);
  });

  it('is one per data center', () => {
    const gossip = gossipOf([
      memberWith('a', 'Up', { roles: ['dc-dc1'] }),
      memberWith('c', 'Up', { roles: ['dc-dc2'] }),
      memberWith('d', 'Up', { roles: ['dc-dc2'] }),
    ]);
    expect(leaderOf(gossip, from('d', 'dc2'))?.node.address.host).toBe('c');
  });
});

describe('age', () => {
  it('is counted from the highest up number given so far', () => {
    const up = (host: string, upNumber: number) => memberWith(host, 'Up', { upNumber });
    const joining = memberWith('a', 'Joining');
    expect(youngestUpNumber(gossipOf([joining]), 'default')).toBe(0);
    expect(youngestUpNumber(gossipOf([joining, up('b', 3), up('e', 4)]), 'default')).toBe(4);
  });

  it('orders by up number and not by address', () => {
    const members = [
      memberWith('a', 'Up', { upNumber: 5 }),
      memberWith('b', 'Up', { upNumber: 4 }),
      memberWith('c', 'Up', { upNumber: 1 }),
      memberWith('d', 'Up', { upNumber: 2 }),
    ];
    expect(oldestAmong(members, 2).map((member) => member.node.address.host)).toEqual(['c', 'd']);
  });
});

describe('news of exiting members', () => {
  const up = (host: string, upNumber: number, roles: string[] = []) =>
    memberWith(host, 'Up', { upNumber, roles });

  it('go to the two oldest', () => {
    const members = [up('a', 1), up('b', 2), up('c', 3), up('d', 4)];
    const gossip = gossipOf(members);
    expect(hostsOf(targetsOfExiting(gossip, from('a'), members.slice(0, 1)))).toBe('a b');
    expect(hostsOf(targetsOfExiting(gossip, from('a'), []))).toBe('');
  });

  it('go to the two oldest of each role of theirs too', () => {
    const members = [
      up('a', 1),
      up('b', 2),
      up('c', 3),
      up('d', 4),
      up('e', 5, ['role1', 'role2']),
      up('f', 6, ['role1', 'role3']),
      up('g', 7, ['role1']),
      up('h', 8),
      up('i', 9, ['role3']),
    ];
    const gossip = gossipOf(members);
    expect(hostsOf(targetsOfExiting(gossip, from('a'), [...members.slice(4, 6)]))).toBe(
      'a b e f i',
    );
  });
});
