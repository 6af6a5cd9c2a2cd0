// Members that cannot reach each other: Pekko's multi-JVM specs of detection, weakly up, and split brain retold.

import { describe, expect, it } from 'vitest';
import { Scenario } from './scenario.ts';

describe('a crashed member', () => {
  it('is found by its silence and hinders convergence, so that a joining one waits', () => {
    const s = new Scenario('abcd', 0, { splitBrain: 'off', allowWeaklyUp: 'off' });
    s.clusterUp('abc');
    s.crash('c');
    s.until(() => s.unreachable('a') === 'c' && s.unreachable('b') === 'c', 10);
    s.start('d');
    s.join('d', 'a');
    s.until(() => ['a', 'b', 'd'].every((name) => s.seen(name) === 'abd'), 15);
    s.run(15);
    expect(s.members('b')).toBe('a:Up b:Up c:Up d:Joining');
  });

  it('lets others take part as WeaklyUp meanwhile, and as Up when it is back', () => {
    const s = new Scenario('abcde', 0, { splitBrain: 'off' });
    s.clusterUp('acd');
    s.start('be');
    s.cut('ab', 'cde');
    s.until(() => s.unreachable('a') === 'cd' && s.unreachable('c') === 'a', 15);
    s.join('b', 'a');
    s.join('e', 'd');
    s.until(() => s.status('b', 'a') === 'WeaklyUp' && s.status('e', 'c') === 'WeaklyUp', 30);
    s.mend('ab', 'cde');
    s.awaitUp('abcde', 'abcde', 60);
  });

  it('that never answered a heartbeat is found all the same', () => {
    const s = new Scenario('ab', 0, { splitBrain: 'off' });
    s.clusterUp('a');
    s.start('b');
    s.join('b', 'a');
    s.until(() => s.status('b', 'b') === 'Joining', 5);
    s.cut('a', 'b');
    s.until(() => s.unreachable('b') === 'a' && s.unreachable('a') === 'b', 15);
  });
});

describe('a partition that heals', () => {
  it('between two members is seen by all, and over for all', () => {
    const s = new Scenario('abcde', 0, { splitBrain: 'off' });
    s.clusterUp('abcde');
    s.cut('a', 'b');
    s.until(() => s.unreachable('a') === 'b' && s.unreachable('b') === 'a', 15);
    s.until(() => [...'cde'].every((name) => s.unreachable(name) === 'ab'), 15);
    s.mend('a', 'b');
    s.awaitUp('abcde', 'abcde', 30);
  });

  it('may have let both sides grow', () => {
    const s = new Scenario('abcdefg', 0, { splitBrain: 'off' });
    s.clusterUp('abcde');
    s.start('fg');
    s.cut('afg', 'bcde');
    s.until(() => s.unreachable('a') === 'bcde', 15);
    s.join('f', 'a');
    s.join('g', 'a');
    s.run(15);
    expect(s.members('b')).toBe('a:Up b:Up c:Up d:Up e:Up');
    s.mend('afg', 'bcde');
    s.awaitUp('abcdefg', 'abcdefg', 60);
  });

  it('in one direction only is seen, and over', () => {
    const s = new Scenario('abc', 0, { splitBrain: 'off' });
    s.clusterUp('abc');
    s.cut('a', 'b', { oneWay: true });
    s.until(() => s.unreachable('c') === 'ab', 15);
    s.mend('a', 'b');
    s.awaitUp('abc', 'abc', 30);
  });
});

describe('keep-majority', () => {
  const splitBrain = { stableAfter: '6s' as const };

  it('keeps the larger side and ends the smaller', () => {
    const s = new Scenario('abcde', 0, { splitBrain });
    s.clusterUp('abcde');
    s.cut('ab', 'cde');
    s.awaitUp('cde', 'cde', 40);
    s.until(() => s.isEnded('a') && s.isEnded('b'), 20);
  });

  it('keeps the side of the lowest address where both are equal', () => {
    const s = new Scenario('abcd', 0, { splitBrain });
    s.clusterUp('abcd');
    s.cut('ab', 'cd');
    s.awaitUp('ab', 'ab', 40);
    s.until(() => s.isEnded('c') && s.isEnded('d'), 20);
  });

  it('keeps the one that two others reach who do not reach each other', () => {
    const s = new Scenario('abc', 0, { splitBrain });
    s.clusterUp('abc');
    s.cut('b', 'c');
    s.until(() => s.unreachable('c') === 'b' && s.unreachable('a') === 'bc', 10);
    s.awaitUp('a', 'a', 20);
    expect([s.isEnded('b'), s.isEnded('c')]).toEqual([true, true]);
  });

  it('downs indirectly connected members and the smaller side together', () => {
    const s = new Scenario('abcde', 0, { splitBrain });
    s.clusterUp('abcde');
    s.cut('abc', 'de');
    s.cut('b', 'c');
    s.until(() => s.unreachable('a') === 'bcde' && s.unreachable('d') === 'abc', 10);
    s.until(() => [...'bcde'].every((name) => s.isEnded(name)), 30);
    s.awaitUp('a', 'a', 20);
  });

  it('gives up everything when reachability does not settle', () => {
    const s = new Scenario('abcde', 0, {
      splitBrain: { stableAfter: '10s', downAllWhenUnstable: '7s' },
    });
    s.clusterUp('abcde');
    s.cut('abc', 'de');
    s.until(() => s.unreachable('a') === 'de' && s.unreachable('d') === 'abc', 10);
    s.run(2);
    expect(s.cluster.running().length).toBe(5);
    s.cut('b', 'c');
    s.run(7);
    s.mend('b', 'c');
    s.until(() => s.cluster.running().length === 0, 20);
  });

  it('does not let a member that was away too long come back', () => {
    const s = new Scenario('abc', 0, { splitBrain });
    s.clusterUp('abc');
    s.cluster.pause(s.host('c'));
    s.awaitUp('ab', 'ab', 30);
    s.cluster.resume(s.host('c'));
    s.until(() => s.isEnded('c'), 10);
    expect(s.members('a')).toBe('a:Up b:Up');
  });
});

describe('downing by hand on both sides of a partition', () => {
  it('makes two clusters, which leave each other alone when it heals', () => {
    const s = new Scenario('abcd', 0, { splitBrain: { stableAfter: '5m' } });
    s.clusterUp('abcd');
    s.cut('ab', 'cd');
    s.until(() => s.unreachable('a') === 'cd' && s.unreachable('c') === 'ab', 15);
    for (const name of 'cd') s.down(name, 'a');
    for (const name of 'ab') s.down(name, 'c');
    s.awaitUp('ab', 'ab', 20);
    s.awaitUp('cd', 'cd', 20);
    s.mend('ab', 'cd');
    s.run(20);
    expect(s.cluster.running().length).toBe(4);
    expect([s.members('a'), s.members('c')]).toEqual(['a:Up b:Up', 'c:Up d:Up']);
  });

  it('ends a member that a member of its own view has quarantined', () => {
    const s = new Scenario('abc', 0, {
      splitBrain: { stableAfter: '15s', downAllWhenUnstable: 'off' },
    });
    s.clusterUp('abc');
    s.cut('b', 'ac');
    s.until(() => s.unreachable('a') === 'b', 15);
    s.down('b', 'a');
    s.until(() => s.members('a') === 'a:Up c:Up' && s.unreachable('b') === 'ac', 10);
    s.mend('b', 'ac');
    s.until(() => s.isEnded('b'), 10);
  });
});
