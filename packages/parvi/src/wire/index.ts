// Layer 1: bytes to values and back. No I/O, no clock, no actors.

export {
  type ActorPathText,
  actorPathText,
  encodePathElement,
  isValidPathElement,
  parseActorPath,
  rootPathText,
} from './actor-path.ts';
export {
  type Address,
  type AddressDefaults,
  addressText,
  compareAddresses,
  compareUniqueAddresses,
  parseAddress,
  sameAddress,
  sameUniqueAddress,
  type UniqueAddress,
  uniqueAddressText,
} from './address.ts';
export { isAppVersion } from './app-version.ts';
export { ByteWriter } from './byte-writer.ts';
export { CborReader, type CborReaderOptions } from './cbor-reader.ts';
export { refTag } from './cbor-tags.ts';
export { CborWriter } from './cbor-writer.ts';
export { clusterBytes, clusterSerializerId, readCluster } from './cluster-codec.ts';
export {
  type ClusterMessage,
  type ConfigCheck,
  type Down,
  type ExitingConfirmed,
  type GossipEnvelope,
  type GossipStatus,
  type GossipWire,
  type Heartbeat,
  type HeartbeatRsp,
  type InitJoin,
  type InitJoinAck,
  type InitJoinNack,
  type Join,
  type Leave,
  type MemberStatus,
  type MemberWire,
  memberStatuses,
  type ObserverWire,
  type ReachabilityStatus,
  reachabilityStatuses,
  type SubjectWire,
  type TombstoneWire,
  upNumberUndefined,
  type Welcome,
} from './cluster-messages.ts';
export { OutboundCompression, OutboundTable } from './compression.ts';
export { controlBytes, controlSerializerId, readControl } from './control-codec.ts';
export type {
  ActorSystemTerminating,
  ActorSystemTerminatingAck,
  ArteryHeartbeat,
  ArteryHeartbeatRsp,
  CompressionAck,
  CompressionAdvertisement,
  CompressionKind,
  ControlMessage,
  Flush,
  FlushAck,
  HandshakeReq,
  HandshakeRsp,
  Quarantined,
  SystemMessageAck,
  SystemMessageEnvelope,
  UnreadableSystemMessage,
} from './control-messages.ts';
export { Envelope, EnvelopeReader, readEnvelope } from './envelope.ts';
export { EnvelopeWriter, type EnvelopeWriterOptions } from './envelope-writer.ts';
export { shortText, WireError, type WireErrorCode, wireErrorCodes } from './errors.ts';
export {
  connectionPreamble,
  FrameCutter,
  type FrameCutterOptions,
  type StreamId,
  streamIds,
} from './framing.ts';
export { gossipBytes, readGossip } from './gossip-codec.ts';
export { HeaderText, HeaderTexts, noText } from './header-text.ts';
export { jsonText, readJson } from './json.ts';
export { type ControlRoute, writeControl, writeMessage } from './message-frames.ts';
export type { MessageType } from './message-types.ts';
export {
  type MetadataPlace,
  metadataDataStart,
  metadataEntry,
  metadataSection,
  traceMetadataKey,
} from './metadata.ts';
export { miscSerializerId } from './misc-codec.ts';
export type { MiscMessage, StackTraceElement } from './misc-messages.ts';
export { type WireLimits, wireLimitsDefaults } from './options.ts';
export type { Payload } from './payload.ts';
export { isRefLike, type RefLike, type RefResolver, refText, textRefs } from './ref-text.ts';
export {
  type SelectionElement,
  type SelectionMessage,
  selectionElements,
  selectionSerializerId,
} from './selection.ts';
export type { Serializer, ValueSerializer } from './serializer.ts';
export { SerializerRegistry, type SerializerRegistryOptions } from './serializers.ts';
export { Slab, SlabPool, type SlabPoolOptions } from './slab-pool.ts';
export { readSystemMessage, systemMessageBytes, systemSerializerId } from './system-codec.ts';
export type { SystemMessage } from './system-messages.ts';
export {
  clusterMessage,
  controlMessage,
  isWireMessage,
  miscMessage,
  selectionMessage,
  WireMessage,
  type WireMessages,
} from './wire-message.ts';
