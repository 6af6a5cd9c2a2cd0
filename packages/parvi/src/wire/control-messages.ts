// Messages by which two remoting layers speak with each other (serializer 17): handshakes, acknowledgements,
// quarantine notices, compression tables, heartbeats of death watch, flushes.
// Source: Pekko `ArteryMessageSerializer`, `ArteryControlFormats.proto`.

import type { Address, UniqueAddress } from './address.ts';
import type { SystemMessage } from './system-messages.ts';

export type CompressionKind = 'actorRefs' | 'manifests';

export interface HandshakeReq {
  readonly kind: 'handshakeReq';
  readonly from: UniqueAddress;
  readonly to: Address;
}

export interface HandshakeRsp {
  readonly kind: 'handshakeRsp';
  readonly from: UniqueAddress;
}

export interface Quarantined {
  readonly kind: 'quarantined';
  readonly from: UniqueAddress;
  readonly to: UniqueAddress;
}

/** The frame's sender is the ref that wants the acknowledgement. */
export interface ActorSystemTerminating {
  readonly kind: 'actorSystemTerminating';
  readonly from: UniqueAddress;
}

export interface ActorSystemTerminatingAck {
  readonly kind: 'actorSystemTerminatingAck';
  readonly from: UniqueAddress;
}

export interface CompressionAdvertisement {
  readonly kind: 'compressionAdvertisement';
  readonly table: CompressionKind;
  readonly from: UniqueAddress;
  /** Uid of the system whose traffic the table is for. */
  readonly originUid: bigint;
  /** 1 to 127, then 0. */
  readonly version: number;
  /** In any order; `keys[i]` has the index `indexes[i]`. */
  readonly keys: readonly string[];
  readonly indexes: readonly number[];
}

export interface CompressionAck {
  readonly kind: 'compressionAck';
  readonly table: CompressionKind;
  readonly from: UniqueAddress;
  readonly version: number;
}

export interface SystemMessageEnvelope {
  readonly kind: 'systemMessageEnvelope';
  /** Starts at 1 for each pair of incarnations. */
  readonly seqNo: number;
  readonly ackReplyTo: UniqueAddress;
  /** `unreadable` only comes from reading: the envelope must be acknowledged even so, or it is sent again for hours. */
  readonly message: SystemMessage | UnreadableSystemMessage;
}

export interface UnreadableSystemMessage {
  readonly kind: 'unreadable';
  readonly serializerId: number;
  readonly reason: string;
}

export interface SystemMessageAck {
  readonly kind: 'ack' | 'nack';
  /** For `ack` the last number delivered; for `nack` likewise, 0 when none was. */
  readonly seqNo: number;
  readonly from: UniqueAddress;
}

/** Travels inside a selection to `/system/remote-watcher`. */
export interface ArteryHeartbeat {
  readonly kind: 'arteryHeartbeat';
}

export interface ArteryHeartbeatRsp {
  readonly kind: 'arteryHeartbeatRsp';
  readonly uid: bigint;
}

/** The frame's sender is the ref that wants the acknowledgement. */
export interface Flush {
  readonly kind: 'flush';
}

export interface FlushAck {
  readonly kind: 'flushAck';
  readonly expectedAcks: number;
}

export type ControlMessage =
  | HandshakeReq
  | HandshakeRsp
  | Quarantined
  | ActorSystemTerminating
  | ActorSystemTerminatingAck
  | CompressionAdvertisement
  | CompressionAck
  | SystemMessageEnvelope
  | SystemMessageAck
  | ArteryHeartbeat
  | ArteryHeartbeatRsp
  | Flush
  | FlushAck;
