// Preparation for shutting down the whole cluster: once one member is told, all Up members are marked, nobody may join
// or be promoted any more, and what would move (singletons, shards) stays where it is.

import { updateMembers } from './gossip.ts';
import { gossipRound } from './gossip-sending.ts';
import { type Member, withStatus } from './member.ts';
import { type MembershipState, selfStatus, withOwnChange } from './membership-state.ts';
import { publishChanges } from './publishing.ts';
import type { Turn } from './turn.ts';

export function prepareForFullShutdown(state: MembershipState, turn: Turn): MembershipState {
  if (state.preparingForShutdown) return state;
  const changed: Member[] = [];
  for (const member of state.gossip.members.values()) {
    if (member.status === 'Up') changed.push(withStatus(member, 'PreparingForShutdown'));
  }
  turn.log('info', `Preparing [${changed.length}] members for full cluster shutdown`);
  const gossip = updateMembers(state.gossip, changed);
  const next = publishChanges(
    { ...withOwnChange(state, gossip), preparingForShutdown: true },
    turn,
  );
  gossipRound(next, turn);
  return next;
}

/** Joins in when another member has started it. */
export function checkFullShutdown(state: MembershipState, turn: Turn): MembershipState {
  if (state.preparingForShutdown) return state;
  const own = selfStatus(state);
  if (own === 'PreparingForShutdown' || own === 'ReadyForShutdown') {
    return { ...state, preparingForShutdown: true };
  }
  if (own !== 'Up') return state;
  for (const { status } of state.gossip.members.values()) {
    if (status === 'PreparingForShutdown' || status === 'ReadyForShutdown') {
      return prepareForFullShutdown(state, turn);
    }
  }
  return state;
}
