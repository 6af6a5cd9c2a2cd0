// The value that all members agree on by telling each other: members, who has seen this version, reachability,
// tombstones of removed nodes, and a vector clock over it all. Immutable; every change makes a new value.

import { createHash } from 'node:crypto';
import { assert } from '../runtime/index.ts';
import {
  compareMembers,
  furtherAlong,
  type Member,
  type MemberStatus,
  withStatus,
} from './member.ts';
import { type ClusterNode, clockKey, type NodeKey } from './node.ts';
import { Reachability } from './reachability.ts';
import {
  emptyClock,
  incrementClock,
  mergeClocks,
  pruneClock,
  type VectorClock,
} from './vector-clock.ts';

export interface Tombstone {
  readonly node: ClusterNode;
  /** Milliseconds since the Unix epoch at the node that removed it. */
  readonly removedAtMs: number;
}

export interface Gossip {
  /** In the order of addresses. */
  readonly members: ReadonlyMap<NodeKey, Member>;
  /** Members known to have exactly this version. */
  readonly seen: ReadonlySet<NodeKey>;
  readonly reachability: Reachability;
  readonly version: VectorClock;
  readonly tombstones: ReadonlyMap<NodeKey, Tombstone>;
}

export const emptyGossip: Gossip = {
  members: new Map(),
  seen: new Set(),
  reachability: Reachability.empty,
  version: emptyClock,
  tombstones: new Map(),
};

/** Members in the order of addresses, from any order. */
export function membersInOrder(members: Iterable<Member>): ReadonlyMap<NodeKey, Member> {
  const sorted = [...members].sort(compareMembers);
  return new Map(sorted.map((member) => [member.node.key, member]));
}

/** The status of a node; `Removed` when it is not a member. */
export function statusOf(gossip: Gossip, key: NodeKey): MemberStatus {
  return gossip.members.get(key)?.status ?? 'Removed';
}

export function memberAt(gossip: Gossip, addressKey: string): Member | undefined {
  for (const member of gossip.members.values()) {
    if (member.node.addressKey === addressKey) return member;
  }
  return undefined;
}

export function addMembers(gossip: Gossip, members: readonly Member[]): Gossip {
  return { ...gossip, members: membersInOrder([...gossip.members.values(), ...members]) };
}

/** Replaces members that are already there; their order does not change. */
export function updateMembers(gossip: Gossip, changed: readonly Member[]): Gossip {
  if (changed.length === 0) return gossip;
  const members = new Map(gossip.members);
  for (const member of changed) {
    assert(members.has(member.node.key), `only members are updated, not ${member.node.key}`);
    members.set(member.node.key, member);
  }
  return { ...gossip, members };
}

/** Down, and no longer counted among those who have seen this version. */
export function markDown(gossip: Gossip, member: Member): Gossip {
  const seen = new Set(gossip.seen);
  seen.delete(member.node.key);
  return { ...updateMembers(gossip, [withStatus(member, 'Down')]), seen };
}

/** Takes the nodes out of everything and leaves tombstones. */
export function removeNodes(
  gossip: Gossip,
  nodes: readonly ClusterNode[],
  nowWallMs: number,
): Gossip {
  if (nodes.length === 0) return gossip;
  const keys = new Set(nodes.map((node) => node.key));
  const members = new Map(gossip.members);
  const seen = new Set(gossip.seen);
  const tombstones = new Map(gossip.tombstones);
  let version = gossip.version;
  for (const node of nodes) {
    members.delete(node.key);
    seen.delete(node.key);
    tombstones.set(node.key, { node, removedAtMs: nowWallMs });
    version = pruneClock(version, clockKey(node));
  }
  return { members, seen, reachability: gossip.reachability.remove(keys), version, tombstones };
}

/** Forgets tombstones set at or before the given epoch time. */
export function pruneTombstones(gossip: Gossip, removedUntilMs: number): Gossip {
  const kept = [...gossip.tombstones].filter(([, each]) => each.removedAtMs > removedUntilMs);
  return kept.length === gossip.tombstones.size ? gossip : { ...gossip, tombstones: new Map(kept) };
}

export function withVersionOf(gossip: Gossip, node: ClusterNode): Gossip {
  return { ...gossip, version: incrementClock(gossip.version, clockKey(node)) };
}

export function withSeen(gossip: Gossip, key: NodeKey): Gossip {
  return gossip.seen.has(key) ? gossip : { ...gossip, seen: new Set(gossip.seen).add(key) };
}

export function withSeenOnly(gossip: Gossip, key: NodeKey | undefined): Gossip {
  return { ...gossip, seen: new Set(key === undefined ? [] : [key]) };
}

/** Both know the same version: whoever either of them has seen it in has seen it. */
export function withSeenOfBoth(gossip: Gossip, other: Gossip): Gossip {
  let seen: Set<NodeKey> | undefined;
  for (const key of other.seen) {
    if (gossip.seen.has(key)) continue;
    seen ??= new Set(gossip.seen);
    seen.add(key);
  }
  return seen === undefined ? gossip : { ...gossip, seen };
}

/**
 * A short name of the seen set, so that two nodes notice that they differ there: hex SHA-1 over the addresses without
 * uid, in member order, joined by commas.
 */
export function seenDigest(gossip: Gossip): string {
  const known = seenDigests.get(gossip.seen);
  if (known !== undefined) return known;
  const addresses: string[] = [];
  for (const [key, member] of gossip.members) {
    if (gossip.seen.has(key)) addresses.push(member.node.addressKey);
  }
  const digest = createHash('sha1').update(addresses.join(',')).digest('hex');
  seenDigests.set(gossip.seen, digest);
  return digest;
}

/** A seen set names the same members for as long as it lives, so its digest does not change. */
const seenDigests = new WeakMap<ReadonlySet<NodeKey>, string>();

/** One gossip out of two concurrent ones; the same whichever way round, save for the times of shared tombstones. */
export function mergeGossip(remote: Gossip, local: Gossip): Gossip {
  const a = pruneRemovedElsewhere(remote, local);
  const b = pruneRemovedElsewhere(local, remote);
  const tombstones = new Map([...a.tombstones, ...b.tombstones]);
  let version = mergeClocks(a.version, b.version);
  for (const { node } of tombstones.values()) version = pruneClock(version, clockKey(node));
  const members = mergeMembers(a, b, tombstones);
  const reachability = a.reachability.merge(members, b.reachability);
  return { members, seen: new Set(), reachability, version, tombstones };
}

/** A member that is going on one side and gone on the other was removed there; its clock entry goes with it. */
function pruneRemovedElsewhere(gossip: Gossip, other: Gossip): Gossip {
  let version = gossip.version;
  for (const [key, member] of gossip.members) {
    if (isGoing(member) && !other.members.has(key))
      version = pruneClock(version, clockKey(member.node));
  }
  return version === gossip.version ? gossip : { ...gossip, version };
}

function mergeMembers(
  a: Gossip,
  b: Gossip,
  tombstones: ReadonlyMap<NodeKey, Tombstone>,
): ReadonlyMap<NodeKey, Member> {
  const merged = new Map<NodeKey, Member>();
  const keep = (member: Member): void => {
    const { key } = member.node;
    if (!tombstones.has(key) && !isGoing(member)) merged.set(key, member);
  };
  // Both are in order, so one walk along both gives the order of the whole.
  const others = b.members.values();
  let other = others.next();
  for (const [key, member] of a.members) {
    for (; other.done !== true && compareMembers(other.value, member) < 0; other = others.next()) {
      keep(other.value);
    }
    if (other.done === true || other.value.node.key !== key) keep(member);
    else {
      merged.set(key, furtherAlong(member, other.value));
      other = others.next();
    }
  }
  for (; other.done !== true; other = others.next()) keep(other.value);
  return merged;
}

function isGoing(member: Member): boolean {
  return member.status === 'Down' || member.status === 'Exiting';
}

/** Equal in everything but the clock and who has seen it. */
export function hasSameContent(a: Gossip, b: Gossip): boolean {
  if (a.members !== b.members) {
    if (a.members.size !== b.members.size) return false;
    for (const [key, member] of a.members) {
      const other = b.members.get(key);
      if (other?.status !== member.status || other.upNumber !== member.upNumber) return false;
    }
  }
  if (a.tombstones.size !== b.tombstones.size) return false;
  return a.reachability === b.reachability || a.reachability.equals(b.reachability);
}

/** What no correct gossip violates; the sentence of the first violation, or nothing. */
export function gossipViolation(gossip: Gossip): string | undefined {
  const { members, reachability } = gossip;
  for (const member of members.values()) {
    if (member.status === 'Removed') return `${member.node.key} is a member with status Removed`;
  }
  for (const key of gossip.seen) {
    if (!members.has(key)) return `${key} has seen the gossip and is not a member`;
  }
  for (const row of reachability.rows) {
    if (!members.has(row.observer)) return `${row.observer} observes and is not a member`;
    if (!members.has(row.subject)) return `${row.subject} is observed and is not a member`;
  }
  for (const observer of reachability.versions.keys()) {
    if (!members.has(observer)) return `${observer} has a reachability version and is not a member`;
  }
  if (gossip.version.size > members.size) {
    return `the clock has ${gossip.version.size} entries for ${members.size} members`;
  }
  return undefined;
}
