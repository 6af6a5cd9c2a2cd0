import { describe, expect, it } from 'vitest';
import {
  emptyGossip,
  type Gossip,
  gossipViolation,
  markDown,
  memberAt,
  mergeGossip,
  pruneTombstones,
  removeNodes,
  seenDigest,
  updateMembers,
  withSeen,
  withSeenOfBoth,
  withVersionOf,
} from './gossip.ts';
import { withUp } from './member.ts';
import { clockKey, clusterNode } from './node.ts';
import { gossipOf, hostsOf, memberWith, nodeAt, statusesOf } from './sample-values.ts';

const changedBy = (gossip: Gossip, hosts: string): Gossip =>
  hosts.split(' ').reduce((each, host) => withVersionOf(each, nodeAt(host)), gossip);

describe('gossip', () => {
  it('keeps its members in the order of addresses', () => {
    expect(statusesOf(gossipOf('c:Up a:Up b:Joining'))).toBe('a:Up b:Joining c:Up');
  });

  it('replaces a member in its place', () => {
    const gossip = gossipOf('a:Joining b:Up');
    const next = updateMembers(gossip, [withUp(memberWith('a', 'Joining'), 2)]);
    expect(statusesOf(next)).toBe('a:Up b:Up');
  });

  it('marks a member Down and takes it out of those who have seen it', () => {
    const gossip = gossipOf('a:Up b:Up', { seen: 'a b' });
    const member = memberAt(gossip, nodeAt('b').addressKey);
    const next = markDown(gossip, member ?? memberWith('b', 'Up'));
    expect(statusesOf(next)).toBe('a:Up b:Down');
    expect(hostsOf(next.seen)).toBe('a');
  });

  it('removes a node from everything and leaves a tombstone', () => {
    const gossip = changedBy(
      gossipOf('a:Up b:Up c:Up', { seen: 'a b', rows: 'a>b b>c c>a' }),
      'a b',
    );
    const next = removeNodes(gossip, [nodeAt('b')], 1234);
    expect(statusesOf(next)).toBe('a:Up c:Up');
    expect(hostsOf(next.seen)).toBe('a');
    expect(next.reachability.rows.map((row) => hostsOf([row.observer, row.subject]))).toEqual([
      'a c',
    ]);
    expect([...next.version.keys()]).toEqual([clockKey(nodeAt('a'))]);
    expect(next.tombstones.get(nodeAt('b').key)?.removedAtMs).toBe(1234);
  });

  it('forgets tombstones that are old enough', () => {
    const gossip = removeNodes(gossipOf('a:Up b:Up'), [nodeAt('b')], 352684800);
    expect(pruneTombstones(gossip, 352684799).tombstones.size).toBe(1);
    expect(pruneTombstones(gossip, 352684800).tombstones.size).toBe(0);
  });

  it('has the seen digest that Pekko computes', () => {
    const at = (port: number, uid: bigint) =>
      clusterNode({ protocol: 'pekko', system: 'sys', host: '127.0.0.1', port }, uid);
    const a = { ...memberWith('a', 'Up'), node: at(25520, -2n) };
    const b = { ...memberWith('b', 'Up'), node: at(25521, 1234605616436508552n) };
    const gossip = gossipOf([b, a]);
    expect(seenDigest(emptyGossip)).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709');
    expect(seenDigest(withSeen(gossip, a.node.key))).toBe(
      'fbe47b73a3ee5f195f57ae71c06291876b1fbcbc',
    );
    expect(seenDigest(withSeen(withSeen(gossip, b.node.key), a.node.key))).toBe(
      '5543885c777bc9231cbcbfbc23153b130f718d4d',
    );
  });

  it('is seen by whoever has seen it on either side when both are the same version', () => {
    const both = withSeenOfBoth(
      gossipOf('a:Up b:Up', { seen: 'a' }),
      gossipOf('a:Up b:Up', { seen: 'b' }),
    );
    expect(hostsOf(both.seen)).toBe('a b');
  });
});

describe('the merge of concurrent gossip', () => {
  const both = (one: Gossip, other: Gossip): Gossip[] => [
    mergeGossip(one, other),
    mergeGossip(other, one),
  ];

  it('takes the higher status of each member', () => {
    const one = gossipOf('a:Up c:Leaving e:Joining');
    const other = gossipOf('a:Joining c:Up e:Up');
    for (const merged of both(one, other)) {
      expect(statusesOf(merged)).toBe('a:Up c:Leaving e:Up');
    }
  });

  it('clears who has seen it completely', () => {
    const one = gossipOf('a:Up b:Up c:Up d:Up', { seen: 'a b' });
    const other = gossipOf('a:Up b:Up c:Up', { seen: 'a c' });
    for (const merged of both(one, other)) expect(merged.seen.size).toBe(0);
  });

  it('unites what is unreachable', () => {
    const members = 'a:Up b:Up c:Up d:Up';
    const one = gossipOf(members, { rows: 'b>a b>c' });
    const other = gossipOf(members, { rows: 'a>d' });
    for (const merged of both(one, other)) {
      expect(hostsOf(merged.reachability.unreachableOrTerminated)).toBe('a c d');
    }
  });

  it('removes a member that is Exiting on one side and gone on the other, with all that is known of it', () => {
    const one = changedBy(gossipOf('a:Up b:Exiting', { rows: 'a>b' }), 'a b');
    const other = changedBy(gossipOf('a:Up'), 'a a');
    for (const merged of both(one, other)) {
      expect(statusesOf(merged)).toBe('a:Up');
      expect(merged.reachability.rows).toEqual([]);
      expect([...merged.version]).toEqual([[clockKey(nodeAt('a')), 2]]);
    }
  });

  it('does not bring back a member with a tombstone', () => {
    const one = removeNodes(changedBy(gossipOf('a:Up c:Up d:Up'), 'a d'), [nodeAt('d')], 5);
    const other = changedBy(gossipOf('a:Up c:Up d:Up', { rows: 'd>a' }), 'c d');
    for (const merged of both(one, other)) {
      expect(statusesOf(merged)).toBe('a:Up c:Up');
      expect(merged.tombstones.has(nodeAt('d').key)).toBe(true);
      expect(merged.version.has(clockKey(nodeAt('d')))).toBe(false);
      expect(merged.reachability.versions.size).toBe(0);
    }
  });

  it('keeps only the new incarnation of an address whose old one has a tombstone', () => {
    const old = memberWith('d', 'Up', { uid: 1n });
    const rejoined = memberWith('d', 'Up', { uid: 2n });
    const one = removeNodes(gossipOf([memberWith('a', 'Up'), old, rejoined]), [old.node], 5);
    const other = gossipOf([memberWith('a', 'Up'), old]);
    for (const merged of both(one, other)) {
      expect([...merged.members.keys()]).toEqual([nodeAt('a').key, rejoined.node.key]);
      expect([...merged.tombstones.keys()]).toEqual([old.node.key]);
    }
  });

  it('contains neither of two members that the two sides removed', () => {
    const base = changedBy(gossipOf('a:Up b:Up c:Up d:Up'), 'a b c d');
    const one = removeNodes(base, [nodeAt('c')], 1);
    const other = removeNodes(base, [nodeAt('d')], 1);
    for (const merged of both(one, other)) {
      expect(statusesOf(merged)).toBe('a:Up b:Up');
      expect(merged.version.size).toBe(2);
    }
  });
});

describe('a gossip that cannot be', () => {
  it.each([
    [gossipOf([memberWith('a', 'Removed')]), 'is a member with status Removed'],
    [gossipOf('a:Up', { seen: 'a b' }), 'has seen the gossip and is not a member'],
    [gossipOf('a:Up', { rows: 'b>a' }), 'observes and is not a member'],
    [gossipOf('a:Up', { rows: 'a>b' }), 'is observed and is not a member'],
    [changedBy(gossipOf('a:Up'), 'a b'), 'the clock has 2 entries for 1 members'],
  ])('is told from others: %#', (gossip, sentence) => {
    expect(gossipViolation(gossip)).toContain(sentence);
  });

  it('is not one that is well formed', () => {
    const gossip = changedBy(gossipOf('a:Up b:Down', { seen: 'a', rows: 'a>b' }), 'a b');
    expect(gossipViolation(gossip)).toBeUndefined();
  });
});
