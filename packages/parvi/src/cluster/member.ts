// A member of the cluster: its status and the moves that status may make, its age, roles and data center.

import { assert } from '../runtime/index.ts';
import { type ClusterNode, compareNodes } from './node.ts';

export type MemberStatus =
  | 'Joining'
  | 'WeaklyUp'
  | 'Up'
  | 'Leaving'
  | 'Exiting'
  | 'Down'
  | 'Removed'
  | 'PreparingForShutdown'
  | 'ReadyForShutdown';

export interface Member {
  readonly node: ClusterNode;
  readonly status: MemberStatus;
  /** Order of becoming Up; {@link upNumberNone} until then. The smaller, the older. */
  readonly upNumber: number;
  /** All roles, the data-center role `dc-...` included. */
  readonly roles: readonly string[];
  readonly dataCenter: string;
  readonly appVersion: string;
}

export const upNumberNone = 2147483647;
export const dataCenterRolePrefix = 'dc-';
export const defaultDataCenter = 'default';
export const defaultAppVersion = '0.0.0';

/** What a status may turn into (Pekko `Member.allowedTransitions`). */
const allowedMoves: Readonly<Record<MemberStatus, readonly MemberStatus[]>> = {
  Joining: ['WeaklyUp', 'Up', 'Leaving', 'Down', 'Removed'],
  WeaklyUp: ['Up', 'Leaving', 'Down', 'Removed'],
  Up: ['Leaving', 'Down', 'Removed', 'PreparingForShutdown'],
  Leaving: ['Exiting', 'Down', 'Removed'],
  Exiting: ['Removed', 'Down'],
  Down: ['Removed'],
  PreparingForShutdown: ['ReadyForShutdown', 'Removed', 'Leaving', 'Down'],
  ReadyForShutdown: ['Removed', 'Leaving', 'Down'],
  Removed: [],
};

/** What a member may be as long as it is one. */
export const memberStatuses: readonly MemberStatus[] = (
  Object.keys(allowedMoves) as MemberStatus[]
).filter((status) => status !== 'Removed');

/** Which of two statuses of the same member is further along when two gossips are merged. */
const mergePriority: Readonly<Record<MemberStatus, number>> = {
  Removed: 8,
  ReadyForShutdown: 7,
  Down: 6,
  Exiting: 5,
  Leaving: 4,
  PreparingForShutdown: 3,
  Up: 2,
  WeaklyUp: 1,
  Joining: 0,
};

/** A member that has just asked to join. Roles without a data center get `dc-default`. */
export function joiningMember(
  node: ClusterNode,
  roles: readonly string[],
  appVersion: string = defaultAppVersion,
): Member {
  const all = withDataCenterRole(roles);
  return {
    node,
    status: 'Joining',
    upNumber: upNumberNone,
    roles: all,
    dataCenter: dataCenterOf(all),
    appVersion,
  };
}

export function withDataCenterRole(roles: readonly string[]): readonly string[] {
  if (roles.some((role) => role.startsWith(dataCenterRolePrefix))) return roles;
  return [...roles, dataCenterRolePrefix + defaultDataCenter];
}

export function dataCenterOf(roles: readonly string[]): string {
  const role = roles.find((each) => each.startsWith(dataCenterRolePrefix));
  return role === undefined ? defaultDataCenter : role.slice(dataCenterRolePrefix.length);
}

export function mayMove(from: MemberStatus, to: MemberStatus): boolean {
  return from === to || allowedMoves[from].includes(to);
}

export function withStatus(member: Member, status: MemberStatus): Member {
  if (member.status === status) return member;
  assert(
    mayMove(member.status, status),
    `a member does not move from ${member.status} to ${status} (${member.node.key})`,
  );
  return { ...member, status };
}

/** Moves a joining member to Up with its place in the order of age. */
export function withUp(member: Member, upNumber: number): Member {
  return { ...withStatus(member, 'Up'), upNumber };
}

/** Of two views of the same member: the higher status, at equal status the older. */
export function furtherAlong(a: Member, b: Member): Member {
  if (a.status === b.status) return isOlder(a, b) ? a : b;
  return mergePriority[a.status] >= mergePriority[b.status] ? a : b;
}

/** Smaller up number; at equal numbers the lower address (Pekko `Member.isOlderThan`). */
export function isOlder(a: Member, b: Member): boolean {
  return compareAge(a, b) < 0;
}

/** Oldest first. */
export function compareAge(a: Member, b: Member): number {
  return a.upNumber === b.upNumber ? compareNodes(a.node, b.node) : a.upNumber - b.upNumber;
}

export function compareMembers(a: Member, b: Member): number {
  return compareNodes(a.node, b.node);
}

export function hasRole(member: Member, role: string): boolean {
  return member.roles.includes(role);
}
