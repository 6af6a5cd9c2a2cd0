// A member leaves in good order: Leaving by anybody's word, Exiting by the leader's, and when its last work is done it
// says so to those who may be leader and ends (Pekko `ClusterCoreDaemon`).

import { type Address, addressText } from '../wire/index.ts';
import { leaderAmong } from './convergence.ts';
import { memberAt, updateMembers } from './gossip.ts';
import { gossipFullyToRandom, gossipRound } from './gossip-sending.ts';
import { type MemberStatus, withStatus } from './member.ts';
import {
  type MembershipState,
  selfStatus,
  withOwnChange,
  withSeenBySelf,
} from './membership-state.ts';
import type { ClusterNode } from './node.ts';
import { publishChanges } from './publishing.ts';
import { shutdownCluster } from './stopping.ts';
import type { Turn } from './turn.ts';

const mayLeave: ReadonlySet<MemberStatus> = new Set([
  'Joining',
  'WeaklyUp',
  'Up',
  'PreparingForShutdown',
  'ReadyForShutdown',
]);

export function leaving(state: MembershipState, address: Address, turn: Turn): MembershipState {
  const member = memberAt(state.gossip, addressText(address));
  if (member === undefined || !mayLeave.has(member.status)) return state;
  const gossip = updateMembers(state.gossip, [withStatus(member, 'Leaving')]);
  turn.log('info', `Marked address [${addressText(address)}] as [Leaving]`);
  const next = publishChanges(withOwnChange(state, gossip), turn);
  gossipRound(next, turn);
  return next;
}

/** The work of an exiting node is done: the others may forget it, and the cluster part ends. */
export function exitingCompleted(state: MembershipState, turn: Turn): MembershipState {
  if (state.phase.name === 'stopped') return state;
  turn.log('info', 'Exiting completed');
  let next: MembershipState = { ...state, exitingInProgress: false };
  if (selfStatus(state) !== 'Removed') {
    next = publishChanges(withSeenBySelf(next, state.gossip), turn);
    gossipFullyToRandom(next, turn);
    confirmExiting(next, turn);
  }
  return shutdownCluster(next, turn);
}

/** To the leader without this node, and to the one after it, should that one be about to go too. */
function confirmExiting(state: MembershipState, turn: Turn): void {
  const others = [...state.gossip.members.values()].filter((m) => m.node.key !== state.self.key);
  const first = leaderAmong(state.gossip, state.at, others);
  if (first === undefined) return;
  turn.send(first.node.address, { type: 'ExitingConfirmed', node: state.self });
  const rest = others.filter((member) => member !== first);
  const second = leaderAmong(state.gossip, state.at, rest);
  if (second === undefined) return;
  turn.send(second.node.address, { type: 'ExitingConfirmed', node: state.self });
}

export function receiveExitingConfirmed(
  state: MembershipState,
  node: ClusterNode,
  turn: Turn,
): MembershipState {
  turn.log('info', `Exiting confirmed [${node.addressKey}]`);
  return { ...state, exitingConfirmed: new Set(state.exitingConfirmed).add(node.key) };
}
