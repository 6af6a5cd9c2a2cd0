// Who wants to know what: event types asked for, and what a subscriber is told first.

import { type ClusterEvent, type ClusterEventType, eventsBetween } from './events.ts';
import { emptyGossip } from './gossip.ts';
import { LocalView } from './local-view.ts';
import type { Member } from './member.ts';
import type { ClusterNode, NodeKey } from './node.ts';

/** The cluster as this node sees it now. Empty before joining and after leaving. */
export interface ClusterState {
  /** In the order of addresses. */
  readonly members: readonly Member[];
  /** Members that somebody in the data center cannot reach; never this one. */
  readonly unreachable: readonly Member[];
  /** Members that have seen the current version of all this. */
  readonly seenBy: readonly ClusterNode[];
  readonly leader: ClusterNode | undefined;
  /** By role, for all roles that any member has. */
  readonly roleLeaders: ReadonlyMap<string, ClusterNode | undefined>;
  readonly unreachableDataCenters: ReadonlySet<string>;
}

/** The first thing told to a subscriber that asked for a snapshot. */
export interface CurrentClusterState {
  readonly type: 'CurrentClusterState';
  readonly state: ClusterState;
}

export type ClusterEventOf<T extends ClusterEventType> = Extract<
  ClusterEvent,
  { readonly type: T }
>;

/** Members coming, changing status, going. */
export const memberEvents = [
  'MemberJoined',
  'MemberWeaklyUp',
  'MemberUp',
  'MemberLeft',
  'MemberExited',
  'MemberDowned',
  'MemberPreparingForShutdown',
  'MemberReadyForShutdown',
  'MemberRemoved',
] as const satisfies readonly ClusterEventType[];

/** Members becoming unreachable, and reachable again. */
export const reachabilityEvents = [
  'UnreachableMember',
  'ReachableMember',
] as const satisfies readonly ClusterEventType[];

/** `snapshot`: the state as one value; `events`: the state as the events that lead to it from nothing. */
export type InitialState = 'snapshot' | 'events';

export interface Subscriber {
  readonly types: ReadonlySet<ClusterEventType>;
  /** An actor that has stopped; its subscription ends by itself. */
  isGone(): boolean;
  /** A promise is heard out for its rejection. */
  tell(event: ClusterEvent | CurrentClusterState): unknown;
}

export function stateOf(view: LocalView): ClusterState {
  const { members, seen } = view.gossip;
  const nodeOf = (key: NodeKey): readonly ClusterNode[] => {
    const node = members.get(key)?.node;
    return node === undefined ? [] : [node];
  };
  return {
    members: [...members.values()],
    unreachable: view.unreachableMembers,
    seenBy: [...seen].flatMap(nodeOf),
    leader: view.leader,
    roleLeaders: view.roleLeaders,
    unreachableDataCenters: view.unreachableDataCenters,
  };
}

/** Tells a new subscriber where things stand. */
export function tellInitial(subscriber: Subscriber, view: LocalView, initial: InitialState): void {
  if (initial === 'snapshot') {
    subscriber.tell({ type: 'CurrentClusterState', state: stateOf(view) });
    return;
  }
  for (const event of eventsBetween(new LocalView(emptyGossip, view.at), view)) {
    if (subscriber.types.has(event.type)) subscriber.tell(event);
  }
}
