// Which side of a clean split lives on by the strategy's promise, worked out from the strategy's description and not by
// its code: what the resolver does is compared with this.

import type { ClusterSettings } from '../cluster/index.ts';
import type { SimProcess } from './sim-process.ts';

/** The side that survives; `'either'`: one of the two, whoever gets the lease; `'none'`: nobody does. */
export type Verdict = readonly SimProcess[] | 'either' | 'none';

/** For two groups that are all members, Up, and settled when the link between them breaks for good. */
export function verdictOf(
  settings: ClusterSettings,
  one: readonly SimProcess[],
  other: readonly SimProcess[],
): Verdict {
  const strategy = settings.splitBrain?.strategy;
  switch (strategy?.name) {
    case 'keep-majority':
      if (one.length !== other.length) return one.length > other.length ? one : other;
      return lowestHost(one) < lowestHost(other) ? one : other;
    case 'static-quorum':
      if (one.length >= strategy.quorumSize) return one;
      return other.length >= strategy.quorumSize ? other : 'none';
    case 'keep-oldest': {
      const [withOldest, without] = hasOldest(one, other) ? [one, other] : [other, one];
      const alone = strategy.downIfAlone && withOldest.length === 1 && without.length > 1;
      return alone ? without : withOldest;
    }
    case 'lease-majority':
      return 'either';
    default:
      return 'none';
  }
}

function lowestHost(side: readonly SimProcess[]): number {
  return Math.min(...side.map(({ host }) => host));
}

function hasOldest(one: readonly SimProcess[], other: readonly SimProcess[]): boolean {
  const members = one[0]?.state.gossip.members;
  const age = (side: readonly SimProcess[]): number =>
    Math.min(...side.map(({ node }) => members?.get(node.key)?.upNumber ?? Number.MAX_VALUE));
  return age(one) < age(other);
}
