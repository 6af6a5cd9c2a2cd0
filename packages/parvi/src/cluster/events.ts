// What happened in the cluster, as the difference between two local views. Statuses that were passed through between
// the two are skipped; the order inside one difference is fixed (Pekko `ClusterEvent`).

import type { Tombstone } from './gossip.ts';
import type { LocalView } from './local-view.ts';
import type { Member, MemberStatus } from './member.ts';
import type { ClusterNode, NodeKey } from './node.ts';
import type { Reachability } from './reachability.ts';

export type MemberStatusEventType =
  | 'MemberJoined'
  | 'MemberWeaklyUp'
  | 'MemberUp'
  | 'MemberLeft'
  | 'MemberExited'
  | 'MemberDowned'
  | 'MemberPreparingForShutdown'
  | 'MemberReadyForShutdown';

export type ClusterEvent =
  | { readonly type: MemberStatusEventType; readonly member: Member }
  | {
      readonly type: 'MemberRemoved';
      /** With status Removed. */
      readonly member: Member;
      readonly previousStatus: MemberStatus;
    }
  | { readonly type: 'UnreachableMember' | 'ReachableMember'; readonly member: Member }
  | {
      readonly type: 'UnreachableDataCenter' | 'ReachableDataCenter';
      readonly dataCenter: string;
    }
  | { readonly type: 'LeaderChanged'; readonly leader: ClusterNode | undefined }
  | {
      readonly type: 'RoleLeaderChanged';
      readonly role: string;
      readonly leader: ClusterNode | undefined;
    }
  | { readonly type: 'ClusterShuttingDown' }
  | {
      readonly type: 'SeenChanged';
      readonly converged: boolean;
      readonly seenBy: ReadonlySet<NodeKey>;
    }
  | { readonly type: 'ReachabilityChanged'; readonly reachability: Reachability }
  | {
      readonly type: 'MemberTombstonesChanged';
      readonly tombstones: ReadonlyMap<NodeKey, Tombstone>;
    };

export type ClusterEventType = ClusterEvent['type'];

const eventOfStatus: Readonly<Record<Exclude<MemberStatus, 'Removed'>, MemberStatusEventType>> = {
  Joining: 'MemberJoined',
  WeaklyUp: 'MemberWeaklyUp',
  Up: 'MemberUp',
  Leaving: 'MemberLeft',
  Exiting: 'MemberExited',
  Down: 'MemberDowned',
  PreparingForShutdown: 'MemberPreparingForShutdown',
  ReadyForShutdown: 'MemberReadyForShutdown',
};

/** All events between two views of the same member, in the order in which subscribers get them. */
export function eventsBetween(before: LocalView, after: LocalView): readonly ClusterEvent[] {
  if (before.gossip === after.gossip) return [];
  const events: ClusterEvent[] = [];
  if (before.gossip.tombstones !== after.gossip.tombstones) tombstoneEvents(after, events, before);
  const sameMembers = before.gossip.members === after.gossip.members;
  if (!sameMembers) memberEvents(before, after, events);
  if (!sameMembers || before.gossip.reachability !== after.gossip.reachability) {
    reachabilityEvents(before, after, events);
    dataCenterEvents(before, after, events);
    leaderEvents(before, after, events);
  }
  seenEvents(before, after, events);
  if (before.gossip.reachability !== after.gossip.reachability) {
    events.push({ type: 'ReachabilityChanged', reachability: after.gossip.reachability });
  }
  return events;
}

function tombstoneEvents(after: LocalView, events: ClusterEvent[], before: LocalView): void {
  const old = before.gossip.tombstones;
  const { tombstones } = after.gossip;
  const same = old.size === tombstones.size && [...old.keys()].every((key) => tombstones.has(key));
  if (!same) events.push({ type: 'MemberTombstonesChanged', tombstones });
}

function memberEvents(before: LocalView, after: LocalView, events: ClusterEvent[]): void {
  for (const [key, member] of before.gossip.members) {
    if (after.gossip.members.has(key)) continue;
    events.push({
      type: 'MemberRemoved',
      member: { ...member, status: 'Removed' },
      previousStatus: member.status,
    });
  }
  for (const [key, member] of after.gossip.members) {
    const old = before.gossip.members.get(key);
    if (old === member || member.status === 'Removed') continue;
    if (old?.status === member.status && old.upNumber === member.upNumber) continue;
    events.push({ type: eventOfStatus[member.status], member });
  }
}

function reachabilityEvents(before: LocalView, after: LocalView, events: ClusterEvent[]): void {
  const reachableBefore = before.reachability;
  for (const key of after.unreachable) {
    if (!reachableBefore.isReachable(key)) continue;
    const member = after.gossip.members.get(key);
    if (member !== undefined) events.push({ type: 'UnreachableMember', member });
  }
  for (const [key, status] of reachableBefore.aggregate) {
    if (status !== 'Unreachable' || key === after.at.self) continue;
    const member = after.gossip.members.get(key);
    if (member !== undefined && after.reachability.isReachable(key)) {
      events.push({ type: 'ReachableMember', member });
    }
  }
}

function dataCenterEvents(before: LocalView, after: LocalView, events: ClusterEvent[]): void {
  for (const dataCenter of after.unreachableDataCenters) {
    if (!before.unreachableDataCenters.has(dataCenter)) {
      events.push({ type: 'UnreachableDataCenter', dataCenter });
    }
  }
  for (const dataCenter of before.unreachableDataCenters) {
    if (!after.unreachableDataCenters.has(dataCenter)) {
      events.push({ type: 'ReachableDataCenter', dataCenter });
    }
  }
}

function leaderEvents(before: LocalView, after: LocalView, events: ClusterEvent[]): void {
  if (before.leader?.key !== after.leader?.key) {
    events.push({ type: 'LeaderChanged', leader: after.leader });
  }
  for (const [role, leader] of after.roleLeaders) {
    if (before.roleLeaders.get(role)?.key !== leader?.key) {
      events.push({ type: 'RoleLeaderChanged', role, leader });
    }
  }
  for (const [role, leader] of before.roleLeaders) {
    if (leader !== undefined && !after.roleLeaders.has(role)) {
      events.push({ type: 'RoleLeaderChanged', role, leader: undefined });
    }
  }
}

function seenEvents(before: LocalView, after: LocalView, events: ClusterEvent[]): void {
  const old = before.gossip.seen;
  const { seen } = after.gossip;
  const sameSeen =
    old === seen || (old.size === seen.size && [...old].every((key) => seen.has(key)));
  if (sameSeen && before.converged === after.converged) return;
  events.push({ type: 'SeenChanged', converged: after.converged, seenBy: seen });
}
