// Layer 3: actors of other nodes. Artery TCP as Apache Pekko speaks it.

export { checkRemotingFiles } from './check-files.ts';
export { RemoteError, type RemoteErrorCode, remoteErrorCodes } from './errors.ts';
export type { AssociationView, RemotingEvent, StreamView } from './events.ts';
export { MemoryNetwork, type MemoryNetworkOptions } from './memory-transport.ts';
export type { SerializationOptions } from './message-codec.ts';
export {
  checkRemotingOptions,
  defaultPort,
  type RemotingLimits,
  type RemotingOptions,
  remotingLimitsDefaults,
} from './options.ts';
export {
  type DetectorRegistry,
  emptyRegistry,
  type HeartbeatHistory,
  heartbeatFrom,
  isAvailable,
  type PhiAccrualOptions,
  phi,
  withHeartbeat,
  withoutPeer,
} from './phi-accrual.ts';
export { RemoteRef } from './remote-ref.ts';
export { Remoting, remotingKey, remotingOf } from './remoting.ts';
export { type TcpTransportOptions, tcpTransport } from './tcp-transport.ts';
export type { RefusalCause, RemotingTelemetry } from './telemetry.ts';
export {
  cipherSuites,
  plainTransport,
  resolveTlsOptions,
  type TlsOptions,
  type TlsProtocol,
  tlsProtocols,
} from './tls-options.ts';
export type {
  DialHandlers,
  DialOptions,
  InboundLink,
  Listener,
  ListenHandlers,
  ListenOptions,
  OutboundLink,
  Transport,
} from './transport.ts';
