// The port to the cluster: who is a member, with which roles, and who comes and goes.

import type { MemberChange } from './views.ts';

/** Role of the nodes that take jobs. */
export const controllerRole = 'ctrl';
/** Role of the nodes that price. */
export const workerRole = 'valeng';

export interface GridMember {
  /** `pekko://Valuation@host:port`. */
  readonly address: string;
  readonly roles: readonly string[];
  /** As Pekko names it. */
  readonly status: string;
  readonly reachable: boolean;
  readonly upSinceWallMs: number | undefined;
}

export interface Membership {
  readonly clusterName: string;
  readonly selfAddress: string;
  readonly leader: string | undefined;
  members(): readonly GridMember[];
  subscribe(listener: (member: GridMember, change: MemberChange) => void): { cancel(): void };
}

const activeStatuses = [
  'WeaklyUp',
  'Up',
  'Leaving',
  'Exiting',
  'PreparingForShutdown',
  'ReadyForShutdown',
];

/** Members that may be talked to: from weakly up until they are down or gone. */
export function isActive(member: GridMember): boolean {
  return activeStatuses.includes(member.status);
}

/** Whether this node itself is a member that others talk to. */
export function isMember(membership: Membership): boolean {
  const { selfAddress } = membership;
  return membership.members().some((one) => one.address === selfAddress && isActive(one));
}

/** Whether this node has left: it lists nobody any more, itself neither, and is told that all are removed. */
export function hasLeft(membership: Membership): boolean {
  const { selfAddress } = membership;
  return !membership.members().some(({ address }) => address === selfAddress);
}

/** A membership that is what it is told: for a grid in one process, and for tests. */
export class FixedMembership implements Membership {
  readonly clusterName: string;
  readonly selfAddress: string;
  leader: string | undefined;
  #members: readonly GridMember[];
  readonly #listeners = new Set<(member: GridMember, change: MemberChange) => void>();

  constructor(clusterName: string, selfAddress: string, members: readonly GridMember[]) {
    this.clusterName = clusterName;
    this.selfAddress = selfAddress;
    this.leader = selfAddress;
    this.#members = members;
  }

  members(): readonly GridMember[] {
    return this.#members;
  }

  subscribe(listener: (member: GridMember, change: MemberChange) => void): { cancel(): void } {
    this.#listeners.add(listener);
    return { cancel: () => this.#listeners.delete(listener) };
  }

  /** Puts a member in its new state, or takes it out, and tells the listeners. */
  change(member: GridMember, change: MemberChange): void {
    const others = this.#members.filter(({ address }) => address !== member.address);
    this.#members = change === 'removed' ? others : [...others, member];
    for (const listener of this.#listeners) listener(member, change);
  }

  /** This node leaves: it lists nobody any more, and hears that all are removed. */
  leave(): void {
    const members = this.#members;
    this.#members = [];
    for (const member of members) {
      for (const listener of this.#listeners) listener(member, 'removed');
    }
  }
}
