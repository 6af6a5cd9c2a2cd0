// New processes at old addresses: Pekko's multi-JVM specs retold.

import { describe, expect, it } from 'vitest';
import { randomFloat, seededRandom } from '../../src/runtime/index.ts';
import { Scenario } from './scenario.ts';

describe('a process that restarts at its address', () => {
  it('takes the place of the old one long before that is downed', () => {
    const s = new Scenario('abc', 2);
    s.start('abc');
    s.awaitUp('abc', 'abc');
    const old = s.process('b').node.key;
    s.crash('b');
    s.cluster.start(s.host('b'));
    s.awaitUp('abc', 'abc', 20);
    expect(s.process('b').node.key).not.toBe(old);
  });

  it('is let in when it is the first seed and only one other member is left', () => {
    const s = new Scenario('ab', 2);
    s.start('ab');
    s.awaitUp('ab', 'ab');
    s.crash('a');
    s.cluster.start(s.host('a'));
    s.awaitUp('ab', 'ab', 30);
  });

  it('is let in although another seed does not exist', () => {
    const s = new Scenario('abcd', 4);
    s.start('abc');
    s.awaitUp('abc', 'abc');
    s.crash('a');
    s.cluster.start(s.host('a'));
    s.awaitUp('abc', 'abc', 20);
  });

  it('is let in again after it was cut off and downed', () => {
    const s = new Scenario('abcd', 0, { splitBrain: 'off' });
    s.clusterUp('abcd');
    s.cut('d', 'abc');
    s.until(() => s.unreachable('d') === 'abc' && s.unreachable('a') === 'd', 30);
    s.down('d', 'b');
    s.awaitUp('abc', 'abc', 15);
    s.mend('d', 'abc');
    s.crash('d');
    s.cluster.start(s.host('d'));
    s.join('d', 'b');
    s.awaitUp('abcd', 'abcd', 30);
  });

  it('is let in although the old one never became Up', () => {
    const s = new Scenario('abc', 1, { splitBrain: 'off', allowWeaklyUp: 'off' });
    s.start('ac');
    s.awaitUp('ac', 'ac');
    s.cut('a', 'c');
    s.until(() => s.unreachable('a') === 'c', 15);
    s.start('b');
    s.until(() => s.status('b', 'a') === 'Joining', 10);
    s.crash('b');
    s.cluster.start(s.host('b'));
    s.mend('a', 'c');
    s.awaitUp('abc', 'abc', 40);
  });

  it('may do so again and again, at any time', () => {
    const random = seededRandom(5);
    const s = new Scenario('abcd', 3);
    s.start('abc');
    s.awaitUp('abc', 'abc');
    for (let round = 0; round < 5; round++) {
      s.cluster.start(s.host('d'));
      s.awaitUp('abcd', 'abcd', 20);
      s.run(randomFloat(random) * 14);
      expect(s.unreachable('a')).toBe('');
      s.crash('d');
    }
  });

  it('leaves no trace in the clock of the gossip when it is gone', () => {
    const s = new Scenario('abcdef', 3);
    s.start('abc');
    s.awaitUp('abc', 'abc');
    for (let round = 0; round < 5; round++) {
      for (const name of 'def') s.cluster.start(s.host(name));
      s.awaitUp('abcdef', 'abcdef', 30);
      for (const name of 'def') {
        if (round % 2 === 0) s.leave(name);
        else s.down(name, name);
      }
      s.awaitUp('abc', 'abc', 40);
      expect(s.process('a').state.gossip.version.size).toBeLessThanOrEqual(3);
    }
  });

  it('does not come back as the incarnation that was removed', () => {
    const s = new Scenario('abc', 0, { splitBrain: { stableAfter: '5s' } });
    s.clusterUp('ab');
    s.start('c');
    s.cut('a', 'c', { oneWay: true });
    s.cut('b', 'c', { oneWay: true });
    s.join('c', 'a');
    s.until(() => s.status('c', 'a') === 'Joining', 5);
    s.until(() => s.members('a') === 'a:Up b:Up', 60);
    s.mend('ab', 'c');
    s.run(20);
    expect(s.members('a')).toBe('a:Up b:Up');
  });
});
