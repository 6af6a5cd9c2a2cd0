// Taking in what others know: status and full gossip, with the answer that brings the other side up to date
// (Pekko `receiveGossip`, `receiveGossipStatus`).

import { withoutPeer } from '../remote/index.ts';
import { downing } from './downing.ts';
import { beginExiting } from './exiting.ts';
import {
  type Gossip,
  hasSameContent,
  mergeGossip,
  seenDigest,
  statusOf,
  withSeenOfBoth,
} from './gossip.ts';
import { envelopeTo, statusMessage } from './gossip-sending.ts';
import { isValidTarget } from './gossip-targets.ts';
import { heardFrom } from './join-retry.ts';
import { type MembershipState, selfStatus, withSeenBySelf } from './membership-state.ts';
import type { Correspondent, GossipEnvelope, GossipStatus } from './protocol.ts';
import { shutdownSelfWhenDown } from './self-down.ts';
import type { Turn } from './turn.ts';
import { compareClocks } from './vector-clock.ts';

export function receiveStatus(
  state: MembershipState,
  status: GossipStatus,
  sender: Correspondent,
  turn: Turn,
): MembershipState {
  const { gossip } = state;
  const from = gossip.members.get(status.from.key);
  if (from === undefined || !isValidTarget(state, from.node.key)) return state;
  const digest = seenDigest(gossip);
  const seenDiffers = status.seenDigest !== '' && status.seenDigest !== digest;
  const order = compareClocks(status.version, gossip.version);
  if (seenDiffers || order === 'before' || order === 'concurrent') {
    turn.reply(sender, envelopeTo(state, from.node));
  } else if (order === 'after') {
    turn.reply(sender, statusMessage(state));
  }
  return heardFrom(state, from.node.key);
}

export function receiveEnvelope(
  state: MembershipState,
  envelope: GossipEnvelope,
  sender: Correspondent,
  turn: Turn,
): MembershipState {
  const refusal = refusalOf(state, envelope);
  if (refusal !== undefined) {
    turn.log('debug', `Ignoring received gossip from [${envelope.from.key}], ${refusal}`);
    return state;
  }
  const remote = envelope.gossip;
  const { winner, talkback } = winnerOf(state, remote);
  const before = state.gossip;
  let next: MembershipState = state.exitingInProgress
    ? { ...state, gossip: winner }
    : withSeenBySelf(state, winner);
  next = heardFrom(next, envelope.from.key);
  next = forgetDetectorsOfNewcomers(next, before);
  next = stayDown(next, before, turn);
  next = noticeOwnEnd(next, before, turn);
  if (talkback && next.phase.name === 'member') turn.reply(sender, envelopeTo(next, envelope.from));
  return next;
}

function refusalOf(state: MembershipState, envelope: GossipEnvelope): string | undefined {
  const { gossip, self } = state;
  if (envelope.to.key !== self.key) return `it is for [${envelope.to.key}]`;
  const { from } = envelope;
  if (!gossip.members.has(from.key)) return 'the sender is not a member';
  if (!gossip.reachability.isReachableBy(self.key, from.key)) return 'the sender is unreachable';
  if (!envelope.gossip.members.has(self.key)) return 'it does not contain this node';
  return undefined;
}

function winnerOf(state: MembershipState, remote: Gossip): { winner: Gossip; talkback: boolean } {
  const local = state.gossip;
  const unseen = !remote.seen.has(state.self.key) && !state.exitingInProgress;
  switch (compareClocks(remote.version, local.version)) {
    case 'same':
      return { winner: withSeenOfBoth(keepParts(remote, local), local), talkback: unseen };
    case 'before':
      return { winner: local, talkback: true };
    case 'after':
      return { winner: remote, talkback: unseen };
    case 'concurrent':
      return { winner: mergeGossip(remote, local), talkback: true };
  }
}

/** Where the parts are equal, keeping the own ones lets later comparisons end at identity. */
function keepParts(remote: Gossip, local: Gossip): Gossip {
  return hasSameContent(remote, local) ? { ...local, seen: remote.seen } : remote;
}

/** An address that a new incarnation has taken over starts with a clean record. */
function forgetDetectorsOfNewcomers(state: MembershipState, before: Gossip): MembershipState {
  if (state.gossip.members === before.members) return state;
  let { detectors } = state;
  for (const [key, member] of state.gossip.members) {
    if (!before.members.has(key)) detectors = withoutPeer(detectors, member.node.addressKey);
  }
  return detectors === state.detectors ? state : { ...state, detectors };
}

/**
 * Who has known that it is down stays so. Where the other side has never heard of a member, a merge takes it for removed
 * there, and an older gossip in which it still joins would bring it back to life.
 */
function stayDown(state: MembershipState, before: Gossip, turn: Turn): MembershipState {
  const { self } = state;
  if (statusOf(before, self.key) !== 'Down' || selfStatus(state) === 'Down') return state;
  return state.gossip.members.has(self.key) ? downing(state, self.address, turn) : state;
}

function noticeOwnEnd(state: MembershipState, before: Gossip, turn: Turn): MembershipState {
  const status = selfStatus(state);
  if (status === 'Exiting' && !state.exitingInProgress) return beginExiting(state, turn);
  if (status === 'Down' && statusOf(before, state.self.key) !== 'Down') {
    return shutdownSelfWhenDown(state, turn);
  }
  return state;
}
