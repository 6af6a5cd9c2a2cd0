// Cluster events as server-sent events, in the form of Pekko Management (`ClusterDomainEventServerSentEventEncoder`): the
// data line stands before the event line, and events that it does not know are left out.

import type { ClusterEvent, ClusterEventType, Member } from '../cluster/index.ts';
import { type JsonValue, jsonText } from './json-text.ts';

export const heartbeatText = 'data:\n\n';

const memberTypes = [
  'MemberJoined',
  'MemberWeaklyUp',
  'MemberUp',
  'MemberLeft',
  'MemberExited',
  'MemberDowned',
  'MemberRemoved',
] as const;
const reachabilityTypes = ['UnreachableMember', 'ReachableMember'] as const;
const dataCenterTypes = ['UnreachableDataCenter', 'ReachableDataCenter'] as const;
const leaderTypes = ['LeaderChanged', 'RoleLeaderChanged', 'ClusterShuttingDown'] as const;

const all = [...memberTypes, ...reachabilityTypes, ...dataCenterTypes, ...leaderTypes] as const;

type ToldType = (typeof all)[number];

/** An event that has a text. */
export type ToldEvent = ClusterEvent & { readonly type: ToldType };

/** What a name in `?type=` stands for. */
const byName = new Map<string, readonly ToldType[]>([
  ...all.map((type) => [type, [type]] as const),
  ['ClusterDomainEvent', all],
  ['MemberEvent', memberTypes],
  ['ReachabilityEvent', reachabilityTypes],
  ['DataCenterReachabilityEvent', dataCenterTypes],
]);

/** Types asked for; none asked for are all of them. Names that are unknown are dropped. */
export function toldTypes(names: readonly string[]): readonly ToldEvent['type'][] {
  if (names.length === 0) return all;
  return [...new Set(names.flatMap((name) => byName.get(name) ?? []))];
}

export function isTold(event: { readonly type: ClusterEventType | string }): event is ToldEvent {
  return all.some((type) => type === event.type);
}

export function eventText(event: ToldEvent): string {
  const fields = { ...fieldsOf(event), type: event.type };
  return `data:${jsonText(fields)}\nevent:${event.type}\n\n`;
}

function fieldsOf(event: ToldEvent): Readonly<Record<string, JsonValue>> {
  switch (event.type) {
    case 'MemberRemoved':
      return { member: memberFields(event.member), previousStatus: event.previousStatus };
    case 'LeaderChanged':
      return { address: event.leader?.addressKey };
    case 'RoleLeaderChanged':
      return { role: event.role, address: event.leader?.addressKey };
    case 'UnreachableDataCenter':
    case 'ReachableDataCenter':
      return { dataCenter: event.dataCenter };
    case 'ClusterShuttingDown':
      return {};
    default:
      return { member: memberFields(event.member) };
  }
}

function memberFields({ node, status, roles, dataCenter }: Member): JsonValue {
  const uniqueAddress = { address: node.addressKey, longUid: node.uid };
  return { uniqueAddress, status, roles, dataCenter };
}
