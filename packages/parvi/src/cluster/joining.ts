// Becoming a member and making others members: Join and Welcome from both sides (Pekko `ClusterCoreDaemon`).

import { withoutPeer } from '../remote/index.ts';
import { type Address, addressText } from '../wire/index.ts';
import { downing } from './downing.ts';
import { addMembers, memberAt, statusOf } from './gossip.ts';
import { envelopeTo } from './gossip-sending.ts';
import { checkJoiner } from './join-compatibility.ts';
import { leaderActions } from './leader-actions.ts';
import { joiningMember, type Member } from './member.ts';
import {
  type MembershipState,
  selfStatus,
  withOwnChange,
  withSeenBySelf,
} from './membership-state.ts';
import type { ClusterNode } from './node.ts';
import type { ClusterMessage, Correspondent } from './protocol.ts';
import type { Turn } from './turn.ts';

/** Asks the node at the address for admission; to oneself: forms a new cluster. */
export function joinTo(state: MembershipState, address: Address, turn: Turn): MembershipState {
  const refusal = addressRefusal(state, address);
  if (refusal !== undefined) {
    turn.log('warn', `Trying to join [${addressText(address)}], but was ignored: ${refusal}`);
    return state;
  }
  if (addressText(address) === state.self.addressKey) {
    const alone: MembershipState = { ...state, seedProcess: undefined, phase: { name: 'member' } };
    return admitSelf(alone, turn);
  }
  const retryMs = state.settings.retryUnsuccessfulJoinAfterMs;
  const next: MembershipState = {
    ...state,
    seedProcess: undefined,
    phase: {
      name: 'tryingToJoin',
      address,
      deadlineMs: retryMs === undefined ? undefined : turn.nowMs + retryMs,
      repeatAtMs: turn.nowMs + state.settings.joinRetryMs,
    },
  };
  sendJoin(next, address, turn);
  return next;
}

export function sendJoin(state: MembershipState, address: Address, turn: Turn): void {
  const { roles, appVersion } = state.settings;
  turn.send(address, { type: 'Join', node: state.self, roles, appVersion });
}

function addressRefusal(state: MembershipState, address: Address): string | undefined {
  const { protocol } = address;
  if (!state.settings.acceptProtocols.includes(protocol)) {
    return `its protocol [${protocol}] is not one of [${state.settings.acceptProtocols.join(', ')}]`;
  }
  const own = state.self.address.system;
  if (address.system === own) return undefined;
  return `its actor system is named [${address.system}], this one [${own}], and all members of a cluster have the same name`;
}

/** The contact's answer to a node that looks for a cluster. */
export function receiveInitJoin(
  state: MembershipState,
  config: string | undefined,
  sender: Correspondent,
  turn: Turn,
): MembershipState {
  const { self } = state;
  const joiner = addressText(sender.address);
  turn.log('info', `Received InitJoin message from [${joiner}] to [${self.addressKey}]`);
  const status = selfStatus(state);
  if (state.phase.name !== 'member' || status === 'Down' || status === 'Exiting') {
    turn.log('info', `Sending InitJoinNack message from node [${self.addressKey}] to [${joiner}]`);
    turn.reply(sender, { type: 'InitJoinNack', address: self.address });
    return state;
  }
  const { check, problems } = checkJoiner(config, state.settings.joinConfig);
  if (problems.length > 0) {
    turn.log(
      'warn',
      `Found incompatible settings when [${joiner}] tried to join: ${problems.join(', ')}`,
    );
  }
  turn.log('info', `Sending InitJoinAck message from node [${self.addressKey}] to [${joiner}]`);
  turn.reply(sender, { type: 'InitJoinAck', address: self.address, check });
  return state;
}

/** A node asks this one for admission. */
export function receiveJoin(
  state: MembershipState,
  join: Extract<ClusterMessage, { type: 'Join' }>,
  sender: Correspondent,
  turn: Turn,
): MembershipState {
  const { node } = join;
  if (state.preparingForShutdown) {
    turn.log('info', `Trying to join [${node.addressKey}] while preparing for shutdown, ignoring`);
    return state;
  }
  const refusal = addressRefusal(state, node.address);
  if (refusal !== undefined) {
    turn.log('warn', `Member [${node.addressKey}] tried to join, but was ignored: ${refusal}`);
    return state;
  }
  const own = selfStatus(state);
  if (own === 'Down' || own === 'Exiting') {
    turn.log(
      'info',
      `Trying to join [${node.addressKey}] to a member with status ${own}, ignoring`,
    );
    return state;
  }
  if (statusOf(state.gossip, node.key) !== 'Removed') {
    turn.log('info', `Existing member [${node.key}] is joining again`);
    turn.reply(sender, { type: 'Welcome', from: state.self, gossip: state.gossip });
    return state;
  }
  if (state.gossip.tombstones.has(node.key)) return refuseRemoved(state, node, turn);
  const old = memberAt(state.gossip, node.addressKey);
  if (old !== undefined) return replaceIncarnation(state, old, turn);
  return admit(state, joiningMember(node, join.roles, join.appVersion), sender, turn);
}

/** Once removed, an incarnation stays out; being banned tells it to start anew (Pekko would let it in again here). */
function refuseRemoved(state: MembershipState, node: ClusterNode, turn: Turn): MembershipState {
  turn.log(
    'warn',
    `Node [${node.key}] tried to join, but was removed before; it must be restarted`,
  );
  const reason = 'Removed cluster member tries to join again';
  turn.effects.push({ type: 'quarantine', node, reason, harmless: false });
  return state;
}

/** The old one must be removed first; the new one keeps asking meanwhile. */
function replaceIncarnation(state: MembershipState, old: Member, turn: Turn): MembershipState {
  turn.log(
    'info',
    `New incarnation of existing member [${old.node.key}] is trying to join. Existing will be removed from the cluster and then new member will be allowed to join`,
  );
  if (old.status === 'Down') return state;
  const reachability = state.gossip.reachability.terminated(state.self.key, old.node.key);
  const marked = withOwnChange(state, { ...state.gossip, reachability });
  return downing(marked, old.node.address, turn);
}

function admit(
  state: MembershipState,
  member: Member,
  sender: Correspondent,
  turn: Turn,
): MembershipState {
  const { node } = member;
  turn.log('info', `Node [${node.addressKey}] is JOINING, roles [${member.roles.join(', ')}]`);
  const detectors = withoutPeer(state.detectors, node.addressKey);
  const gossip = addMembers(state.gossip, [member]);
  const next = withOwnChange({ ...state, detectors }, gossip);
  turn.reply(sender, { type: 'Welcome', from: state.self, gossip: next.gossip });
  return next;
}

function admitSelf(state: MembershipState, turn: Turn): MembershipState {
  const { self, settings } = state;
  turn.log(
    'info',
    `Node [${self.addressKey}] is JOINING itself (with roles [${settings.roles.join(', ')}], version [${settings.appVersion}]) and forming new cluster`,
  );
  const member = joiningMember(self, settings.roles, settings.appVersion);
  const next = withOwnChange(state, addMembers(state.gossip, [member]));
  // At once, so that whoever forms the cluster is Up, and oldest, before anybody else can join.
  return leaderActions({ ...next, joinDeadlineMs: undefined }, turn);
}

/** The contact has made this node a member. */
export function receiveWelcome(
  state: MembershipState,
  welcome: Extract<ClusterMessage, { type: 'Welcome' }>,
  sender: Correspondent,
  turn: Turn,
): MembershipState {
  const { phase } = state;
  const { from } = welcome;
  if (phase.name !== 'uninitialized' && phase.name !== 'tryingToJoin') return state;
  if (phase.name === 'tryingToJoin' && addressText(phase.address) !== from.addressKey) {
    turn.log(
      'info',
      `Ignoring welcome from [${from.addressKey}] when trying to join with [${addressText(phase.address)}]`,
    );
    return state;
  }
  if (!welcome.gossip.members.has(state.self.key)) return state;
  turn.log('info', `Welcome from [${from.addressKey}]`);
  const next: MembershipState = {
    ...withSeenBySelf(state, welcome.gossip),
    phase: { name: 'member' },
    seedProcess: undefined,
    joinDeadlineMs: undefined,
    unheardSinceMs: turn.nowMs,
  };
  turn.reply(sender, envelopeTo(next, from));
  return next;
}
