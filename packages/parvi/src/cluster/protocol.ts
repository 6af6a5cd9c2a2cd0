// What cluster nodes tell each other, and everything else that may happen to the membership state machine.

import type { Address } from '../wire/index.ts';
import type { Gossip } from './gossip.ts';
import type { ClusterNode, NodeKey } from './node.ts';
import type { VectorClock } from './vector-clock.ts';

/** Verdict of a contact node on a joiner's configuration. */
export type ConfigCheck =
  | { readonly verdict: 'Unchecked' }
  | { readonly verdict: 'Incompatible' }
  /** With the contact's values as JSON text. */
  | { readonly verdict: 'Compatible'; readonly config: string };

export type ClusterMessage =
  | { readonly type: 'InitJoin'; readonly config: string | undefined }
  | { readonly type: 'InitJoinAck'; readonly address: Address; readonly check: ConfigCheck }
  | { readonly type: 'InitJoinNack'; readonly address: Address }
  | {
      readonly type: 'Join';
      readonly node: ClusterNode;
      readonly roles: readonly string[];
      readonly appVersion: string;
    }
  | { readonly type: 'Welcome'; readonly from: ClusterNode; readonly gossip: Gossip }
  | { readonly type: 'Leave'; readonly address: Address }
  | { readonly type: 'Down'; readonly address: Address }
  | { readonly type: 'ExitingConfirmed'; readonly node: ClusterNode }
  | GossipStatus
  | GossipEnvelope
  | {
      readonly type: 'Heartbeat';
      readonly from: Address;
      readonly sequenceNr: bigint;
      readonly creationNanos: bigint;
    }
  | {
      readonly type: 'HeartbeatRsp';
      readonly from: ClusterNode;
      readonly sequenceNr: bigint;
      readonly creationNanos: bigint;
    };

export interface GossipStatus {
  readonly type: 'GossipStatus';
  readonly from: ClusterNode;
  readonly version: VectorClock;
  /** Hex SHA-1; empty when the sender gave none. */
  readonly seenDigest: string;
}

export interface GossipEnvelope {
  readonly type: 'GossipEnvelope';
  readonly from: ClusterNode;
  readonly to: ClusterNode;
  readonly gossip: Gossip;
}

/** The cluster's actors that messages go to and come from; the names are the last part of their paths. */
export type ClusterActor =
  | 'daemon'
  | 'heartbeatReceiver'
  | 'heartbeatSender'
  | `firstSeedNodeProcess-${number}`
  | `joinSeedNodeProcess-${number}`;

/** Where an answer goes; what else it holds is the shell's business. */
export interface Correspondent {
  readonly address: Address;
}

export type ClusterInput =
  | { readonly type: 'start' }
  | {
      readonly type: 'message';
      readonly message: ClusterMessage;
      readonly sender: Correspondent;
      readonly to: ClusterActor;
      /** When the bytes were read; gossip that waited longer than its time to live is dropped. */
      readonly receivedAtMs?: number;
    }
  | { readonly type: 'joinTo'; readonly address: Address }
  | { readonly type: 'joinSeedNodes'; readonly addresses: readonly Address[] }
  | { readonly type: 'leave'; readonly address: Address }
  | { readonly type: 'down'; readonly address: Address }
  | { readonly type: 'prepareForFullShutdown' }
  /** The work that a leaving node does while Exiting is done. */
  | { readonly type: 'exitingCompleted' }
  | { readonly type: 'stop' }
  /** This node has quarantined the other, not harmlessly. */
  | { readonly type: 'quarantined'; readonly node: NodeKey }
  /** The other node says that it has quarantined this one. */
  | { readonly type: 'quarantinedByRemote'; readonly node: NodeKey }
  | { readonly type: 'gossipTick' }
  | { readonly type: 'gossipSpeedupTick' }
  | { readonly type: 'reaperTick' }
  | { readonly type: 'leaderTick' }
  | { readonly type: 'heartbeatTick' }
  | { readonly type: 'expectedHeartbeat'; readonly node: ClusterNode }
  | { readonly type: 'seedProcessTick'; readonly process: number }
  | { readonly type: 'delayedQuarantine'; readonly node: ClusterNode }
  | { readonly type: 'splitBrainTick' }
  | { readonly type: 'leaseDelayOver' }
  | { readonly type: 'leaseAcquired'; readonly held: boolean }
  | { readonly type: 'leaseReleased'; readonly released: boolean }
  | { readonly type: 'leaseLost' };
