// Membership of the grid over the toolkit's cluster.

import {
  type Cluster,
  type ClusterEvent,
  type Member,
  memberEvents,
  reachabilityEvents,
} from 'parvi/cluster';
import type { Clock } from 'parvi/runtime';
import { addressText } from 'parvi/wire';
import type { GridMember, Membership } from './membership.ts';
import type { MemberChange } from './views.ts';

const changes: Readonly<Partial<Record<ClusterEvent['type'], MemberChange>>> = {
  MemberJoined: 'joined',
  MemberWeaklyUp: 'weakly-up',
  MemberUp: 'up',
  MemberLeft: 'leaving',
  MemberExited: 'exiting',
  MemberDowned: 'down',
  MemberRemoved: 'removed',
  UnreachableMember: 'unreachable',
  ReachableMember: 'reachable',
};

/** Roles that the cluster itself adds to a member, such as its data center. */
const inventedRole = /^dc-/;

export class ClusterMembership implements Membership {
  readonly clusterName: string;
  readonly selfAddress: string;
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #upSince = new Map<string, number>();
  readonly #listeners = new Set<(member: GridMember, change: MemberChange) => void>();

  constructor(cluster: Cluster, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.clusterName = cluster.self.address.system;
    this.selfAddress = addressText(cluster.self.address);
    cluster.subscribe([...memberEvents, ...reachabilityEvents], (event) => {
      if (event.type === 'CurrentClusterState') {
        for (const member of event.state.members) this.#noteUp(member);
      } else this.#take(event.type, event.member);
    });
  }

  get leader(): string | undefined {
    const leader = this.#cluster.state.leader;
    return leader === undefined ? undefined : addressText(leader.address);
  }

  members(): readonly GridMember[] {
    const { members, unreachable } = this.#cluster.state;
    const away = new Set(unreachable.map(({ node }) => node.key));
    return members.map((member) => this.#view(member, !away.has(member.node.key)));
  }

  subscribe(listener: (member: GridMember, change: MemberChange) => void): { cancel(): void } {
    this.#listeners.add(listener);
    return { cancel: () => this.#listeners.delete(listener) };
  }

  #take(type: ClusterEvent['type'], member: Member): void {
    this.#noteUp(member);
    if (type === 'MemberRemoved') this.#upSince.delete(member.node.key);
    const change = changes[type];
    if (change === undefined) return;
    const view = this.#view(member, type !== 'UnreachableMember');
    for (const listener of this.#listeners) listener(view, change);
  }

  #noteUp(member: Member): void {
    if (member.status !== 'Up' || this.#upSince.has(member.node.key)) return;
    this.#upSince.set(member.node.key, this.#clock.wallMs());
  }

  #view(member: Member, reachable: boolean): GridMember {
    return {
      address: addressText(member.node.address),
      roles: [...member.roles].filter((role) => !inventedRole.test(role)),
      status: member.status,
      reachable,
      upSinceWallMs: this.#upSince.get(member.node.key),
    };
  }
}
