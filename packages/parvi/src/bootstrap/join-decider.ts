// What to do with what the contact points have said: join the cluster they know, form one, or wait (Pekko
// `LowestAddressJoinDecider` and `SelfAwareJoinDecider`).

import { compareTargets, type ResolvedTarget } from '../discovery/index.ts';
import { type ContactPoint, matchesSelf } from './contact-point.ts';

/** What a contact point has said lately. */
export interface Observation {
  readonly target: ResolvedTarget;
  /** Addresses of members that one may join by; none before it is in a cluster. */
  readonly seedNodes: readonly string[];
}

export interface JoinSituation {
  /** What discovery has found. */
  readonly contactPoints: readonly ResolvedTarget[];
  /** Since when it finds these. */
  readonly changedAtMs: number;
  /** What those of them that answer have said. */
  readonly observations: readonly Observation[];
  readonly nowMs: number;
  readonly self: ContactPoint;
  /** The address of this node in the cluster, as text. */
  readonly ownAddress: string;
}

/** What a node that neither joins nor forms a cluster waits for. */
export type WaitsFor =
  /** More contact points that answer. */
  | 'contact points'
  | 'a stable set'
  /** Contact points that were found and do not answer. */
  | 'answers'
  /** Another node, the lowest, to form the cluster. */
  | 'the lowest'
  /** Discovery, to find this node too. */
  | 'itself'
  /** A cluster, as it may form none. */
  | 'a cluster'
  /** Others, as it must not be a cluster by itself. */
  | 'others';

export type JoinDecision =
  | { readonly kind: 'joinSeedNodes'; readonly addresses: readonly string[] }
  | { readonly kind: 'joinSelf' }
  | { readonly kind: 'keepProbing'; readonly waitsFor: WaitsFor };

export interface JoinRules {
  /** Contact points that must answer, this node among them, before a cluster is formed. */
  readonly requiredContactPointNr: number;
  readonly stableMarginMs: number;
  readonly contactWithAllContactPoints: boolean;
  readonly newClusterEnabled: boolean;
  /** A node that is the only contact point may form a cluster. */
  readonly formAlone: boolean;
}

/** Pure: the same situation gives the same decision. */
export type JoinDecider = (situation: JoinSituation, rules: JoinRules) => JoinDecision;

const seedNodesMax = 5;

/**
 * Joins whatever cluster is seen, at once. Else the lowest of the contact points that answer forms one, when enough of
 * them answer, all that were found answer, and the set has been the same for a while.
 */
export const lowestAddressDecider: JoinDecider = (situation, rules) => {
  const { observations, ownAddress } = situation;
  const seeds = new Set(observations.flatMap(({ seedNodes }) => seedNodes));
  if (seeds.size > 0) {
    const addresses = [...seeds].filter((address) => address !== ownAddress);
    // Only the incarnation before is known as a member: its cluster is still about to notice that it is gone.
    if (addresses.length === 0) return keepProbing('a cluster');
    return { kind: 'joinSeedNodes', addresses: addresses.slice(0, seedNodesMax) };
  }
  const reason = obstacle(situation, rules);
  return reason === undefined ? { kind: 'joinSelf' } : keepProbing(reason);
};

/** Why this node does not form a cluster. */
function obstacle(situation: JoinSituation, rules: JoinRules): WaitsFor | undefined {
  const { contactPoints, observations, changedAtMs, nowMs, self } = situation;
  if (observations.length < rules.requiredContactPointNr) return 'contact points';
  if (nowMs - changedAtMs < rules.stableMarginMs) return 'a stable set';
  if (rules.contactWithAllContactPoints && observations.length < contactPoints.length) {
    return 'answers';
  }
  if (!rules.newClusterEnabled) return 'a cluster';
  if (!contactPoints.some((target) => matchesSelf(target, self))) return 'itself';
  const lowest = lowestTarget(observations.map(({ target }) => target));
  if (lowest === undefined || !matchesSelf(lowest, self)) return 'the lowest';
  return contactPoints.length === 1 && !rules.formAlone ? 'others' : undefined;
}

export function lowestTarget(targets: readonly ResolvedTarget[]): ResolvedTarget | undefined {
  return targets.toSorted(compareTargets)[0];
}

function keepProbing(waitsFor: WaitsFor): JoinDecision {
  return { kind: 'keepProbing', waitsFor };
}
