// The life of a cluster with all timers off, one gossip exchange after the other: what each member knows, and who has
// seen it, at every point (Pekko `TransitionSpec`).

import { describe, expect, it } from 'vitest';
import { byHand, Scenario } from './scenario.ts';

/** What each of them knows and who has seen it: `'a:Up b:Joining seen ab'`. */
function views(s: Scenario, names: string): string[] {
  return [...names].map((name) => `${s.members(name)} seen ${s.seen(name)}`);
}

function pairUp(): Scenario {
  const s = new Scenario('abc', 0, byHand);
  s.start('abc');
  s.join('a', 'a');
  s.join('b', 'a');
  s.run(0.1);
  s.tick('a', 'leaderTick');
  s.run(0.1);
  return s;
}

/** c has joined by way of b, and a has made it Up. All have the same view, seen by all. */
function threeUp(): Scenario {
  const s = pairUp();
  s.join('c', 'b');
  s.run(0.1);
  s.gossip('b', 'a');
  s.gossip('a', 'c');
  s.gossip('c', 'b');
  s.tick('a', 'leaderTick');
  s.run(0.1);
  s.gossip('a', 'b');
  s.gossip('b', 'c');
  s.gossip('c', 'a');
  return s;
}

describe('a cluster without timers', () => {
  it('begins with one member that is Up at once', () => {
    const s = new Scenario('abc', 0, byHand);
    s.start('a');
    s.join('a', 'a');
    expect(views(s, 'a')).toEqual(['a:Up seen a']);
  });

  it('has a joining member seen by both sides after the exchange that belongs to the join', () => {
    const s = new Scenario('abc', 0, byHand);
    s.start('ab');
    s.join('a', 'a');
    s.join('b', 'a');
    s.run(0.1);
    expect(views(s, 'ab')).toEqual(['a:Up b:Joining seen ab', 'a:Up b:Joining seen ab']);
  });

  it('makes it Up with the next action of the leader, and tells it at once', () => {
    const s = pairUp();
    expect(views(s, 'ab')).toEqual(['a:Up b:Up seen ab', 'a:Up b:Up seen ab']);
  });

  it('spreads a join by way of another member step by step', () => {
    const s = pairUp();
    s.join('c', 'b');
    s.run(0.1);
    const joining = 'a:Up b:Up c:Joining';
    expect(views(s, 'abc')).toEqual([
      'a:Up b:Up seen ab',
      `${joining} seen bc`,
      `${joining} seen bc`,
    ]);
    s.gossip('b', 'a');
    expect(views(s, 'ab')).toEqual([`${joining} seen abc`, `${joining} seen abc`]);
    s.gossip('a', 'c');
    expect(views(s, 'c')).toEqual([`${joining} seen abc`]);
  });

  it('makes a member that joined elsewhere Up when the leader has heard that all have seen it', () => {
    const s = threeUp();
    const up = 'a:Up b:Up c:Up seen abc';
    expect(views(s, 'abc')).toEqual([up, up, up]);
  });

  it('does not count a view as seen by those who have not had it', () => {
    const s = threeUp();
    s.suspect('b', 'c');
    s.tick('c', 'reaperTick');
    expect(s.unreachable('c')).toBe('b');
    expect(s.seen('c')).toBe('c');
    s.gossip('c', 'a');
    expect([s.unreachable('a'), s.seen('a')]).toEqual(['b', 'ac']);
  });

  it('tells a downed member at once, which ends itself, and all know that it is Down', () => {
    const s = threeUp();
    s.suspect('b', 'c');
    s.tick('c', 'reaperTick');
    s.gossip('c', 'a');
    s.down('b', 'a');
    s.run(0.1);
    expect(s.status('b', 'a')).toBe('Down');
    s.tick('b', 'leaderTick');
    s.until(() => s.isEnded('b'), 5);
    s.gossip('a', 'c');
    expect([s.members('a'), s.members('c')]).toEqual(['a:Up b:Down c:Up', 'a:Up b:Down c:Up']);
    expect([s.unreachable('a'), s.unreachable('c')]).toEqual(['b', 'b']);
  });
});
