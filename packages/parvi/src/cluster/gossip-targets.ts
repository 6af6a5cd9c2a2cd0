// Whom to gossip with next: by chance, sooner those who have not seen the current version, never a node that this
// one itself has marked unreachable (Pekko `GossipTargetSelector`), nor one that has said good-bye: it will never have seen
// the current version, so most rounds would go to it, and it would be unreachable before the others agree on its removal.

import { type Random, randomFloat, randomPick, randomShuffle } from '../runtime/index.ts';
import { membersOfDataCenter, oldestAmong } from './convergence.ts';
import type { Member } from './member.ts';
import type { MembershipState } from './membership-state.ts';
import type { NodeKey } from './node.ts';

export function isValidTarget(state: MembershipState, key: NodeKey): boolean {
  if (key === state.self.key || !state.gossip.members.has(key)) return false;
  return state.gossip.reachability.isReachableBy(state.self.key, key);
}

/** The target of one gossip round. */
export function gossipTarget(state: MembershipState, random: Random): Member | undefined {
  const local = validTargets(state, (member) => member.dataCenter === state.at.dataCenter);
  const far = farTargets(state, local.length + 1, random);
  if (far.length > 0) return randomPick(random, far);
  if (local.length === 0) return undefined;
  if (randomFloat(random) < differentViewProbability(state)) {
    const different = local.filter((member) => !state.gossip.seen.has(member.node.key));
    if (different.length > 0) return randomPick(random, different);
  }
  return randomPick(random, local);
}

/**
 * Up to `count` members at random, for full gossip at turning points: of the own data center, save that the oldest
 * members keep one place for another one, which would not hear of the last member of this one otherwise.
 */
export function randomTargets(
  state: MembershipState,
  count: number,
  random: Random,
): readonly Member[] {
  const local = validTargets(state, (member) => member.dataCenter === state.at.dataCenter);
  const shuffled = randomShuffle(random, local);
  const crosses = otherCenters(state).size > 0 && isAmongOldest(state);
  const far = crosses ? farCandidates(state, random) : [];
  if (far.length === 0) return shuffled.slice(0, count);
  return [...shuffled.slice(0, count - 1), randomPick(random, far)];
}

/** The share of rounds that go to members with another view; it falls in large clusters to spread the load. */
export function differentViewProbability(state: MembershipState): number {
  const { gossipDifferentViewProbability: full, reduceDifferentViewProbabilityAt: low } =
    state.settings;
  const size = state.gossip.members.size;
  if (size <= low) return full;
  const high = low * 3;
  const least = full / 10;
  if (size >= high) return least;
  return full - (full - least) * ((size - low) / (high - low));
}

function validTargets(state: MembershipState, wanted: (member: Member) => boolean): Member[] {
  const marked = state.gossip.reachability.isAllReachable
    ? undefined
    : state.gossip.reachability.markedBy(state.self.key);
  const targets: Member[] = [];
  for (const [key, member] of state.gossip.members) {
    if (key === state.self.key || !wanted(member) || marked?.has(key) === true) continue;
    if (state.exitingConfirmed.has(key)) continue;
    targets.push(member);
  }
  return targets;
}

/**
 * The other data center's targets when this round crosses: the oldest members gossip across, by a probability that
 * rises as the own data center gets small. Empty in a cluster of one data center.
 */
function farTargets(state: MembershipState, localCount: number, random: Random): readonly Member[] {
  if (otherCenters(state).size === 0) return [];
  const probability = Math.max(
    state.settings.crossDataCenterGossipProbability,
    localCount <= 4 ? (5 - localCount) * 0.25 : 0,
  );
  if (randomFloat(random) >= probability || !isAmongOldest(state)) return [];
  return farCandidates(state, random);
}

/** The oldest members of another data center, the first by chance in which there is somebody to be reached. */
function farCandidates(state: MembershipState, random: Random): readonly Member[] {
  for (const center of randomShuffle(random, [...otherCenters(state)])) {
    const targets = oldestOf(state, center).filter((each) => isValidTarget(state, each.node.key));
    if (targets.length > 0) return targets;
  }
  return [];
}

function otherCenters(state: MembershipState): ReadonlySet<string> {
  const centers = new Set<string>();
  for (const member of state.gossip.members.values()) {
    if (member.dataCenter !== state.at.dataCenter) centers.add(member.dataCenter);
  }
  return centers;
}

function isAmongOldest(state: MembershipState): boolean {
  const oldest = oldestOf(state, state.at.dataCenter);
  return oldest.some((member) => member.node.key === state.self.key);
}

/** Whatever their status: the first members of a data center are still joining when the others must hear of them. */
function oldestOf(state: MembershipState, dataCenter: string): readonly Member[] {
  const members = membersOfDataCenter(state.gossip, dataCenter);
  return oldestAmong(members, state.settings.crossDataCenterConnections);
}
