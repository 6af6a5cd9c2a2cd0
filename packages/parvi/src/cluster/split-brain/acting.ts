// Carries out what the split-brain resolver decides: the lease where one is wanted, the downing, others before self.

import { downingOf } from '../downing.ts';
import { ClusterError } from '../errors.ts';
import type { Member } from '../member.ts';
import { type MembershipState, selfStatus } from '../membership-state.ts';
import type { NodeKey } from '../node.ts';
import type { ClusterInput } from '../protocol.ts';
import type { Turn } from '../turn.ts';
import { type Decision, membersToDown } from './decision.ts';
import {
  dueDecision,
  forgetOldUnrest,
  type PendingLease,
  type ResolverState,
  releaseAfterMs,
  resolverAfter,
  resolverTicked,
  restartStability,
} from './resolver.ts';

export function resolveSplitBrain(
  state: MembershipState,
  input: ClusterInput,
  turn: Turn,
): MembershipState {
  const { resolver } = state;
  if (resolver === undefined) return state;
  switch (input.type) {
    case 'splitBrainTick':
      return resolverTick(state, resolver, turn);
    case 'quarantinedByRemote':
      return quarantinedByRemote(state, resolver, input.node, turn);
    case 'leaseDelayOver':
      if (resolver.pendingLease === undefined || resolver.pendingLease.acquiring) return state;
      return acquire(state, resolver, resolver.pendingLease, turn);
    case 'leaseAcquired':
      return leaseAnswered(state, resolver, input.held, turn);
    case 'leaseReleased':
      if (!input.released) return state;
      return { ...state, resolver: { ...resolver, lease: { name: 'none' } } };
    case 'leaseLost':
      return { ...state, resolver: { ...resolver, lease: { name: 'none' } } };
    default:
      return state;
  }
}

function resolverTick(
  state: MembershipState,
  resolver: ResolverState,
  turn: Turn,
): MembershipState {
  const calm = forgetOldUnrest(resolverTicked(resolver, turn), turn.nowMs);
  const next: MembershipState = { ...state, resolver: calm };
  const decision = dueDecision(calm, turn.nowMs);
  if (decision !== undefined) return begin(next, calm, decision, turn);
  if (calm.lease.name === 'untilTime' && turn.nowMs >= calm.lease.releaseAtMs) {
    turn.effects.push({ type: 'releaseLease' });
  }
  return next;
}

function begin(
  state: MembershipState,
  resolver: ResolverState,
  decision: Decision,
  turn: Turn,
): MembershipState {
  if (decision.lease === undefined || resolver.lease.name !== 'none') {
    return act(state, resolver, decision, turn);
  }
  const pending: PendingLease = { decision, acquiring: false, stash: [] };
  if (decision.lease.delayMs === 0) return acquire(state, resolver, pending, turn);
  turn.schedule(decision.lease.delayMs, { type: 'leaseDelayOver' });
  return { ...state, resolver: { ...resolver, pendingLease: pending } };
}

function acquire(
  state: MembershipState,
  resolver: ResolverState,
  pending: PendingLease,
  turn: Turn,
): MembershipState {
  turn.log('info', `SBR trying to acquire lease for decision [${pending.decision.name}]`);
  turn.effects.push({ type: 'acquireLease' });
  return { ...state, resolver: { ...resolver, pendingLease: { ...pending, acquiring: true } } };
}

function leaseAnswered(
  state: MembershipState,
  resolver: ResolverState,
  held: boolean,
  turn: Turn,
): MembershipState {
  const { pendingLease } = resolver;
  if (pendingLease === undefined) return state;
  const decision = held ? pendingLease.decision : reverse(pendingLease.decision);
  let next: ResolverState = { ...resolver, pendingLease: undefined };
  if (held) next = { ...next, lease: { name: 'held' } };
  const acted = act(state, next, decision, turn);
  if (acted.resolver === undefined) return acted;
  return { ...acted, resolver: resolverAfter(acted.resolver, pendingLease.stash, turn) };
}

function reverse(decision: Decision): Decision {
  return decision.name === 'DownUnreachable'
    ? { name: 'DownReachable' }
    : { name: 'ReverseDownIndirectlyConnected' };
}

/** A member that this node still knows says it has banned this node: only the end of this node resolves that. */
function quarantinedByRemote(
  state: MembershipState,
  resolver: ResolverState,
  by: NodeKey,
  turn: Turn,
): MembershipState {
  if (!resolver.view.members.has(by) || isEnding(state)) return state;
  turn.log('warn', `Other node [${by}] quarantined this node.`);
  return act(state, resolver, { name: 'DownSelfQuarantinedByRemote' }, turn);
}

/** Every message to a node that has banned this one is answered by the notice again, until this node is gone. */
function isEnding(state: MembershipState): boolean {
  const status = selfStatus(state);
  return status === 'Down' || status === 'Exiting' || status === 'Removed';
}

function act(
  state: MembershipState,
  resolver: ResolverState,
  decision: Decision,
  turn: Turn,
): MembershipState {
  const members = downedBy(resolver, decision, turn);
  turn.log('warn', decisionText(state, resolver.view, decision, members));
  let acted = withLeaseHeldFor(resolver, members, turn);
  if (members.length > 0) acted = restartStability({ ...acted, instability: undefined }, turn);
  const selfLast = [...members].sort((a, b) => isSelf(state, a) - isSelf(state, b));
  const addresses = selfLast.map(({ node }) => node.address);
  return downingOf({ ...state, resolver: acted }, addresses, turn);
}

function isSelf(state: MembershipState, member: Member): number {
  return member.node.key === state.self.key ? 1 : 0;
}

function downedBy(resolver: ResolverState, decision: Decision, turn: Turn): readonly Member[] {
  try {
    return membersToDown(decision, resolver.view, resolver.strategy);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    turn.log('warn', error.message);
    return membersToDown({ name: 'DownAll' }, resolver.view, resolver.strategy);
  }
}

function withLeaseHeldFor(
  resolver: ResolverState,
  downed: readonly Member[],
  turn: Turn,
): ResolverState {
  if (resolver.lease.name === 'none') return resolver;
  if (downed.length === 0) {
    const releaseAtMs = turn.nowMs + releaseAfterMs(resolver);
    return { ...resolver, lease: { name: 'untilTime', releaseAtMs } };
  }
  const nodes = new Set(downed.map((member) => member.node.key));
  return { ...resolver, lease: { name: 'untilRemoved', nodes } };
}

function decisionText(
  state: MembershipState,
  view: ResolverState['view'],
  decision: Decision,
  members: readonly Member[],
): string {
  const downing = members.map((each) => each.node.addressKey).join(', ');
  const includingSelf = members.some((each) => each.node.key === state.self.key);
  const rows = view.rows.map((row) => `${row.observer} -> ${row.subject}: ${row.status}`);
  return `SBR took decision ${decision.name} and is downing [${downing}]${includingSelf ? ' including myself' : ''}, [${view.unreachable.size}] unreachable of [${view.members.size}] members, full reachability status: [${rows.join('; ')}]`;
}
