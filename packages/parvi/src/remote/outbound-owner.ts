// What an outbound stream is given: its limits, and the association it belongs to.

import type { Clock, Timers } from '../runtime/index.ts';
import type {
  ControlMessage,
  EnvelopeWriter,
  HandshakeReq,
  HeaderText,
  OutboundCompression,
  SlabPool,
  StreamId,
} from '../wire/index.ts';
import type { HandshakeTiming } from './handshake.ts';
import type { SealedSlab } from './outbound-queue.ts';
import type { ReconnectLimits } from './reconnect.ts';
import type { DialHandlers, OutboundLink } from './transport.ts';

export interface OutboundStreamOptions {
  readonly stream: StreamId;
  readonly frameBytesMax: number;
  readonly framesMax: number;
  readonly bytesMax: number;
  readonly handshake: HandshakeTiming;
  readonly reconnect: ReconnectLimits;
  readonly dialTimeoutMs: number;
  /** Set on the ordinary stream only. */
  readonly compression?: OutboundCompression;
}

/** Why messages that were taken did not leave; each is a reason of dead letters. */
export type UndeliveredReason =
  | 'remoteUnreachable'
  | 'remoteQuarantined'
  | 'remoteTerminating'
  | 'earlierIncarnation';

export interface StreamOwner {
  readonly selfUid: bigint;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pool: SlabPool;
  /** Uniform in [0, 1). */
  chance(): number;
  /** Calls back once at the end of the present turn. */
  afterTurn(callback: () => void): void;
  /** Appends one whole frame. @throws WireError */
  encode(writer: EnvelopeWriter, message: unknown, recipient: HeaderText, sender: HeaderText): void;
  encodeControl(
    writer: EnvelopeWriter,
    message: ControlMessage,
    recipient: HeaderText,
    sender: HeaderText,
  ): void;
  handshakeRequest(): HandshakeReq;
  peerIsKnown(): boolean;
  dial(timeoutMs: number, handlers: DialHandlers): OutboundLink;
  /** Whether the stream is dialled again although nothing waits in it. */
  mustStayOpen(stream: StreamId): boolean;
  /**
   * Turns frames into dead letters. With `onlyCompressed`, frames without table indexes are spared and given back.
   */
  undelivered(
    frames: Uint8Array,
    reason: UndeliveredReason,
    onlyCompressed: boolean,
  ): SealedSlab | undefined;
  written(frames: number, bytes: number): void;
  linkOpened(stream: StreamId): void;
  /** The link failed or the other side ended it. */
  linkEnded(stream: StreamId, error: Error | undefined): void;
  /** We ended the link. */
  linkClosed(stream: StreamId): void;
  handshakeTimedOut(stream: StreamId): void;
}
