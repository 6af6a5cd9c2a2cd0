// Leaving, being downed, and ending as a whole: Pekko's multi-JVM specs retold.

import { describe, expect, it } from 'vitest';
import { Scenario } from './scenario.ts';

describe('leaving', () => {
  it('ends the leaving node and removes it everywhere, without anybody calling it unreachable', () => {
    const s = new Scenario('abc', 0);
    s.clusterUp('abc');
    s.forgetEvents();
    s.leave('b', 'a');
    s.until(
      () => s.isEnded('b') && s.members('a') === 'a:Up c:Up' && s.members('c') === 'a:Up c:Up',
      10,
    );
    for (const name of 'ac') {
      expect(
        s.events(name, 'MemberLeft', 'MemberExited', 'MemberRemoved', 'UnreachableMember'),
      ).toEqual(['MemberLeft b', 'MemberExited b', 'MemberRemoved b']);
    }
    expect(s.events('b', 'MemberExited', 'MemberRemoved')[0]).toBe('MemberExited b');
  });

  it('shows the leaving node its own way out, the status before the removal included', () => {
    const s = new Scenario('abc', 0);
    s.clusterUp('abc');
    s.forgetEvents();
    s.leave('b', 'a');
    s.until(() => s.isEnded('b'), 15);
    const own = s
      .process('b')
      .events.flatMap((event) =>
        'member' in event && event.member.node.address.host === 'b'
          ? [event.type === 'MemberRemoved' ? `removed from ${event.previousStatus}` : event.type]
          : [],
      );
    expect(own).toEqual(['MemberLeft', 'MemberExited', 'removed from Exiting']);
  });

  it('of the leader hands leadership on', () => {
    const s = new Scenario('abc', 0);
    s.clusterUp('abc');
    s.forgetEvents();
    s.leave('a');
    s.awaitUp('bc', 'bc', 15);
    expect(s.isEnded('a')).toBe(true);
    for (const name of 'bc') {
      expect(s.events(name, 'MemberExited', 'MemberRemoved', 'UnreachableMember')).toEqual([
        'MemberExited a',
        'MemberRemoved a',
      ]);
    }
  });

  it('of all members at once leaves nothing behind', () => {
    const s = new Scenario('abc', 0);
    s.clusterUp('abc');
    for (const name of 'abc') s.leave(name);
    s.until(() => [...'abc'].every((name) => s.isEnded(name)), 30);
  });

  it('of the only member ends the cluster', () => {
    const s = new Scenario('a', 1);
    s.start('a');
    s.run(1);
    s.leave('a');
    s.until(() => s.isEnded('a'), 5);
  });

  it('works for a member that is still joining', () => {
    const s = new Scenario('ab', 0, { membersMin: 3 });
    s.start('ab');
    s.join('a', 'a');
    s.join('b', 'a');
    s.until(() => s.status('b', 'a') === 'Joining', 5);
    s.leave('b');
    s.until(() => s.isEnded('b') && s.members('a') === 'a:Joining', 15);
  });

  it('is finished without downing when the leaving node dies in the middle of it', () => {
    const s = new Scenario('abc', 0, { splitBrain: 'off' });
    s.clusterUp('abc');
    s.leave('c');
    s.until(() => s.status('c', 'a') === 'Exiting', 5);
    s.crash('c');
    s.awaitUp('ab', 'ab', 30);
  });
});

describe('downing', () => {
  it('ends a healthy member and removes it', () => {
    const s = new Scenario('abcd', 0);
    s.clusterUp('abcd');
    s.down('c', 'a');
    s.until(() => s.isEnded('c'), 5);
    s.awaitUp('abd', 'abd', 30);
  });

  it('removes a member that crashed', () => {
    const s = new Scenario('abcd', 0, { splitBrain: 'off' });
    s.clusterUp('abcd');
    s.crash('c');
    s.down('c', 'a');
    s.awaitUp('abd', 'abd', 30);
  });

  it('of several members at once lets each of them hear of it', () => {
    const s = new Scenario('abc', 0);
    s.clusterUp('abc');
    s.down('b', 'a');
    s.down('c', 'a');
    s.until(() => s.isEnded('b') && s.isEnded('c'), 10);
    s.awaitUp('a', 'a', 30);
  });

  it('leaves one after the other as leader when leaders crash', () => {
    const s = new Scenario('abcd', 0, { splitBrain: 'off' });
    s.clusterUp('abcd');
    for (const [gone, rest] of [
      ['a', 'bcd'],
      ['b', 'cd'],
    ] as const) {
      s.crash(gone);
      s.until(() => s.unreachable('d') === gone, 15);
      s.down(gone, 'd');
      s.awaitUp(rest, rest, 30);
    }
  });

  it('is done by the leader for any other member that crashed', () => {
    const s = new Scenario('abcd', 0, { splitBrain: 'off' });
    s.autoDown(2);
    s.clusterUp('abcd');
    s.crash('d');
    s.awaitUp('abc', 'abc', 30);
    s.crash('b');
    s.awaitUp('ac', 'ac', 30);
  });

  it('goes on as members crash one after the other until one is left', () => {
    const s = new Scenario('abcdef', 0, {
      failureDetector: { monitoredByMembers: 2 },
      splitBrain: { strategy: 'static-quorum', quorumSize: 1 },
      optionsOf: () => ({
        splitBrain: { strategy: 'keep-oldest', downIfAlone: false, stableAfter: '1s' },
      }),
    });
    s.clusterUp('abcdef');
    for (const [index, gone] of [...'fedcb'].entries()) {
      s.crash(gone);
      const rest = 'abcdef'.slice(0, 5 - index);
      s.awaitUp('a', rest, 40);
    }
  });
});

describe('a full cluster shutdown', () => {
  it('gets all members ready, admits nobody, and lets them leave', () => {
    const s = new Scenario('abcd', 0);
    s.clusterUp('abc');
    s.cluster.command(s.host('a'), { type: 'prepareForFullShutdown' });
    const ready = 'a:ReadyForShutdown b:ReadyForShutdown c:ReadyForShutdown';
    s.until(() => [...'abc'].every((name) => s.members(name) === ready), 15);
    s.start('d');
    s.join('d', 'a');
    s.run(3);
    expect(s.members('d')).toBe('');
    s.leave('a');
    s.until(() => s.isEnded('a') && s.members('b') === 'b:ReadyForShutdown c:ReadyForShutdown', 15);
    s.until(() => s.seen('b') === 'bc' && s.seen('c') === 'bc', 10);
    s.leave('b');
    s.until(() => s.isEnded('b') && s.members('c') === 'c:ReadyForShutdown', 15);
    s.leave('c');
    s.until(() => s.isEnded('c'), 15);
  });
});
