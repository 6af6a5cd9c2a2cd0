// One member's conclusions from one gossip value, each worked out once at most: what events and snapshots are made of.

import {
  isConverged,
  leaderOf,
  reachabilityWithin,
  roleLeader,
  type Viewpoint,
} from './convergence.ts';
import type { Gossip } from './gossip.ts';
import type { Member } from './member.ts';
import type { ClusterNode, NodeKey } from './node.ts';
import type { Reachability } from './reachability.ts';

export class LocalView {
  readonly gossip: Gossip;
  readonly at: Viewpoint;
  #reachability: Reachability | undefined;
  #leader: ClusterNode | undefined | null = null;
  #roleLeaders: ReadonlyMap<string, ClusterNode | undefined> | undefined;
  #converged: boolean | undefined;
  #unreachableDataCenters: ReadonlySet<string> | undefined;

  /** `previous` lends its conclusions where the gossip has not changed in what they rest on. */
  constructor(gossip: Gossip, at: Viewpoint, previous?: LocalView) {
    this.gossip = gossip;
    this.at = at;
    const same =
      previous !== undefined &&
      previous.gossip.members === gossip.members &&
      previous.gossip.reachability === gossip.reachability;
    if (!same) return;
    this.#reachability = previous.#reachability;
    this.#leader = previous.#leader;
    this.#roleLeaders = previous.#roleLeaders;
    this.#unreachableDataCenters = previous.#unreachableDataCenters;
  }

  get reachability(): Reachability {
    this.#reachability ??= reachabilityWithin(this.gossip, this.at.dataCenter);
    return this.#reachability;
  }

  get leader(): ClusterNode | undefined {
    if (this.#leader === null) this.#leader = leaderOf(this.gossip, this.at)?.node;
    return this.#leader;
  }

  /** Leaders of all roles that any member has. */
  get roleLeaders(): ReadonlyMap<string, ClusterNode | undefined> {
    if (this.#roleLeaders === undefined) {
      const leaders = new Map<string, ClusterNode | undefined>();
      for (const member of this.gossip.members.values()) {
        for (const role of member.roles) {
          if (!leaders.has(role)) leaders.set(role, roleLeader(this.gossip, this.at, role)?.node);
        }
      }
      this.#roleLeaders = leaders;
    }
    return this.#roleLeaders;
  }

  get converged(): boolean {
    this.#converged ??= isConverged(this.gossip, this.at);
    return this.#converged;
  }

  /** Keys of members that somebody in the data center cannot reach; never of this node itself. */
  get unreachable(): ReadonlySet<NodeKey> {
    const keys = this.reachability.unreachableOrTerminated;
    if (!keys.has(this.at.self)) return keys;
    const others = new Set(keys);
    others.delete(this.at.self);
    return others;
  }

  /** The same as members, in the order of addresses. */
  get unreachableMembers(): readonly Member[] {
    const { unreachable } = this;
    if (unreachable.size === 0) return [];
    return [...this.gossip.members.values()].filter(({ node }) => unreachable.has(node.key));
  }

  /** Other data centers of which a member here cannot reach a member. */
  get unreachableDataCenters(): ReadonlySet<string> {
    if (this.#unreachableDataCenters === undefined) {
      const centers = new Set<string>();
      for (const key of this.unreachable) {
        const center = this.gossip.members.get(key)?.dataCenter;
        if (center !== undefined && center !== this.at.dataCenter) centers.add(center);
      }
      this.#unreachableDataCenters = centers;
    }
    return this.#unreachableDataCenters;
  }
}
