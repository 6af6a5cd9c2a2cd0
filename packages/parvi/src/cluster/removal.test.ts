import { describe, expect, it } from 'vitest';
import { emptyRegistry, heartbeatFrom } from '../remote/index.ts';
import { seededRandom } from '../runtime/index.ts';
import { downing, downingOf, markTerminated } from './downing.ts';
import { type Gossip, withVersionOf } from './gossip.ts';
import { step } from './membership.ts';
import { type MembershipState, newMembership } from './membership-state.ts';
import { clusterSettings } from './options.ts';
import { reapUnreachable } from './reaper.ts';
import { gossipOf, hostsOf, nodeAt, statusesOf } from './sample-values.ts';
import { type Effect, Turn } from './turn.ts';

const settings = clusterSettings();
const turnAt = (ms: number): Turn =>
  new Turn({ nowMs: ms, wallMs: ms, random: seededRandom(1) }, nodeAt('a'));

/** Node a, which heard of b and c at second 0. */
function nodeA(gossip: Gossip): MembershipState {
  let detectors = emptyRegistry;
  for (const host of 'bc') {
    const { addressKey } = nodeAt(host);
    detectors = heartbeatFrom(detectors, addressKey, 0, settings.heartbeat.detector);
  }
  return { ...newMembership(nodeAt('a'), settings), phase: { name: 'member' }, gossip, detectors };
}

const unreachable = (state: MembershipState): string =>
  hostsOf(state.gossip.reachability.unreachableOrTerminated);

describe('the reaper', () => {
  const gossip = withVersionOf(gossipOf('a:Up b:Up c:Up d:Up', { seen: 'a b c d' }), nodeAt('a'));

  it('leaves members alone that were heard of lately or are not monitored', () => {
    const state = nodeA(gossip);
    expect(reapUnreachable(state, turnAt(4000))).toBe(state);
  });

  it('marks silent members unreachable in a new version that only this node has seen', () => {
    const next = reapUnreachable(nodeA(gossip), turnAt(60_000));
    expect(unreachable(next)).toBe('b c');
    expect(hostsOf(next.gossip.seen)).toBe('a');
    expect([...next.gossip.version.values()]).toEqual([2]);
  });

  it('marks them reachable again when they are heard of', () => {
    const lost = reapUnreachable(nodeA(gossip), turnAt(60_000));
    const { addressKey } = nodeAt('b');
    const detectors = heartbeatFrom(
      lost.detectors,
      addressKey,
      61_000,
      settings.heartbeat.detector,
    );
    expect(unreachable(reapUnreachable({ ...lost, detectors }, turnAt(61_500)))).toBe('c');
  });

  it('never takes back Terminated', () => {
    const ended = markTerminated(nodeA(gossip), nodeAt('d').key, turnAt(0));
    expect(unreachable(ended)).toBe('d');
    expect(unreachable(reapUnreachable(ended, turnAt(1000)))).toBe('d');
    expect(markTerminated(ended, nodeAt('d').key, turnAt(0))).toBe(ended);
    expect(markTerminated(ended, nodeAt('x').key, turnAt(0))).toBe(ended);
  });

  it('has nothing to do in a cluster of one', () => {
    const alone = nodeA(gossipOf('a:Up'));
    expect(reapUnreachable(alone, turnAt(60_000))).toBe(alone);
  });
});

describe('downing', () => {
  const gossip = gossipOf('a:Up b:Up c:Up', { seen: 'a b c' });

  it('tells the downed member at once, and counts as a change made here', () => {
    const turn = turnAt(0);
    const next = downing(nodeA(gossip), nodeAt('b').address, turn);
    expect(statusesOf(next.gossip)).toBe('a:Up b:Down c:Up');
    expect(hostsOf(next.gossip.seen)).toBe('a');
    const told = turn.effects.flatMap((e) =>
      e.type === 'send' ? [e.to.host, e.message.type] : [],
    );
    expect(told).toEqual(['b', 'GossipEnvelope']);
  });

  it('does not write to a member that cannot be reached', () => {
    const turn = turnAt(0);
    downing(nodeA(gossipOf('a:Up b:Up', { rows: 'a>b' })), nodeAt('b').address, turn);
    expect(turn.effects.some((effect) => effect.type === 'send')).toBe(false);
  });

  it('does nothing twice, and nothing to strangers', () => {
    const once = downing(nodeA(gossip), nodeAt('b').address, turnAt(0));
    expect(downing(once, nodeAt('b').address, turnAt(1))).toBe(once);
    expect(downing(once, nodeAt('x').address, turnAt(1))).toBe(once);
  });
});

describe('downing of a whole side', () => {
  const moment = { nowMs: 0, wallMs: 0, random: seededRandom(1) };
  const sendsOf = (effects: readonly Effect[]) =>
    effects.flatMap((effect) =>
      effect.type === 'send' && effect.message.type === 'GossipEnvelope'
        ? [{ host: effect.to.host, message: effect.message }]
        : [],
    );
  const side = gossipOf('a:Up b:Up c:Up', { seen: 'a b', rows: 'a>c b>c' });
  const turn = turnAt(0);
  const a = downingOf(nodeA(side), [nodeAt('b').address, nodeAt('a').address], turn);
  const told = sendsOf(turn.effects);

  it('tells nobody before all are marked', () => {
    expect(told.map(({ host }) => host)).toContain('b');
    const statuses = told.map(({ message }) => statusesOf(message.gossip));
    expect(new Set(statuses)).toEqual(new Set(['a:Down b:Down c:Up']));
  });

  it('lets both of two end at their next look, neither waits for the other until it is unreachable', () => {
    const [first] = told;
    const b = { ...nodeA(side), self: nodeAt('b') };
    const sender = { address: nodeAt('a').address };
    if (first === undefined) throw new Error('b was told nothing');
    const heard = { type: 'message', message: first.message, sender, to: 'daemon' } as const;
    const ended = step(b, heard, moment);
    expect(ended.state.phase.name).toBe('stopped');
    const [last] = sendsOf(ended.effects);
    if (last === undefined) throw new Error('b has ended without a word');
    const answer = { ...heard, message: last.message, sender: { address: nodeAt('b').address } };
    const informed = step(a, answer, moment).state;
    expect(step(informed, { type: 'leaderTick' }, moment).state.phase.name).toBe('stopped');
  });
});

describe('a leader that is leaving', () => {
  it('removes who has gone, but never itself, though others lost sight of it', () => {
    const gossip = gossipOf('a:Exiting b:Exiting c:Exiting', {
      seen: 'a b c',
      rows: 'b>a c>a c>b',
    });
    const state = { ...nodeA(gossip), phase: { name: 'member' } as const };
    const moment = { nowMs: 0, wallMs: 0, random: seededRandom(1) };
    const { gossip: next } = step(state, { type: 'leaderTick' }, moment).state;
    expect(statusesOf(next)).toBe('a:Exiting c:Exiting');
  });
});

describe('a member that was removed', () => {
  const removeBy = (from: string) => {
    const state = nodeA(gossipOf(`a:Up b:${from}`, { seen: 'a', rows: 'a>b' }));
    const moment = { nowMs: 60_000, wallMs: 0, random: seededRandom(1) };
    return step(step(state, { type: 'reaperTick' }, moment).state, { type: 'leaderTick' }, moment);
  };
  const kinds = (effects: readonly { readonly type: string }[]): string[] =>
    effects
      .map((effect) => effect.type)
      .filter((type) => /quarantine|addressTerminated/.test(type));

  it('after Down is banned at once, and those who watch it are told', () => {
    const { state, effects } = removeBy('Down');
    expect(statusesOf(state.gossip)).toBe('a:Up');
    expect(kinds(effects)).toEqual(['quarantine', 'addressTerminated']);
    expect(effects.find((effect) => effect.type === 'quarantine')).toMatchObject({
      harmless: false,
    });
  });

  it('after a graceful leave is banned a little later and without being told', () => {
    const { state, effects } = removeBy('Exiting');
    expect(kinds(effects)).toEqual(['addressTerminated']);
    const later = effects.find(
      (effect) => effect.type === 'schedule' && effect.input.type === 'delayedQuarantine',
    );
    expect(later).toMatchObject({ afterMs: 5000 });
    const moment = { nowMs: 65_000, wallMs: 0, random: seededRandom(1) };
    const banned = step(state, { type: 'delayedQuarantine', node: nodeAt('b') }, moment);
    expect(banned.effects).toMatchObject([{ type: 'quarantine', harmless: true }]);
    expect(
      step(banned.state, { type: 'delayedQuarantine', node: nodeAt('b') }, moment).effects,
    ).toEqual([]);
  });

  it('is banned at once when a new process joins at its address', () => {
    const { state } = removeBy('Exiting');
    const join = {
      type: 'message',
      message: { type: 'Join', node: nodeAt('b', 99n), roles: [], appVersion: '0.0.0' },
      sender: { address: nodeAt('b').address },
      to: 'daemon',
    } as const;
    const joined = step(state, join, { nowMs: 60_100, wallMs: 0, random: seededRandom(1) });
    expect(joined.effects).toContainEqual(
      expect.objectContaining({ type: 'quarantine', harmless: true }),
    );
    expect(statusesOf(joined.state.gossip)).toBe('a:Up b:Joining');
  });

  it('is not let in again', () => {
    const { state } = removeBy('Down');
    const join = {
      type: 'message',
      message: { type: 'Join', node: nodeAt('b'), roles: [], appVersion: '0.0.0' },
      sender: { address: nodeAt('b').address },
      to: 'daemon',
    } as const;
    const refused = step(state, join, { nowMs: 60_100, wallMs: 0, random: seededRandom(1) });
    expect(statusesOf(refused.state.gossip)).toBe('a:Up');
    expect(kinds(refused.effects)).toEqual(['quarantine']);
  });
});
