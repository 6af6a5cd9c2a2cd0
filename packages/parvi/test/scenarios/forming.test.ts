// Forming a cluster and joining it: Pekko's multi-JVM specs retold (NodeMembership, NodeUp, JoinSeedNode, ...).

import { describe, expect, it } from 'vitest';
import { Scenario } from './scenario.ts';

describe('joining', () => {
  it('makes each member see all others, in the order of addresses and of age', () => {
    const s = new Scenario('abc', 0);
    s.clusterUp('ab');
    s.start('c');
    s.join('c', 'a');
    s.awaitUp('abc', 'abc');
    expect(s.byAge('b')).toBe('abc');
  });

  it('waits while the contact is not a member of anything itself', () => {
    const s = new Scenario('ab', 0);
    s.start('ab');
    s.join('a', 'b');
    s.run(2);
    expect([s.members('a'), s.members('b')]).toEqual(['', '']);
    s.join('b', 'b');
    s.awaitUp('ab', 'ab');
  });

  it('again changes nothing', () => {
    const s = new Scenario('ab', 0);
    s.clusterUp('ab');
    s.forgetEvents();
    s.join('b', 'a');
    s.run(5);
    expect(s.events('a', 'MemberJoined', 'MemberUp', 'MemberDowned', 'MemberRemoved')).toEqual([]);
    expect(s.members('b')).toBe('a:Up b:Up');
  });

  it('by way of seed nodes works before the first seed is there', () => {
    const s = new Scenario('abcde', 3, {
      optionsOf: (name) => ({ appVersion: name < 'd' ? '1.0' : '2.0' }),
    });
    s.start('bc');
    s.run(3);
    expect(s.members('b')).toBe('');
    s.start('a');
    s.awaitUp('abc', 'abc');
    s.start('de');
    s.awaitUp('abcde', 'abcde');
    const versions = [...s.process('b').state.gossip.members.values()].map((m) => m.appVersion);
    expect(versions).toEqual(['1.0', '1.0', '1.0', '2.0', '2.0']);
  });

  it('makes the head of the seed list the oldest, whatever its address', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const s = new Scenario('abc', 3, { seed });
      s.start('a');
      s.start('bc');
      s.awaitUp('abc', 'abc');
      expect(['a', 'b', 'c'].map((name) => s.byAge(name).charAt(0))).toEqual(['a', 'a', 'a']);
    }
  });

  it('never merges two clusters', () => {
    const s = new Scenario('abcde', 0);
    s.clusterUp('ab');
    s.clusterUp('cd');
    s.clusterUp('e');
    s.join('c', 'a');
    s.join('d', 'e');
    s.join('e', 'b');
    s.run(5);
    expect(['a', 'b', 'c', 'd', 'e'].map((name) => s.members(name))).toEqual([
      'a:Up b:Up',
      'a:Up b:Up',
      'c:Up d:Up',
      'c:Up d:Up',
      'e:Up',
    ]);
  });

  it('keeps members waiting until there are enough, then makes all Up', () => {
    const s = new Scenario('abc', 0, { membersMin: 3 });
    s.start('abc');
    s.join('a', 'a');
    s.run(3);
    expect(s.members('a')).toBe('a:Joining');
    s.join('b', 'a');
    s.run(5);
    expect([s.members('a'), s.members('b')]).toEqual([
      'a:Joining b:Joining',
      'a:Joining b:Joining',
    ]);
    s.join('c', 'a');
    s.awaitUp('abc', 'abc');
  });

  it('keeps members waiting until a role has enough', () => {
    const s = new Scenario('abc', 0, {
      membersMinByRole: { backend: 2 },
      optionsOf: (name) => ({ roles: [name === 'a' ? 'frontend' : 'backend'] }),
    });
    s.start('abc');
    s.join('a', 'a');
    s.run(3);
    s.join('b', 'a');
    s.run(5);
    expect(s.members('a')).toBe('a:Joining b:Joining');
    s.join('c', 'a');
    s.awaitUp('abc', 'abc');
  });

  it('is retried until the first seed of a list is found, and given up when that is wanted', () => {
    const s = new Scenario('abc', 1, {
      shutdownAfterUnsuccessfulJoin: '5s',
      seedNodeTimeout: '2s',
    });
    s.start('bc');
    s.run(8);
    expect([s.isEnded('b'), s.isEnded('c')]).toEqual([true, true]);
  });

  it('is refused between different split-brain strategies', () => {
    const s = new Scenario('ab', 1, {
      optionsOf: (name) => (name === 'b' ? { splitBrain: { strategy: 'keep-oldest' } } : {}),
    });
    s.start('ab');
    s.run(8);
    expect(s.members('a')).toBe('a:Up');
    expect(s.isEnded('b')).toBe(true);
  });

  it('between different strategies is allowed to a node that does not insist', () => {
    const s = new Scenario('ab', 1, {
      optionsOf: (name) =>
        name === 'b' ? { splitBrain: { strategy: 'keep-oldest' }, enforceJoinConfig: false } : {},
    });
    s.start('ab');
    s.awaitUp('ab', 'ab');
  });

  it('leaves nobody behind whose contact died before it told anybody', () => {
    const s = new Scenario('abcd', 0);
    s.clusterUp('abc');
    s.start('d');
    s.cut('c', 'ab');
    s.join('d', 'c');
    s.until(() => s.status('d', 'd') === 'Joining', 5);
    s.crash('c');
    s.until(() => s.status('d', 'a') !== 'Removed', 10);
    s.awaitUp('abd', 'abd', 60);
  });

  it('finds a stable cluster quiet', () => {
    const s = new Scenario('abcde', 2, { failureDetector: { monitoredByMembers: 3 } });
    s.start('abcde');
    s.awaitUp('abcde', 'abcde');
    s.forgetEvents();
    s.run(60);
    const kinds = ['MemberJoined', 'MemberUp', 'MemberRemoved', 'UnreachableMember'] as const;
    for (const name of 'abcde') expect(s.events(name, ...kinds)).toEqual([]);
  });
});

describe('seed nodes', () => {
  it('form a cluster at once where there is only one', () => {
    const s = new Scenario('a', 1);
    s.start('a');
    s.run(0.1);
    expect(s.members('a')).toBe('a:Up');
  });

  it('do not form a second cluster while another is running', () => {
    const s = new Scenario('abc', 2);
    s.start('abc');
    s.awaitUp('abc', 'abc');
    s.crash('a');
    s.cluster.start(s.host('a'));
    s.awaitUp('abc', 'abc', 30);
  });

  it('wait for their timeout before the first forms a cluster without the others', () => {
    const s = new Scenario('ab', 2);
    s.start('a');
    s.run(4.5);
    expect(s.members('a')).toBe('');
    s.run(2);
    expect(s.members('a')).toBe('a:Up');
  });
});
