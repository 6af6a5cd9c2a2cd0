import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../runtime/index.ts';
import type { ClusterEvent } from '../events.ts';
import type { Member } from '../member.ts';
import { clusterSettings, type SplitBrainOptions } from '../options.ts';
import { memberWith, nodeAt, reachabilityOf } from '../sample-values.ts';
import { Turn } from '../turn.ts';
import {
  dueDecision,
  newResolver,
  type ResolverState,
  resolverAfter,
  resolverTicked,
} from './resolver.ts';

const turnAt = (seconds: number): Turn =>
  new Turn({ nowMs: seconds * 1000, wallMs: 0, random: seededRandom(1) }, nodeAt('a'));

function follow(
  resolver: ResolverState,
  seconds: number,
  ...events: ClusterEvent[]
): ResolverState {
  return resolverAfter(resolver, events, turnAt(seconds));
}

const up = (host: string): ClusterEvent => ({ type: 'MemberUp', member: memberWith(host, 'Up') });
const lost = (host: string, member: Member = memberWith(host, 'Up')): ClusterEvent => ({
  type: 'UnreachableMember',
  member,
});
const found = (host: string): ClusterEvent => ({
  type: 'ReachableMember',
  member: memberWith(host, 'Up'),
});
const leads = (host: string): ClusterEvent => ({ type: 'LeaderChanged', leader: nodeAt(host) });
const rows = (text: string): ClusterEvent => ({
  type: 'ReachabilityChanged',
  reachability: reachabilityOf(text),
});

/** The resolver of a in a cluster of a, b, c, d and e, a leading. */
function resolver(options: SplitBrainOptions = {}): ResolverState {
  const settings = clusterSettings({ splitBrain: { stableAfter: '2s', ...options } });
  const fresh = newResolver(nodeAt('a'), settings);
  if (fresh === undefined) throw new Error('the resolver is on');
  return follow(fresh, 0, up('a'), up('b'), up('c'), up('d'), up('e'), leads('a'));
}

const decisionAt = (state: ResolverState, seconds: number): string | undefined =>
  dueDecision(state, seconds * 1000)?.name;

describe('the split-brain resolver', () => {
  it('decides when things have been stable for long enough, not before', () => {
    const split = follow(resolver(), 10, lost('d'), lost('e'), rows('a>d a>e'));
    expect(decisionAt(split, 11)).toBeUndefined();
    expect(decisionAt(split, 12)).toBe('DownUnreachable');
  });

  it('decides nothing while all are reachable', () => {
    expect(decisionAt(resolver(), 100)).toBeUndefined();
  });

  it('starts to wait again when another member becomes unreachable', () => {
    const split = follow(resolver(), 10, lost('e'), rows('a>e'));
    const more = follow(split, 11.5, lost('d'), rows('a>d a>e'));
    expect(decisionAt(more, 12.5)).toBeUndefined();
    expect(decisionAt(more, 13.5)).toBe('DownUnreachable');
  });

  it('starts to wait again when a member becomes Up, but not when one joins', () => {
    const split = follow(resolver(), 10, lost('e'), rows('a>e'));
    const joined = follow(split, 11, { type: 'MemberJoined', member: memberWith('f', 'Joining') });
    expect(decisionAt(joined, 12)).toBe('DownUnreachable');
    expect(decisionAt(follow(joined, 11, up('f')), 12)).toBeUndefined();
  });

  it('leaves the decision to the leader', () => {
    const split = follow(resolver(), 10, lost('e'), rows('a>e'));
    const follower = follow(split, 11, leads('b'));
    expect(decisionAt(follower, 13)).toBeUndefined();
    expect(decisionAt(follow(follower, 13, leads('a')), 13)).toBe('DownUnreachable');
  });

  it('does not decide before its own member is Up or WeaklyUp', () => {
    const settings = clusterSettings({ splitBrain: { stableAfter: '2s' } });
    const fresh = newResolver(nodeAt('a'), settings);
    if (fresh === undefined) throw new Error('the resolver is on');
    const joining: ClusterEvent = { type: 'MemberJoined', member: memberWith('a', 'Joining') };
    const split = follow(fresh, 0, joining, up('b'), leads('a'), lost('b'), rows('a>b'));
    expect(decisionAt(split, 5)).toBeUndefined();
    const weakly = follow(split, 1, {
      type: 'MemberWeaklyUp',
      member: memberWith('a', 'WeaklyUp'),
    });
    expect(decisionAt(weakly, 5)).toBe('DownReachable');
  });

  it('treats a downed member as unreachable', () => {
    const downed = follow(resolver(), 10, {
      type: 'MemberDowned',
      member: memberWith('e', 'Down'),
    });
    expect(decisionAt(downed, 12)).toBe('DownUnreachable');
  });

  it('has nothing to decide when members are reachable again or removed', () => {
    const split = follow(resolver(), 10, lost('d'), lost('e'), rows('a>d a>e'));
    const healed = follow(
      split,
      11,
      found('d'),
      { type: 'MemberRemoved', member: memberWith('e', 'Removed'), previousStatus: 'Down' },
      rows(''),
    );
    expect(decisionAt(healed, 20)).toBeUndefined();
  });

  it('does not look at members of other data centers', () => {
    const far = memberWith('f', 'Up', { roles: ['dc-far'] });
    const split = follow(resolver(), 10, { type: 'MemberUp', member: far }, lost('f', far));
    expect(decisionAt(split, 20)).toBeUndefined();
  });
});

describe('unrest that does not end', () => {
  const flapping = (state: ResolverState, times: readonly number[]): ResolverState =>
    times.reduce(
      (each, seconds, index) => follow(each, seconds, index % 2 === 0 ? lost('e') : found('e')),
      follow(state, 0, lost('d'), rows('a>d')),
    );

  it('downs all, whoever leads, when it has lasted too long', () => {
    const state = follow(resolver({ downAllWhenUnstable: '1s' }), 0, leads('b'));
    const restless = flapping(state, [1, 2, 3]);
    expect(decisionAt(restless, 2.9)).toBeUndefined();
    expect(decisionAt(restless, 3.1)).toBe('DownAll');
  });

  it('is counted from the first change', () => {
    const restless = flapping(resolver({ downAllWhenUnstable: '500ms' }), [1.2, 1.8]);
    expect(decisionAt(restless, 1.9)).toBeUndefined();
    expect(decisionAt(restless, 2.8)).toBe('DownAll');
  });

  it('is forgotten when all is reachable in between', () => {
    const state = resolver({ downAllWhenUnstable: '1s' });
    const calm = follow(follow(state, 0, lost('d')), 1, found('d'));
    expect(decisionAt(follow(calm, 3, lost('d'), rows('a>d')), 3.5)).toBeUndefined();
  });

  it('is not kept alive by members that only joined', () => {
    const joining = memberWith('f', 'Joining');
    const state = follow(
      resolver({ downAllWhenUnstable: '1s' }),
      0,
      lost('f', joining),
      rows('a>f'),
    );
    expect(decisionAt(state, 10)).toBe('DownUnreachable');
  });

  it('downs nobody when that is switched off', () => {
    const restless = flapping(resolver({ downAllWhenUnstable: 'off' }), [1, 2, 3, 4, 5]);
    expect(decisionAt(restless, 6)).toBeUndefined();
  });

  it('is by default three quarters of the stable time, at least four seconds', () => {
    expect(clusterSettings().splitBrain?.downAllWhenUnstableMs).toBe(15_000);
    const short = clusterSettings({ splitBrain: { stableAfter: '2s' } });
    expect(short.splitBrain?.downAllWhenUnstableMs).toBe(4000);
  });
});

describe('a node that did not run for a while', () => {
  const ticked = (state: ResolverState, ...seconds: number[]): ResolverState =>
    seconds.reduce((each, at) => resolverTicked(each, turnAt(at)), state);

  it('takes the whole stable time to look anew before it decides', () => {
    const split = ticked(follow(resolver(), 10, lost('e'), rows('a>e')), 10, 11);
    expect(decisionAt(ticked(split, 12), 12)).toBe('DownUnreachable');
    const woken = ticked(split, 300);
    expect(decisionAt(woken, 300)).toBeUndefined();
    expect(decisionAt(ticked(woken, 301), 301.9)).toBeUndefined();
    expect(decisionAt(ticked(woken, 301, 302), 302)).toBe('DownUnreachable');
  });

  it('does not count as unrest the time in which it did not look', () => {
    const options: SplitBrainOptions = { downAllWhenUnstable: '1s' };
    const split = ticked(follow(resolver(options), 10, lost('e'), rows('a>e')), 10, 11);
    const woken = ticked(follow(split, 300, lost('d'), rows('a>d a>e')), 300);
    expect(decisionAt(woken, 300.5)).toBeUndefined();
    expect(decisionAt(woken, 303.1)).toBe('DownAll');
  });

  it('takes a tick that is a little late as it comes', () => {
    const split = ticked(follow(resolver(), 10, lost('e'), rows('a>e')), 10);
    expect(decisionAt(ticked(split, 12), 12)).toBe('DownUnreachable');
  });
});
