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

/** Members that may be talked to: from weakly up until they are down or gone. */
export function isActive(member: GridMember): boolean {
  return ['WeaklyUp', 'Up', 'Leaving', 'Exiting', 'PreparingForShutdown'].includes(member.status);
}
