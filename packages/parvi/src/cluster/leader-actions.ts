// What the leader does at each tick: with convergence it moves members on and removes those that are gone; without,
// it lets waiting members take part as WeaklyUp after a while (Pekko `leaderActions`).

import {
  isConverged,
  isLeader,
  membersOfDataCenter,
  reachabilityOfTrusted,
  reachabilityWithin,
  targetsOfExiting,
  youngestUpNumber,
} from './convergence.ts';
import { beginExiting } from './exiting.ts';
import { checkFullShutdown } from './full-shutdown.ts';
import { pruneTombstones, removeNodes, updateMembers } from './gossip.ts';
import { describeMembers, gossipFullyTo } from './gossip-sending.ts';
import { hasRole, type Member, withStatus, withUp } from './member.ts';
import { type MembershipState, withOwnChange } from './membership-state.ts';
import type { NodeKey } from './node.ts';
import { publishChanges } from './publishing.ts';
import { shutdownSelfWhenDown } from './self-down.ts';
import type { Turn } from './turn.ts';

const firstNotice = 20;
const noticeEvery = 60;

export function leaderTick(state: MembershipState, turn: Turn): MembershipState {
  let next = leaderActions(state, turn);
  next = forgetConfirmedOfRemoved(next);
  next = checkFullShutdown(next, turn);
  return shutdownSelfWhenDown(publishChanges(next, turn), turn);
}

export function leaderActions(state: MembershipState, turn: Turn): MembershipState {
  if (!isLeader(state.gossip, state.at)) return state;
  if (isConverged(state.gossip, state.at, state.exitingConfirmed)) {
    if (state.unconvergedTicks >= firstNotice) {
      turn.log('info', 'Leader can perform its duties again');
    }
    return actOnConvergence({ ...state, unconvergedTicks: 0 }, turn);
  }
  return actWithoutConvergence(state, turn);
}

function actWithoutConvergence(state: MembershipState, turn: Turn): MembershipState {
  const { settings, gossip } = state;
  const unconvergedTicks = state.unconvergedTicks + 1;
  const next: MembershipState = { ...state, unconvergedTicks };
  if (unconvergedTicks === firstNotice || unconvergedTicks % noticeEvery === 0) {
    const rows = gossip.reachability.rows.map((r) => `${r.observer} -> ${r.subject}: ${r.status}`);
    turn.log(
      'info',
      `Leader can currently not perform its duties, reachability status: [${rows.join('; ')}], member status: [${describeMembers(gossip.members.values())}]`,
    );
  }
  const waitedMs = unconvergedTicks * settings.leaderActionsIntervalMs;
  if (settings.weaklyUpAfterMs === undefined || waitedMs < settings.weaklyUpAfterMs) return next;
  return state.preparingForShutdown ? next : promoteToWeaklyUp(next, turn);
}

function promoteToWeaklyUp(state: MembershipState, turn: Turn): MembershipState {
  if (!hasEnoughMembers(state)) return state;
  const reachability = reachabilityOfTrusted(state.gossip, state.at.dataCenter);
  const promoted = membersOfDataCenter(state.gossip, state.at.dataCenter)
    .filter((each) => each.status === 'Joining' && reachability.isReachable(each.node.key))
    .map((each) => withStatus(each, 'WeaklyUp'));
  if (promoted.length === 0) return state;
  for (const { node } of promoted) {
    turn.log('info', `Leader is moving node [${node.addressKey}] to [WeaklyUp]`);
  }
  return withOwnChange(state, updateMembers(state.gossip, promoted));
}

/** Thresholds for leaving Joining: members in all, and per role. */
export function hasEnoughMembers(state: MembershipState): boolean {
  const { membersMin, membersMinByRole } = state.settings;
  const members = [...state.gossip.members.values()];
  if (members.length < membersMin) return false;
  return Object.entries(membersMinByRole).every(
    ([role, least]) => members.filter((member) => hasRole(member, role)).length >= least,
  );
}

function actOnConvergence(state: MembershipState, turn: Turn): MembershipState {
  const removed = removableMembers(state);
  const goneKeys = new Set(removed.map((member) => member.node.key));
  const changed = promotions(state).filter((member) => !goneKeys.has(member.node.key));
  const pruneUntilMs = turn.wallMs - state.settings.pruneTombstonesAfterMs;
  const before = pruneTombstones(state.gossip, pruneUntilMs);
  if (changed.length === 0 && removed.length === 0 && before === state.gossip) return state;
  logChanges(state, changed, removed, turn);
  const moved = updateMembers(before, changed);
  const gossip = removeNodes(
    moved,
    removed.map((member) => member.node),
    turn.wallMs,
  );
  const exitsItself = changed.some(
    (member) => member.status === 'Exiting' && member.node.key === state.self.key,
  );
  const base = exitsItself ? beginExiting(state, turn) : state;
  const next = publishChanges(withOwnChange(base, gossip), turn);
  for (const key of toldAtOnce(next, changed)) {
    const target = next.gossip.members.get(key);
    if (target !== undefined) gossipFullyTo(next, target.node, turn);
  }
  return next;
}

/** Pekko tells only those whom exiting members concern at once; telling new ones that they are Up saves them a wait. */
const toldUpMax = 5;

function toldAtOnce(state: MembershipState, changed: readonly Member[]): ReadonlySet<NodeKey> {
  const exiting = changed.filter((member) => member.status === 'Exiting');
  const up = changed.filter((member) => member.status === 'Up').slice(0, toldUpMax);
  const keys = up.map((member) => member.node.key);
  return new Set([...targetsOfExiting(state.gossip, state.at, exiting), ...keys]);
}

/**
 * Gone and agreed upon: Down or Exiting and unreachable, or Exiting and confirmed by itself. Never this node, though others
 * may have lost sight of it: it goes by itself, and the next leader removes it.
 */
function removableMembers(state: MembershipState): readonly Member[] {
  const { gossip, at, exitingConfirmed } = state;
  const reachability = reachabilityWithin(gossip, at.dataCenter);
  return [...gossip.members.values()].filter((member) => {
    const { key } = member.node;
    if (member.status !== 'Down' && member.status !== 'Exiting') return false;
    if (key === state.self.key) return false;
    if (member.dataCenter !== at.dataCenter) return true;
    if (!reachability.isReachable(key)) return true;
    return member.status === 'Exiting' && exitingConfirmed.has(key);
  });
}

/** In the order of addresses, with up numbers after the youngest so far. */
function promotions(state: MembershipState): readonly Member[] {
  const enough = hasEnoughMembers(state);
  let upNumber = youngestUpNumber(state.gossip, state.at.dataCenter);
  const changed: Member[] = [];
  for (const member of membersOfDataCenter(state.gossip, state.at.dataCenter)) {
    const waiting = member.status === 'Joining' || member.status === 'WeaklyUp';
    if (waiting && enough && !state.preparingForShutdown) changed.push(withUp(member, ++upNumber));
    else if (member.status === 'Leaving') changed.push(withStatus(member, 'Exiting'));
    else if (member.status === 'PreparingForShutdown' && state.preparingForShutdown) {
      changed.push(withStatus(member, 'ReadyForShutdown'));
    }
  }
  return changed;
}

function logChanges(
  state: MembershipState,
  changed: readonly Member[],
  removed: readonly Member[],
  turn: Turn,
): void {
  for (const { node, status } of changed) {
    turn.log('info', `Leader is moving node [${node.addressKey}] to [${status}]`);
  }
  for (const { node, status } of removed) {
    const confirmed = state.exitingConfirmed.has(node.key) && status === 'Exiting';
    const kind = confirmed ? 'confirmed Exiting' : 'unreachable';
    turn.log('info', `Leader is removing ${kind} node [${node.addressKey}]`);
  }
}

function forgetConfirmedOfRemoved(state: MembershipState): MembershipState {
  if (state.exitingConfirmed.size === 0) return state;
  const kept = [...state.exitingConfirmed].filter((key) => state.gossip.members.has(key));
  if (kept.length === state.exitingConfirmed.size) return state;
  return { ...state, exitingConfirmed: new Set(kept) };
}
