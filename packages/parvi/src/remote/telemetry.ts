// What remoting counts. Plain number fields, because the hot path adds to them for every batch; the registry reads
// them when somebody asks.

import type { MetricsRegistry } from '../observe/index.ts';

/** Why a connection or frame from outside was dropped. Also the label values of the counter. */
export type RefusalCause =
  | 'connectionLimit'
  | 'introductionTimeout'
  | 'wrongMagic'
  | 'tls'
  | 'unknownStream'
  | 'frameTooLarge'
  | 'strangerMemory'
  | 'malformedEnvelope'
  | 'unsupportedVersion'
  | 'unknownUid'
  | 'unknownCompression'
  | 'quarantinedPeer'
  | 'wrongStream'
  | 'wrongAddress'
  | 'fromSelf'
  | 'uidCollision'
  | 'undecodable'
  | 'recipientMissing'
  | 'notAllowed'
  | 'absentFeature'
  | 'handlingFailed';

export class RemotingTelemetry {
  framesSent = 0;
  bytesSent = 0;
  framesReceived = 0;
  bytesReceived = 0;
  /** Frames whose recipient came as an index into a table of ours. */
  compressedFramesReceived = 0;
  dials = 0;
  dialFailures = 0;
  handshakeTimeouts = 0;
  quarantines = 0;
  systemMessagesResent = 0;
  inboundConnections = 0;
  /** Times that reading waited for an actor. */
  holdBacks = 0;
  /** Messages for actors that did not catch up while reading waited. */
  overloadDrops = 0;
  readonly #refusals = new Map<RefusalCause, number>();

  refused(cause: RefusalCause): void {
    this.#refusals.set(cause, (this.#refusals.get(cause) ?? 0) + 1);
  }

  refusals(cause: RefusalCause): number {
    return this.#refusals.get(cause) ?? 0;
  }

  /** Shows the counts in the registry; returns what takes them out again. */
  register(
    metrics: MetricsRegistry,
    views: { readonly associations: () => number; readonly queuedBytes: () => number },
  ): () => void {
    const counter = (name: string, help: string, read: () => number) =>
      metrics.read({ kind: 'counter', name: `parvi_remote_${name}_total`, help, read });
    const gauge = (name: string, help: string, read: () => number) =>
      metrics.read({ kind: 'gauge', name: `parvi_remote_${name}`, help, read });
    const handles = [
      counter('frames_sent', 'Frames handed to sockets', () => this.framesSent),
      counter('sent_bytes', 'Bytes handed to sockets', () => this.bytesSent),
      counter('frames_received', 'Frames read from sockets', () => this.framesReceived),
      counter('received_bytes', 'Bytes read from sockets', () => this.bytesReceived),
      counter(
        'compressed_frames_received',
        'Frames that named their recipient by table index',
        () => this.compressedFramesReceived,
      ),
      counter('dials', 'Connections dialled', () => this.dials),
      counter('dial_failures', 'Connections that failed or were ended', () => this.dialFailures),
      counter(
        'handshake_timeouts',
        'Streams given up because the peer did not introduce itself',
        () => this.handshakeTimeouts,
      ),
      counter('quarantines', 'Peers declared lost until they restart', () => this.quarantines),
      counter(
        'system_messages_resent',
        'System messages sent again for lack of an acknowledgement',
        () => this.systemMessagesResent,
      ),
      counter(
        'hold_backs',
        'Times that reading waited because an actor had too many messages',
        () => this.holdBacks,
      ),
      counter(
        'overload_drops',
        'Messages of other nodes that became dead letters because their actor had too many',
        () => this.overloadDrops,
      ),
      metrics.read({
        kind: 'counter',
        name: 'parvi_remote_refusals_total',
        help: 'Connections and frames from outside that were dropped, by cause',
        labels: ['cause'],
        read: () => [...this.#refusals].map(([cause, value]) => ({ labels: [cause], value })),
      }),
      gauge('inbound_connections', 'Open inbound connections', () => this.inboundConnections),
      gauge('associations', 'Peers known', views.associations),
      gauge('outbound_queued_bytes', 'Bytes waiting for sockets', views.queuedBytes),
    ];
    return () => {
      for (const handle of handles) handle.cancel();
    };
  }
}
