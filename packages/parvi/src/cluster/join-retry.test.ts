import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { askAnotherWhenUnheard, heardFrom } from './join-retry.ts';
import { type MembershipState, newMembership } from './membership-state.ts';
import { clusterSettings } from './options.ts';
import { gossipOf, nodeAt } from './sample-values.ts';
import { Turn } from './turn.ts';

const turnAt = (nowMs: number): Turn =>
  new Turn({ nowMs, wallMs: 0, random: seededRandom(1) }, nodeAt('a'));

/** Node a, welcomed at 0 and not heard of since. */
function welcomed(members: string): MembershipState {
  const fresh = newMembership(nodeAt('a'), clusterSettings());
  const phase = { name: 'member' } as const;
  return { ...fresh, phase, gossip: gossipOf(members), unheardSinceMs: 0 };
}

const askedAt = (state: MembershipState, nowMs: number): readonly string[] => {
  const turn = turnAt(nowMs);
  askAnotherWhenUnheard(state, turn);
  return turn.effects.flatMap((effect) =>
    effect.type === 'send' && effect.message.type === 'Join' ? [effect.to.host] : [],
  );
};

describe('a node that was welcomed', () => {
  it('asks a member that the cluster has admitted when none of those has gossiped to it', () => {
    const state = welcomed('a:Joining b:Joining c:Up');
    expect(askedAt(state, 4000)).toEqual([]);
    expect(askedAt(state, 6000)).toEqual(['c']);
    expect(askedAt(heardFrom(state, nodeAt('b').key), 6000)).toEqual(['c']);
  });

  it('has been heard of when an admitted member gossips to it', () => {
    const state = welcomed('a:Joining b:Joining c:Up');
    expect(askedAt(heardFrom(state, nodeAt('c').key), 6000)).toEqual([]);
  });

  it('takes the word of any member while nobody is admitted yet', () => {
    const state = welcomed('a:Joining b:Joining');
    expect(askedAt(state, 6000)).toEqual(['b']);
    expect(askedAt(heardFrom(state, nodeAt('b').key), 6000)).toEqual([]);
  });
});
