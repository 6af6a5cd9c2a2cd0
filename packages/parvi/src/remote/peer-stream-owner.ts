// What the streams of one peer ask for: ports, encoding, and someone to tell of their fate.

import { type Clock, randomFloat, type Timers } from '../runtime/index.ts';
import {
  type Address,
  addressText,
  type ControlMessage,
  type EnvelopeWriter,
  type HandshakeReq,
  type HeaderText,
  type SlabPool,
  type StreamId,
  streamIds,
} from '../wire/index.ts';
import { RemoteError } from './errors.ts';
import { streamNames } from './events.ts';
import type { StreamOwner, UndeliveredReason } from './outbound-owner.ts';
import type { SealedSlab } from './outbound-queue.ts';
import type { PeerTables } from './peer-tables.ts';
import type { RemotingContext } from './remoting-context.ts';
import type { DialHandlers, OutboundLink } from './transport.ts';

export interface PeerHooks {
  isKnown(): boolean;
  /** Whether nobody is expected to answer there any more: links that fail are no news. */
  isOver(): boolean;
  mustStayOpen(stream: StreamId): boolean;
  handshakeTimedOut(stream: StreamId): void;
}

export class PeerStreamOwner implements StreamOwner {
  readonly selfUid: bigint;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pool: SlabPool;
  readonly #address: Address;
  readonly #addressText: string;
  readonly #context: RemotingContext;
  readonly #tables: PeerTables;
  readonly #hooks: PeerHooks;

  constructor(address: Address, context: RemotingContext, tables: PeerTables, hooks: PeerHooks) {
    this.selfUid = context.self.uid;
    this.clock = context.clock;
    this.timers = context.timers;
    this.pool = context.pool;
    this.#address = address;
    this.#addressText = addressText(address);
    this.#context = context;
    this.#tables = tables;
    this.#hooks = hooks;
  }

  chance(): number {
    return randomFloat(this.#context.random);
  }

  afterTurn(callback: () => void): void {
    this.#context.afterTurn(callback);
  }

  encode(
    writer: EnvelopeWriter,
    message: unknown,
    recipient: HeaderText,
    sender: HeaderText,
  ): void {
    this.#context.encoder.encode(writer, message, recipient, sender);
  }

  encodeControl(
    writer: EnvelopeWriter,
    message: ControlMessage,
    recipient: HeaderText,
    sender: HeaderText,
  ): void {
    const route = { peer: this.#address, recipient, sender };
    this.#context.encoder.encodeControl(writer, message, route);
  }

  handshakeRequest(): HandshakeReq {
    return { kind: 'handshakeReq', from: this.#context.self, to: this.#address };
  }

  peerIsKnown(): boolean {
    return this.#hooks.isKnown();
  }

  dial(timeoutMs: number, handlers: DialHandlers): OutboundLink {
    this.#context.telemetry.dials++;
    const { host, port } = this.#address;
    return this.#context.transport.dial({ host, port, timeoutMs }, handlers);
  }

  mustStayOpen(stream: StreamId): boolean {
    return this.#hooks.mustStayOpen(stream);
  }

  undelivered(
    frames: Uint8Array,
    reason: UndeliveredReason,
    onlyCompressed: boolean,
  ): SealedSlab | undefined {
    return this.#context.framesUndelivered(frames, reason, this.#tables, onlyCompressed);
  }

  written(frames: number, bytes: number): void {
    const { telemetry } = this.#context;
    telemetry.framesSent += frames;
    telemetry.bytesSent += bytes;
  }

  linkOpened(stream: StreamId): void {
    if (stream === streamIds.ordinary) this.#tables.use();
  }

  linkEnded(stream: StreamId, error: Error | undefined): void {
    this.linkClosed(stream);
    this.#context.telemetry.dialFailures++;
    if (error === undefined) return;
    const code = error instanceof RemoteError ? error.code : 'REMOTE_DIAL_FAILED';
    const fields = { peer: this.#addressText, stream: streamNames[stream], error, code };
    // Who answers with a certificate, a wrong one even, is there.
    if (code === 'REMOTE_DIAL_FAILED' && this.#hooks.isOver()) {
      this.#context.log.debug(fields, 'There is no connection to a peer that has ended');
      return;
    }
    // With TLS a link may open before the peer refuses it, each time anew.
    const key = code.startsWith('REMOTE_TLS') ? code : stream;
    this.#context.complaints.write(
      `dial ${this.#addressText} ${key}`,
      'warn',
      fields,
      'Connection to a peer failed; it is dialled again while there is something to send',
    );
  }

  linkClosed(stream: StreamId): void {
    if (stream === streamIds.ordinary) this.#tables.clearInUse();
  }

  handshakeTimedOut(stream: StreamId): void {
    const { telemetry, complaints, limits } = this.#context;
    telemetry.handshakeTimeouts++;
    complaints.write(
      `handshake ${this.#addressText}`,
      'warn',
      {
        peer: this.#addressText,
        stream: streamNames[stream],
        waitedMs: limits.handshakeTimeoutMs,
        code: 'REMOTE_HANDSHAKE_TIMEOUT',
      },
      'Peer did not introduce itself in time; what waited for it became dead letters',
    );
    this.#hooks.handshakeTimedOut(stream);
  }
}
