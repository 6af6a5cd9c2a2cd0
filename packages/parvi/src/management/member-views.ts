// Members as JSON, in the forms of Pekko Management (`ClusterHttpManagementProtocol`, `HttpBootstrapJsonProtocol`): the
// uid is text among the members and a number for bootstrap.

import { type ClusterState, compareAge, type Member } from '../cluster/index.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { JsonValue } from './json-text.ts';

/** Seed nodes told to who asks for them. */
const seedNodesMax = 5;

const seedStatuses: readonly string[] = ['Up', 'WeaklyUp', 'Joining'];

export function memberView({ node, status, roles }: Member): JsonValue {
  return { node: node.addressKey, nodeUid: String(node.uid), status, roles };
}

export function membersView(cluster: ClusterPort): JsonValue {
  const { state, self, selfMember, unreachability } = cluster;
  const oldest = oldestFirst(state, selfMember.dataCenter);
  return {
    selfNode: self.addressKey,
    members: state.members.map(memberView),
    unreachable: unreachability.map(({ subject, observers }) => ({
      node: subject.addressKey,
      observedBy: observers.map(({ addressKey }) => addressKey),
    })),
    leader: state.leader?.addressKey,
    oldest: oldest[0]?.node.addressKey,
    oldestPerRole: oldestPerRole(oldest),
  };
}

/** Members that are Up in the data center of this node. */
function oldestFirst({ members }: ClusterState, dataCenter: string): readonly Member[] {
  return members
    .filter((member) => member.status === 'Up' && member.dataCenter === dataCenter)
    .sort(compareAge);
}

function oldestPerRole(oldest: readonly Member[]): Readonly<Record<string, string>> {
  const roles = new Map<string, string>();
  for (const { roles: own, node } of oldest) {
    for (const role of own) if (!roles.has(role)) roles.set(role, node.addressKey);
  }
  return Object.fromEntries(roles);
}

/** What a node that looks for a cluster to join is told. */
export function seedNodesView({ state, self }: ClusterPort): JsonValue {
  const unreachable = new Set(state.unreachable.map(({ node }) => node.key));
  const seeds = state.members.filter(
    ({ node, status }) => seedStatuses.includes(status) && !unreachable.has(node.key),
  );
  return {
    selfNode: self.addressKey,
    seedNodes: seeds.slice(0, seedNodesMax).map(({ node, status, roles }) => ({
      node: node.addressKey,
      nodeUid: node.uid,
      status,
      roles,
    })),
  };
}

/** By `pekko://system@host:port` or by `system@host:port`. */
export function findMember({ members }: ClusterState, address: string): Member | undefined {
  return members.find(({ node }) => {
    const { system, host, port } = node.address;
    return node.addressKey === address || `${system}@${host}:${port}` === address;
  });
}
