// Telling others what this node knows: rounds by chance, full gossip at turning points.

import { seenDigest } from './gossip.ts';
import { gossipTarget, isValidTarget, randomTargets } from './gossip-targets.ts';
import type { Member } from './member.ts';
import type { MembershipState } from './membership-state.ts';
import type { ClusterNode } from './node.ts';
import type { GossipEnvelope, GossipStatus } from './protocol.ts';
import type { Turn } from './turn.ts';

/** How many members hear of it at turning points: being downed, having exited. */
export const lastWordsTargets = 5;

/** One round: full gossip to a member of this data center that has not seen it, else only its version. */
export function gossipRound(state: MembershipState, turn: Turn): void {
  if (state.gossip.members.size <= 1) return;
  const target = gossipTarget(state, turn.random);
  if (target === undefined) return;
  const far = target.dataCenter !== state.at.dataCenter;
  if (far || state.gossip.seen.has(target.node.key)) {
    turn.send(target.node.address, statusMessage(state));
  } else {
    turn.send(target.node.address, envelopeTo(state, target.node));
  }
}

/** Rounds come three times as often while a member is Down or fewer than half have seen this version. */
export function needsSpeedup(state: MembershipState): boolean {
  const { members, seen } = state.gossip;
  if (seen.size < Math.floor(members.size / 2)) return true;
  for (const member of members.values()) if (member.status === 'Down') return true;
  return false;
}

export function gossipTick(state: MembershipState, turn: Turn): MembershipState {
  gossipRound(state, turn);
  if (needsSpeedup(state)) {
    const third = state.settings.gossipIntervalMs / 3;
    turn.schedule(third, { type: 'gossipSpeedupTick' });
    turn.schedule(2 * third, { type: 'gossipSpeedupTick' });
  }
  return state;
}

export function gossipFullyTo(state: MembershipState, node: ClusterNode, turn: Turn): void {
  if (isValidTarget(state, node.key)) turn.send(node.address, envelopeTo(state, node));
}

export function gossipFullyToRandom(state: MembershipState, turn: Turn): void {
  for (const { node } of randomTargets(state, lastWordsTargets, turn.random)) {
    turn.send(node.address, envelopeTo(state, node));
  }
}

export function envelopeTo(state: MembershipState, to: ClusterNode): GossipEnvelope {
  return { type: 'GossipEnvelope', from: state.self, to, gossip: state.gossip };
}

export function statusMessage(state: MembershipState): GossipStatus {
  const { gossip, self } = state;
  return {
    type: 'GossipStatus',
    from: self,
    version: gossip.version,
    seenDigest: seenDigest(gossip),
  };
}

export function describeMembers(members: Iterable<Member>): string {
  return [...members].map((each) => `${each.node.addressKey}, ${each.status}`).join('; ');
}
