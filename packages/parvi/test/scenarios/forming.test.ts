// Forming a cluster and joining it: Pekko's multi-JVM specs retold (NodeMembership, NodeUp, JoinSeedNode, ...).

import { describe, expect, it } from 'vitest';
import { clusterNode } from '../../src/cluster/index.ts';
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
      const s = new Scenario('cba', 3, { seed });
      s.start('c');
      s.start('ba');
      s.awaitUp('abc', 'abc');
      expect(['a', 'b', 'c'].map((name) => s.byAge(name).charAt(0))).toEqual(['c', 'c', 'c']);
      for (const name of 'abc') expect(s.events(name, 'MemberUp')).toHaveLength(3);
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

  it('does not even make members WeaklyUp before there are enough', () => {
    const s = new Scenario('abc', 0, { membersMin: 4, allowWeaklyUp: '3s', splitBrain: 'off' });
    s.start('abc');
    for (const name of 'abc') s.join(name, 'a');
    s.until(() => s.members('a') === 'a:Joining b:Joining c:Joining', 5);
    s.crash('c');
    s.until(() => s.unreachable('a') === 'c', 15);
    s.run(10);
    expect(s.members('a')).toBe('a:Joining b:Joining c:Joining');
  });

  it('is told to all members in the same words', () => {
    const s = new Scenario('abc', 0);
    s.clusterUp('ab');
    expect(s.events('a', 'MemberUp')).toEqual(['MemberUp a', 'MemberUp b']);
    expect([...s.events('b', 'MemberUp')].sort()).toEqual(['MemberUp a', 'MemberUp b']);
    s.start('c');
    s.join('c', 'a');
    s.awaitUp('abc', 'abc');
    for (const name of 'abc') {
      expect([...s.events(name, 'MemberUp')].sort()).toEqual([
        'MemberUp a',
        'MemberUp b',
        'MemberUp c',
      ]);
    }
  });

  it('carries roles and version of each member to all', () => {
    const s = new Scenario('abc', 1, {
      optionsOf: (name) => ({ roles: [`role-${name}`], appVersion: `1.${name.charCodeAt(0)}.0` }),
    });
    s.start('abc');
    s.awaitUp('abc', 'abc');
    for (const name of 'abc') {
      const told = [...s.process(name).state.gossip.members.values()].map(
        (member) => `${member.roles.join(' ')} ${member.appVersion}`,
      );
      expect(told).toEqual([
        'role-a dc-default 1.97.0',
        'role-b dc-default 1.98.0',
        'role-c dc-default 1.99.0',
      ]);
    }
  });

  it('has the heart of the joining member heard before any gossip', () => {
    const s = new Scenario('ab', 0, {
      gossipInterval: '300s',
      failureDetector: { threshold: 4, acceptableHeartbeatPause: '1s' },
    });
    s.start('ab');
    s.join('a', 'a');
    s.run(1);
    s.join('b', 'a');
    s.until(() => s.status('b', 'a') !== 'Removed', 2);
    for (let i = 0; i < 25; i++) {
      s.run(0.2);
      expect(s.unreachable('a')).toBe('');
    }
    expect(s.process('a').state.detectors.size).toBe(1);
  });

  it('of a second member, its crash, and the leave of the first all find a cluster that goes on', () => {
    const s = new Scenario('ab', 2, { failureDetector: { threshold: 4 }, splitBrain: 'off' });
    s.autoDown(0);
    s.start('a');
    s.until(() => s.members('a') === 'a:Up', 10);
    s.start('b');
    s.awaitUp('ab', 'ab');
    s.crash('b');
    s.awaitUp('a', 'a', 30);
    s.leave('a');
    s.until(() => s.isEnded('a'), 5);
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
    // It asks one member every five seconds, and the dead contact may be among the first two.
    s.until(() => s.status('d', 'a') !== 'Removed', 15);
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

describe('admission', () => {
  it('is refused to a node whose actor system has another name', () => {
    const s = new Scenario('ab', 0);
    s.clusterUp('a');
    s.start('b');
    const { address } = s.process('b').node;
    s.cluster.command(s.host('b'), { type: 'joinTo', address: { ...address, system: 'other' } });
    s.run(5);
    expect([s.members('a'), s.members('b')]).toEqual(['a:Up', '']);
  });

  it('is refused by an address of a protocol that is not accepted, and granted when it is', () => {
    for (const [acceptProtocols, members] of [
      [['pekko'], 'a:Up'],
      [['pekko', 'akka'], 'a:Up b:Up'],
    ] as const) {
      const s = new Scenario('ab', 0, { acceptProtocols });
      s.clusterUp('a');
      const { address } = s.process('a').node;
      const akka = { ...address, protocol: 'akka', host: 'b' };
      s.cluster.command(s.host('a'), {
        type: 'message',
        message: { type: 'Join', node: clusterNode(akka, 5n), roles: [], appVersion: '0.0.0' },
        sender: s.stranger(akka),
        to: 'daemon',
      });
      expect(s.members('a').replace('Joining', 'Up')).toBe(members);
    }
  });

  it('is not granted by a member that is on its way out', () => {
    const s = new Scenario('abc', 0);
    s.clusterUp('ab');
    s.start('c');
    s.leave('b');
    while (s.status('b') !== 'Exiting') s.run(0.005);
    s.join('c', 'b');
    s.run(0.02);
    expect([s.isEnded('b'), s.status('b')]).toEqual([false, 'Exiting']);
    s.until(() => s.isEnded('b'), 10);
    s.run(5);
    expect([s.members('a'), s.members('c')]).toEqual(['a:Up', '']);
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

  it('that are no members say so, and the first forms the cluster without waiting longer', () => {
    const s = new Scenario('abc', 3);
    s.start('bc');
    s.run(1.5);
    s.start('a');
    s.until(() => s.members('a') === 'a:Up', 1);
    s.awaitUp('abc', 'abc', 15);
  });

  it('that are not the first never form a cluster, however long they wait', () => {
    const s = new Scenario('abc', 3);
    s.start('bc');
    s.run(120);
    expect([s.members('b'), s.members('c')]).toEqual(['', '']);
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
