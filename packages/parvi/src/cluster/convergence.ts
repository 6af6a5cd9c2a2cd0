// What one member concludes from the gossip it has: have all seen it, and who leads. Only members of the own data
// center count, and observations across data centers do not (Pekko `MembershipState`).

import type { Gossip } from './gossip.ts';
import {
  compareMembers,
  hasRole,
  isOlder,
  type Member,
  type MemberStatus,
  upNumberNone,
} from './member.ts';
import type { NodeKey } from './node.ts';
import type { Reachability } from './reachability.ts';

/** From where the gossip is looked at. */
export interface Viewpoint {
  readonly self: NodeKey;
  readonly dataCenter: string;
}

/** Members in these statuses must have seen a version before the leader may act on it. */
const mustHaveSeen: ReadonlySet<MemberStatus> = new Set([
  'Up',
  'Leaving',
  'PreparingForShutdown',
  'ReadyForShutdown',
]);

/** Where no one else may lead: behind all others, in this order. */
const lastLeaders: readonly MemberStatus[] = ['WeaklyUp', 'Joining', 'Exiting', 'Down'];

export function membersOfDataCenter(gossip: Gossip, dataCenter: string): readonly Member[] {
  const members: Member[] = [];
  for (const member of gossip.members.values()) {
    if (member.dataCenter === dataCenter) members.push(member);
  }
  return members;
}

/** Reachability without what other data centers observed. */
export function reachabilityWithin(gossip: Gossip, dataCenter: string): Reachability {
  if (gossip.reachability.isAllReachable) return gossip.reachability;
  const elsewhere = new Set<NodeKey>();
  for (const [key, member] of gossip.members) {
    if (member.dataCenter !== dataCenter) elsewhere.add(key);
  }
  return gossip.reachability.removeObservers(elsewhere);
}

/** Reachability among the own data center, without what members that are Down observed. */
export function reachabilityOfTrusted(gossip: Gossip, dataCenter: string): Reachability {
  if (gossip.reachability.isAllReachable) return gossip.reachability;
  const elsewhere = new Set<NodeKey>();
  const down = new Set<NodeKey>();
  for (const [key, member] of gossip.members) {
    if (member.dataCenter !== dataCenter) elsewhere.add(key);
    else if (member.status === 'Down') down.add(key);
  }
  return gossip.reachability.removeObservers(down).remove(elsewhere);
}

/**
 * Whether everybody who must has seen this gossip, and nobody who counts is unreachable.
 *
 * `exitingConfirmed` are nodes that said they are gone; they hinder nothing.
 */
export function isConverged(
  gossip: Gossip,
  view: Viewpoint,
  exitingConfirmed: ReadonlySet<NodeKey> = new Set(),
): boolean {
  for (const key of reachabilityOfTrusted(gossip, view.dataCenter).unreachableOrTerminated) {
    if (key === view.self || exitingConfirmed.has(key)) continue;
    const status = gossip.members.get(key)?.status;
    if (status !== 'Down' && status !== 'Exiting') return false;
  }
  const members = [...gossip.members.values()];
  // The first member of a data center has nobody at home to ask, so all of the cluster must know of it.
  const first = !members.some(
    (m) => m.dataCenter === view.dataCenter && mustHaveSeen.has(m.status),
  );
  return !members.some((member) => {
    if (!first && member.dataCenter !== view.dataCenter) return false;
    const joining = member.status === 'Joining' || member.status === 'WeaklyUp';
    if (!mustHaveSeen.has(member.status) && !(first && joining)) return false;
    return !gossip.seen.has(member.node.key) && !exitingConfirmed.has(member.node.key);
  });
}

/** The leader among the given members of the gossip, as seen from here. */
export function leaderAmong(
  gossip: Gossip,
  view: Viewpoint,
  members: Iterable<Member>,
): Member | undefined {
  const reachability = reachabilityWithin(gossip, view.dataCenter);
  let last: Member | undefined;
  for (const member of members) {
    if (member.dataCenter !== view.dataCenter || member.status === 'Down') continue;
    const key = member.node.key;
    if (key !== view.self && !reachability.isReachable(key)) continue;
    if (mustHaveSeen.has(member.status)) return member;
    if (last === undefined || compareLastLeaders(member, last) < 0) last = member;
  }
  return last;
}

export function leaderOf(gossip: Gossip, view: Viewpoint): Member | undefined {
  return leaderAmong(gossip, view, gossip.members.values());
}

export function isLeader(gossip: Gossip, view: Viewpoint): boolean {
  return leaderOf(gossip, view)?.node.key === view.self;
}

export function roleLeader(gossip: Gossip, view: Viewpoint, role: string): Member | undefined {
  const members = [...gossip.members.values()].filter((member) => hasRole(member, role));
  return leaderAmong(gossip, view, members);
}

function compareLastLeaders(a: Member, b: Member): number {
  const rank = lastLeaders.indexOf(a.status) - lastLeaders.indexOf(b.status);
  return rank !== 0 ? rank : compareMembers(a, b);
}

/** The highest up number given so far in the data center; 0 when nobody has one. */
export function youngestUpNumber(gossip: Gossip, dataCenter: string): number {
  let highest = 0;
  for (const member of gossip.members.values()) {
    if (member.dataCenter !== dataCenter || member.upNumber === upNumberNone) continue;
    if (member.upNumber > highest) highest = member.upNumber;
  }
  return highest;
}

/** The oldest members, oldest first. */
export function oldestAmong(members: readonly Member[], count: number): readonly Member[] {
  return [...members].sort((a, b) => (isOlder(a, b) ? -1 : 1)).slice(0, count);
}

/**
 * Who hears at once that members are Exiting: the two oldest of the data center, and per role of the exiting ones the
 * two oldest with that role, since singletons of theirs move (Pekko `gossipTargetsForExitingMembers`).
 */
export function targetsOfExiting(
  gossip: Gossip,
  view: Viewpoint,
  exiting: readonly Member[],
): ReadonlySet<NodeKey> {
  if (exiting.length === 0) return new Set();
  const members = membersOfDataCenter(gossip, view.dataCenter);
  const targets = new Set(oldestAmong(members, 2).map((member) => member.node.key));
  const roles = new Set(exiting.flatMap((member) => member.roles));
  for (const role of roles) {
    if (role.startsWith('dc-')) continue;
    const withRole = members.filter((member) => hasRole(member, role));
    for (const member of oldestAmong(withRole, 2)) targets.add(member.node.key);
  }
  return targets;
}
