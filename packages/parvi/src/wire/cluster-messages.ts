// Messages of the cluster membership protocol (serializer 5) as plain values: index tables are resolved, gzip is
// undone, uids are whole. Source: Pekko `ClusterMessageSerializer`, `ClusterMessages.proto`.

import type { Address, UniqueAddress } from './address.ts';

/** In the order of their wire numbers. `removed` never stands in a valid gossip. */
export const memberStatuses = [
  'joining',
  'up',
  'leaving',
  'exiting',
  'down',
  'removed',
  'weaklyUp',
  'preparingForShutdown',
  'readyForShutdown',
] as const;
export type MemberStatus = (typeof memberStatuses)[number];

/** In the order of their wire numbers. */
export const reachabilityStatuses = ['reachable', 'unreachable', 'terminated'] as const;
export type ReachabilityStatus = (typeof reachabilityStatuses)[number];

/** `upNumber` of a member that was not Up yet. */
export const upNumberUndefined = 2_147_483_647;

export interface MemberWire {
  readonly node: UniqueAddress;
  readonly status: MemberStatus;
  /** {@link upNumberUndefined} until the leader has moved the member to Up. */
  readonly upNumber: number;
  /** Includes the data center as `dc-<name>`; reading adds `dc-default` where none is given. */
  readonly roles: readonly string[];
  readonly appVersion: string;
}

/** All rows of one observer; observers without rows are kept, their version matters. */
export interface ObserverWire {
  readonly observer: UniqueAddress;
  readonly version: number;
  readonly subjects: readonly SubjectWire[];
}

export interface SubjectWire {
  readonly subject: UniqueAddress;
  readonly status: ReachabilityStatus;
  readonly version: number;
}

export interface TombstoneWire {
  readonly node: UniqueAddress;
  /** Unix epoch, milliseconds. */
  readonly removedAtMs: number;
}

export interface GossipWire {
  readonly members: readonly MemberWire[];
  readonly seen: readonly UniqueAddress[];
  readonly reachability: readonly ObserverWire[];
  /** Vector clock: node key (32 hex digits) to counter. */
  readonly version: ReadonlyMap<string, number>;
  readonly tombstones: readonly TombstoneWire[];
}

/** The joining side's required settings as concise JSON; `undefined` only when read from a peer that sent none. */
export interface InitJoin {
  readonly kind: 'initJoin';
  readonly config: string | undefined;
}

/** Answer to a config check; `config` is what the joining node must agree with. */
export type ConfigCheck =
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'incompatible' }
  | { readonly kind: 'compatible'; readonly config: string };

export interface InitJoinAck {
  readonly kind: 'initJoinAck';
  readonly address: Address;
  readonly configCheck: ConfigCheck;
}

export interface InitJoinNack {
  readonly kind: 'initJoinNack';
  readonly address: Address;
}

export interface Join {
  readonly kind: 'join';
  readonly node: UniqueAddress;
  readonly roles: readonly string[];
  readonly appVersion: string;
}

export interface Welcome {
  readonly kind: 'welcome';
  readonly from: UniqueAddress;
  readonly gossip: GossipWire;
}

export interface Leave {
  readonly kind: 'leave';
  readonly address: Address;
}

export interface Down {
  readonly kind: 'down';
  readonly address: Address;
}

export interface ExitingConfirmed {
  readonly kind: 'exitingConfirmed';
  readonly node: UniqueAddress;
}

export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly from: Address;
  /** -1 when the peer did not send one. */
  readonly sequenceNr: bigint;
  /** Monotonic clock of the sender, nanoseconds; echoed as it came. -1 when the peer did not send one. */
  readonly creationTimeNs: bigint;
}

export interface HeartbeatRsp {
  readonly kind: 'heartbeatRsp';
  readonly from: UniqueAddress;
  readonly sequenceNr: bigint;
  readonly creationTimeNs: bigint;
}

export interface GossipStatus {
  readonly kind: 'gossipStatus';
  readonly from: UniqueAddress;
  readonly version: ReadonlyMap<string, number>;
  /** SHA-1, 20 bytes; absent from peers that do not send it. */
  readonly seenDigest: Uint8Array | undefined;
}

export interface GossipEnvelope {
  readonly kind: 'gossipEnvelope';
  readonly from: UniqueAddress;
  readonly to: UniqueAddress;
  readonly gossip: GossipWire;
}

export type ClusterMessage =
  | InitJoin
  | InitJoinAck
  | InitJoinNack
  | Join
  | Welcome
  | Leave
  | Down
  | ExitingConfirmed
  | Heartbeat
  | HeartbeatRsp
  | GossipStatus
  | GossipEnvelope;
