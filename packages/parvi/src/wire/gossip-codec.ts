// Gossip to protobuf and back. On the wire everything that repeats (addresses, roles, clock keys, versions) stands in an
// index table; as a value everything stands where it belongs. Source: Pekko `ClusterMessageSerializer`.

import { assert } from '../runtime/index.ts';
import { type UniqueAddress, uniqueAddressText } from './address.ts';
import { isAppVersion } from './app-version.ts';
import {
  type GossipWire,
  type MemberWire,
  memberStatuses,
  type ObserverWire,
  reachabilityStatuses,
} from './cluster-messages.ts';
import { countOf, malformed, readProto } from './internal/proto.ts';
import { clusterNodeInit, clusterNodeOf } from './internal/proto-addresses.ts';
import { protoBytes } from './internal/proto-message.ts';
import {
  type Gossip,
  type GossipOverview,
  GossipSchema,
  type Member,
  type MemberStatus,
  type ReachabilityStatus,
  type VectorClock,
} from './proto/cluster.ts';

const dataCenterPrefix = 'dc-';
const defaultDataCenterRole = 'dc-default';
const versionDefault = '0.0.0';

/** Positions of values in the order of their first use. */
class IndexTable<T> {
  readonly values: T[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #keyOf: (value: T) => string;

  constructor(keyOf: (value: T) => string) {
    this.#keyOf = keyOf;
  }

  add(value: T): number {
    const key = this.#keyOf(value);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.values.push(value) - 1;
      this.#indexes.set(key, index);
    }
    return index;
  }

  /** Pekko's encoder refuses what is no member and no tombstone, and so does this one. */
  of(value: T): number {
    const index = this.#indexes.get(this.#keyOf(value));
    assert(
      index !== undefined,
      `gossip mentions members and tombstones only, not ${this.#keyOf(value)}`,
    );
    return index;
  }
}

/** Uncompressed bytes. Members are expected in their order (host, port, uid). */
export function gossipBytes(gossip: GossipWire): Uint8Array {
  return protoBytes(GossipSchema, gossipInit(gossip));
}

export function gossipInit(gossip: GossipWire): Gossip {
  const nodes = new IndexTable<UniqueAddress>(uniqueAddressText);
  const roles = new IndexTable<string>((role) => role);
  const versions = new IndexTable<string>((version) => version);
  const members = gossip.members.map((member) => ({
    addressIndex: nodes.add(member.node),
    upNumber: member.upNumber,
    status: memberStatuses.indexOf(member.status) as MemberStatus,
    rolesIndexes: member.roles.map((role) => roles.add(role)),
    appVersionIndex: versions.add(member.appVersion),
  }));
  const tombstones = gossip.tombstones.map(({ node, removedAtMs }) => ({
    addressIndex: nodes.add(node),
    timestamp: BigInt(removedAtMs),
  }));
  for (const appVersion of versions.values) {
    assert(
      isAppVersion(appVersion),
      `no app version "${appVersion}" is sent: a Pekko node that cannot read it ends itself`,
    );
  }
  const { allHashes, version } = clockInit(gossip.version);
  return {
    allAddresses: nodes.values.map(clusterNodeInit),
    allRoles: roles.values,
    allHashes,
    members,
    overview: {
      seen: gossip.seen.map((node) => nodes.of(node)),
      observerReachability: gossip.reachability.map((row) => ({
        addressIndex: nodes.of(row.observer),
        version: BigInt(row.version),
        subjectReachability: row.subjects.map(({ subject, status, version }) => ({
          addressIndex: nodes.of(subject),
          status: reachabilityStatuses.indexOf(status) as ReachabilityStatus,
          version: BigInt(version),
        })),
      })),
    },
    version,
    tombstones,
    allAppVersions: versions.values,
  };
}

/** @throws WireError `PAYLOAD_MALFORMED` */
export function readGossip(bytes: Uint8Array): GossipWire {
  return gossipOf(readProto(GossipSchema, bytes));
}

/** @throws WireError `PAYLOAD_MALFORMED` when an index does not fit its table or an app version is none. */
export function gossipOf(fields: Gossip): GossipWire {
  const nodes = fields.allAddresses.map(clusterNodeOf);
  for (const version of fields.allAppVersions) {
    if (!isAppVersion(version)) {
      throw malformed('Gossip', `"${version}" is not an app version such as "1.2.3-rc1"`);
    }
  }
  return {
    members: fields.members.map((member) => memberOf(member, nodes, fields)),
    seen: fields.overview.seen.map((index) => at(nodes, index, 'seen')),
    reachability: reachabilityOf(fields.overview, nodes),
    version: clockOf(fields.version, fields.allHashes, 'Gossip'),
    tombstones: fields.tombstones.map(({ addressIndex, timestamp }) => ({
      node: at(nodes, addressIndex, 'tombstone'),
      removedAtMs: countOf(timestamp, 'Gossip'),
    })),
  };
}

/** Clock entries with the table of their keys; Gossip and GossipStatus each have one. */
export function clockInit(clock: ReadonlyMap<string, number>): {
  allHashes: string[];
  version: { timestamp: bigint; versions: { hashIndex: number; timestamp: bigint }[] };
} {
  const allHashes = [...clock.keys()];
  const versions = [...clock.values()].map((counter, hashIndex) => ({
    hashIndex,
    timestamp: BigInt(counter),
  }));
  return { allHashes, version: { timestamp: 0n, versions } };
}

export function clockOf(
  clock: VectorClock,
  hashes: readonly string[],
  what: string,
): Map<string, number> {
  return new Map(
    clock.versions.map(({ hashIndex, timestamp }) => [
      at(hashes, hashIndex, 'clock entry', what),
      countOf(timestamp, what),
    ]),
  );
}

/** Every node is in some data center, even if its version did not know of them. */
export function withDataCenter(roles: readonly string[]): readonly string[] {
  const known = roles.some((role) => role.startsWith(dataCenterPrefix));
  return known ? roles : [...roles, defaultDataCenterRole];
}

function memberOf(member: Member, nodes: readonly UniqueAddress[], fields: Gossip): MemberWire {
  const { allRoles, allAppVersions } = fields;
  const roles = member.rolesIndexes.map((index) => at(allRoles, index, 'role'));
  return {
    node: at(nodes, member.addressIndex, 'member'),
    status: at(memberStatuses, member.status, 'status'),
    upNumber: member.upNumber,
    roles: withDataCenter(roles),
    appVersion:
      allAppVersions.length === 0
        ? versionDefault
        : at(allAppVersions, member.appVersionIndex ?? 0, 'app version'),
  };
}

function reachabilityOf(overview: GossipOverview, nodes: readonly UniqueAddress[]): ObserverWire[] {
  return overview.observerReachability.map((row) => ({
    observer: at(nodes, row.addressIndex, 'observer'),
    version: countOf(row.version, 'Gossip'),
    subjects: row.subjectReachability.map(({ addressIndex, status, version }) => ({
      subject: at(nodes, addressIndex, 'subject'),
      status: at(reachabilityStatuses, status, 'reachability'),
      version: countOf(version, 'Gossip'),
    })),
  }));
}

function at<T>(table: readonly T[], index: number, entry: string, what = 'Gossip'): T {
  const value = table[index];
  if (value === undefined) {
    throw malformed(
      what,
      `the index ${index} of a ${entry} is beyond its table of ${table.length}`,
    );
  }
  return value;
}
