// The long life of a larger cluster: joins, leaves, crashes and a partition, one after the other (Pekko `StressSpec`).

import { describe, expect, it } from 'vitest';
import { Scenario } from './scenario.ts';

const all = 'abcdefghij';

describe('a cluster of ten', () => {
  it('grows, goes through everything, and shrinks to three, whole after every step', () => {
    const s = new Scenario(all, 3, { splitBrain: { stableAfter: '10s' } });
    s.start('abcd');
    s.awaitUp('abcd', 'abcd', 30);
    for (const joining of ['e', 'f', 'ghi', 'j']) {
      s.start(joining);
      const now = all.slice(0, all.indexOf(joining.at(-1) ?? '') + 1);
      s.awaitUp(now, now, 10 + 3 * now.length);
    }
    s.cut('ij', 'abcdefgh');
    s.until(() => s.isEnded('i') && s.isEnded('j'), 60);
    s.awaitUp('abcdefgh', 'abcdefgh', 60);
    s.mend('ij', 'abcdefgh');
    s.leave('h');
    s.awaitUp('abcdefg', 'abcdefg', 50);
    s.crash('a');
    s.awaitUp('bcdefg', 'bcdefg', 60);
    s.leave('g');
    s.leave('b');
    s.awaitUp('cdef', 'cdef', 60);
    s.crash('f');
    s.awaitUp('cde', 'cde', 60);
    expect(s.process('c').state.gossip.version.size).toBeLessThanOrEqual(3);
    expect(s.process('c').state.gossip.reachability.rows).toEqual([]);
  });

  it('replaces two of its members again and again, each time with new ones', () => {
    const s = new Scenario(all, 3, { splitBrain: { stableAfter: '10s' } });
    s.start(all);
    s.awaitUp(all, all, 60);
    const seen = new Set<string>();
    for (let round = 0; round < 5; round++) {
      for (const name of 'ij') {
        s.crash(name);
        s.cluster.start(s.host(name));
      }
      s.awaitUp(all, all, 60);
      const uids = [...'ij'].map((name) => s.process(name).node.key);
      for (const uid of uids) expect(seen.has(uid)).toBe(false);
      for (const uid of uids) seen.add(uid);
    }
  });

  it('exchanges nothing but equal versions when nothing happens', () => {
    const s = new Scenario(all, 3);
    s.start(all);
    s.awaitUp(all, all, 60);
    s.run(10);
    const versions = all.split('').map((name) => s.process(name).state.gossip);
    const sent = s.cluster.network.sent;
    s.run(10);
    for (const [index, name] of all.split('').entries()) {
      expect(s.process(name).state.gossip.version).toBe(versions[index]?.version);
    }
    const heartbeatsAndStatuses = 10 * 10 * (9 * 2 + 1);
    expect(s.cluster.network.sent - sent).toBeLessThanOrEqual(heartbeatsAndStatuses + 100);
  });
});
