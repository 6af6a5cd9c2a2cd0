// Several data centers: what is carried faithfully. Each has its own leader and its own order of age, and no one waits
// for the convergence of another. Heartbeats between data centers are not sent, so that a lost one is not noticed.

import { describe, expect, it } from 'vitest';
import { Scenario, type ScenarioOptions } from './scenario.ts';

/** The first two or three letters live in one data center, the others in another. */
function centers(names: string, firstOfOther: string, options: ScenarioOptions = {}): Scenario {
  return new Scenario(names, 0, {
    ...options,
    optionsOf: (name) => ({ dataCenter: name < firstOfOther ? 'one' : 'two' }),
  });
}

/** All members Up, in the order of addresses, as each of them sees it. */
function awaitAllUp(s: Scenario, names: string): void {
  const expected = [...names].map((name) => `${name}:Up`).join(' ');
  s.until(() => [...names].every((name) => s.members(name) === expected), 40);
}

function upNumbers(s: Scenario, at: string): Record<string, number> {
  const { members } = s.process(at).state.gossip;
  return Object.fromEntries([...members.values()].map((m) => [m.node.address.host, m.upNumber]));
}

function joinOneByOne(s: Scenario, names: string): void {
  s.start(names);
  const [first = '', ...others] = names;
  s.join(first, first);
  s.until(() => s.members(first) === `${first}:Up`, 10);
  for (const name of others) {
    s.join(name, first);
    s.until(() => s.status(name, name) === 'Up', 40);
  }
  awaitAllUp(s, names);
}

describe('a cluster of several data centers', () => {
  it('shows the data center of each member in its roles', () => {
    const s = centers('abc', 'c');
    joinOneByOne(s, 'abc');
    const roles = [...s.process('a').state.gossip.members.values()].map((m) => m.roles.join(' '));
    expect(roles).toEqual(['dc-one', 'dc-one', 'dc-two']);
  });

  it('has a leader in each, one of its own', () => {
    const s = centers('abcde', 'c');
    joinOneByOne(s, 'abcde');
    expect([...'abcde'].map((name) => s.leader(name))).toEqual(['a', 'a', 'c', 'c', 'c']);
  });

  it('numbers the members of each by their own age', () => {
    const s = centers('abcde', 'd');
    s.start('abcde');
    s.join('a', 'a');
    s.until(() => s.members('a') === 'a:Up', 10);
    for (const name of 'bc') s.join(name, 'a');
    awaitAllUp(s, 'abc');
    s.join('e', 'b');
    s.until(() => s.status('e', 'e') === 'Up', 30);
    s.join('d', 'c');
    awaitAllUp(s, 'abcde');
    expect(upNumbers(s, 'a')).toMatchObject({ e: 1, d: 2 });
    expect(upNumbers(s, 'd')).toMatchObject({ e: 1, d: 2 });
  });

  it('agrees on the age of two that join a new one at the same time', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const s = centers('abcde', 'd', { seed });
      s.start('abcde');
      s.join('a', 'a');
      s.until(() => s.members('a') === 'a:Up', 10);
      for (const name of 'bc') s.join(name, 'a');
      awaitAllUp(s, 'abc');
      s.join('d', 'b');
      s.join('e', 'c');
      awaitAllUp(s, 'abcde');
      const [one, other] = [upNumbers(s, 'd'), upNumbers(s, 'e')];
      expect(one).toEqual(other);
      expect([one.d, one.e].sort()).toEqual([1, 2]);
    }
  });

  it('lets the last member of one leave', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const s = centers('abc', 'c', { seed, exitWorkMs: 0 });
      joinOneByOne(s, 'abc');
      s.leave('c');
      s.until(() => s.isEnded('c'), 20);
      awaitAllUp(s, 'ab');
    }
  });

  it('lets the last member of one be downed', () => {
    const s = centers('abc', 'c');
    joinOneByOne(s, 'abc');
    s.down('c', 'a');
    s.until(() => s.isEnded('c'), 20);
    awaitAllUp(s, 'ab');
  });

  it('takes in members of one while another has a broken link inside', () => {
    const s = centers('abcde', 'c', { splitBrain: 'off' });
    joinOneByOne(s, 'abcd');
    s.cut('a', 'b');
    s.until(() => s.unreachable('a') === 'b', 15);
    s.start('e');
    s.join('e', 'c');
    s.until(() => s.status('e', 'c') === 'Up', 30);
    s.leave('d');
    s.until(() => s.isEnded('d'), 30);
    s.until(() => s.status('d', 'c') === 'Removed', 10);
  });

  it('counts only its own members when it resolves a partition', () => {
    const s = centers('abcde', 'd', { splitBrain: { stableAfter: '6s' } });
    joinOneByOne(s, 'abcde');
    s.cut('a', 'bcde');
    s.until(() => s.isEnded('a'), 60);
    s.until(() => s.members('d') === 'b:Up c:Up d:Up e:Up', 30);
    expect([...'bcde'].map((name) => s.isEnded(name))).toEqual([false, false, false, false]);
  });
});
