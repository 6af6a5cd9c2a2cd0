// What becomes of a node that is no member any more: whoever watches it is told at once, and its incarnation is
// banned: a downed one right away and loudly, one that left gracefully a little later and without telling it, since
// its last messages (singleton hand-over) may still be under way (Pekko `ClusterRemoteWatcher`).

import type { ClusterEvent } from './events.ts';
import type { Member } from './member.ts';
import type { MembershipState } from './membership-state.ts';
import type { ClusterNode } from './node.ts';
import type { Turn } from './turn.ts';

export function removedNodesAfter(
  state: MembershipState,
  event: ClusterEvent,
  turn: Turn,
): MembershipState {
  if (event.type === 'MemberRemoved') {
    if (event.member.node.key === state.self.key || state.phase.name === 'stopped') return state;
    return memberRemoved(state, event.member, event.previousStatus === 'Down', turn);
  }
  if (
    event.type === 'MemberJoined' ||
    event.type === 'MemberUp' ||
    event.type === 'MemberWeaklyUp'
  ) {
    return quarantineOlderIncarnations(state, event.member.node, turn);
  }
  return state;
}

function memberRemoved(
  state: MembershipState,
  member: Member,
  downed: boolean,
  turn: Turn,
): MembershipState {
  const { node } = member;
  let next = state;
  if (downed) {
    const reason = 'Cluster member removed, previous status [Down]';
    turn.effects.push({ type: 'quarantine', node, reason, harmless: false });
  } else {
    turn.schedule(state.settings.quarantineRemovedAfterMs, { type: 'delayedQuarantine', node });
    const pendingQuarantines = new Map(state.pendingQuarantines).set(node.key, node);
    next = { ...state, pendingQuarantines };
  }
  turn.effects.push({ type: 'addressTerminated', node });
  return next;
}

export function delayedQuarantine(
  state: MembershipState,
  node: ClusterNode,
  turn: Turn,
): MembershipState {
  if (!state.pendingQuarantines.has(node.key)) return state;
  const reason = 'Cluster member removed, previous status [Exiting]';
  turn.effects.push({ type: 'quarantine', node, reason, harmless: true });
  return withoutPending(state, node);
}

function quarantineOlderIncarnations(
  state: MembershipState,
  node: ClusterNode,
  turn: Turn,
): MembershipState {
  let next = state;
  for (const pending of state.pendingQuarantines.values()) {
    if (pending.addressKey !== node.addressKey || pending.uid === node.uid) continue;
    next = delayedQuarantine(next, pending, turn);
  }
  return next;
}

function withoutPending(state: MembershipState, node: ClusterNode): MembershipState {
  const pendingQuarantines = new Map(state.pendingQuarantines);
  pendingQuarantines.delete(node.key);
  return { ...state, pendingQuarantines };
}
