// One accepted connection: bytes to frames. What breaks the framing ends this connection and no other; a connection
// that says nothing useful in time is closed. Until a peer has introduced itself over it, a connection may bring short
// frames only, for anybody can dial us; and until that peer has answered our own handshake at the address that it claims,
// what it leaves unfinished shares one small piece of memory with all others of that kind.

import { errorLine, toError } from '../runtime/index.ts';
import { FrameCutter, type StreamId, streamIds, WireError } from '../wire/index.ts';
import { RemoteError } from './errors.ts';
import type { Held, HeldBack } from './held-back.ts';
import { hostOf } from './inbound-refusals.ts';
import { controlFrameBytesMax } from './options.ts';
import type { RemotingContext } from './remoting-context.ts';
import type { RefusalCause } from './telemetry.ts';
import { tlsError } from './tls-errors.ts';
import type { InboundLink, ListenHandlers } from './transport.ts';

/** A frame without its length field: `bytes[start..end)`. */
export type FramePlace = Pick<FrameCutter, 'bytes' | 'start' | 'end'>;

/** Takes frames one by one; must not throw for any bytes. */
export interface FrameHandler {
  frame(place: FramePlace, stream: StreamId, from: string): void;
  /** Who sent the frame before, if he has introduced himself. */
  lastSender(): KnownSender | undefined;
  /** Actors that have got more than they can bear since the last call; reading waits for them, for a while. */
  takeOverload(): Overload | undefined;
}

export interface KnownSender {
  /** Whether he also answered the handshake that we sent to the address that he claims. */
  readonly answered: boolean;
}

export interface Overload {
  isOver(): boolean;
  /** Reading begins to wait for it. */
  waits(from: string): void;
  /** Reading goes on; the actors get nothing more from other nodes until they have caught up. */
  giveUp(): void;
}

/** What all connections of one node share. */
export interface ConnectionOwner {
  /** Memory of unfinished frames on connections of peers that have not answered our handshake. */
  strangerBytes: number;
  readonly heldBack: HeldBack;
  ended(connection: InboundConnection): void;
}

export class InboundConnection implements ListenHandlers, Held {
  readonly #link: InboundLink;
  readonly #context: RemotingContext;
  readonly #handler: FrameHandler;
  readonly #owner: ConnectionOwner;
  readonly #cutter: FrameCutter;
  readonly #acceptedAtMs: number;
  #sender: KnownSender | undefined;
  /** Our part of the owner's `strangerBytes`. */
  #strangerBytes = 0;
  /** What reading waits for; empty while it goes on. */
  #overloads: Overload[] = [];
  #waitsUntilMs = 0;
  /** Until then reading does not wait again: all else of that peer has its turn. */
  #readsUntilMs = Number.NEGATIVE_INFINITY;
  #ended = false;

  constructor(
    link: InboundLink,
    context: RemotingContext,
    handler: FrameHandler,
    owner: ConnectionOwner,
  ) {
    this.#link = link;
    this.#context = context;
    this.#handler = handler;
    this.#owner = owner;
    this.#acceptedAtMs = context.clock.nowMs();
    this.#cutter = new FrameCutter({ frameBytesMax: (stream) => this.#frameBytesMax(stream) });
    context.telemetry.inboundConnections++;
  }

  get from(): string {
    return this.#link.from;
  }

  /** Whether its peer has answered our handshake. */
  get isAnswered(): boolean {
    return this.#sender?.answered === true;
  }

  onData(chunk: Uint8Array): void {
    if (this.#ended) return;
    const { telemetry } = this.#context;
    telemetry.bytesReceived += chunk.length;
    const cutter = this.#cutter;
    try {
      cutter.push(chunk);
      while (!this.#ended && cutter.next()) {
        telemetry.framesReceived++;
        const stream = cutter.stream ?? streamIds.control;
        this.#handler.frame(cutter, stream, this.#link.from);
        if (!this.isAnswered) this.#judgeSender();
      }
      const overload = this.#handler.takeOverload();
      if (overload !== undefined) this.#overloaded(overload);
      if (!this.isAnswered) this.#boundStrangers();
      else if (this.#strangerBytes > 0) this.#countStrangerBytes(0);
    } catch (thrown) {
      const isTheirs = thrown instanceof WireError;
      this.#refuse(isTheirs ? causeOf(thrown) : 'handlingFailed', toError(thrown));
    }
  }

  #frameBytesMax(stream: StreamId): number {
    const { limits, usesLargeStream } = this.#context;
    if (stream === streamIds.control) return controlFrameBytesMax;
    const isLarge = stream === streamIds.large && usesLargeStream;
    const known = isLarge ? limits.inboundLargeFrameBytesMax : limits.inboundFrameBytesMax;
    if (this.#sender !== undefined) return known;
    return Math.min(known, limits.inboundStrangerFrameBytesMax);
  }

  #judgeSender(): void {
    const sender = this.#handler.lastSender();
    if (sender === undefined || sender === this.#sender) return;
    this.#sender = sender;
    this.#cutter.limitChanged();
  }

  /** Who makes the unfinished frames of strangers too many goes; whole frames, as handshakes are, cost nothing. */
  #boundStrangers(): void {
    const before = this.#strangerBytes;
    this.#countStrangerBytes(this.#ended ? 0 : this.#cutter.heldMemoryBytes);
    const isFull = this.#owner.strangerBytes > this.#context.limits.inboundStrangerBytesMax;
    if (isFull && this.#strangerBytes > before) this.#refuse('strangerMemory', undefined);
  }

  #countStrangerBytes(bytes: number): void {
    this.#owner.strangerBytes += bytes - this.#strangerBytes;
    this.#strangerBytes = bytes;
  }

  /**
   * Reads no more until the actors have caught up: the peer's queue fills instead of our heap. Gossip and whatever else
   * the peer has to say waits as well, so this ends in time, and as much time passes before it is done again. Heartbeats
   * and system messages, on the control stream, never wait.
   */
  #overloaded(overload: Overload): void {
    const { clock, limits, telemetry, timers } = this.#context;
    const nowMs = clock.nowMs();
    const isControl = this.#cutter.stream === streamIds.control;
    if (this.#ended || isControl || limits.inboundHoldBackMs === 0 || nowMs < this.#readsUntilMs) {
      overload.giveUp();
      return;
    }
    // Some transports still hand over what they had read already.
    this.#overloads.push(overload);
    if (this.#overloads.length > 1) return;
    this.#waitsUntilMs = nowMs + limits.inboundHoldBackMs;
    this.#link.pause();
    telemetry.holdBacks++;
    overload.waits(this.from);
    this.#owner.heldBack.add(this, timers);
  }

  lookAgain(): void {
    if (!this.#overloads.every((overload) => overload.isOver())) {
      const nowMs = this.#context.clock.nowMs();
      if (nowMs < this.#waitsUntilMs) return;
      for (const overload of this.#overloads) overload.giveUp();
      this.#readsUntilMs = nowMs + this.#context.limits.inboundHoldBackMs;
    }
    this.#overloads = [];
    this.#owner.heldBack.delete(this);
    this.#link.resume();
  }

  onClose(error: Error | undefined): void {
    const { from } = this;
    if (error instanceof RemoteError) {
      this.#context.telemetry.refused('tls');
      this.#complain(error.code, error, 'Inbound connection was refused; others are not affected');
    } else if (error !== undefined) {
      this.#context.log.debug({ from, error: errorLine(error) }, 'Inbound connection failed');
    }
    this.#end();
  }

  /** Called now and then: closes a connection over which no known peer has spoken in time. */
  tick(): void {
    const ageMs = this.#context.clock.nowMs() - this.#acceptedAtMs;
    if (this.#sender !== undefined || ageMs < this.#context.limits.inboundIntroductionMs) return;
    this.#refuse('introductionTimeout', undefined);
  }

  /** Gives its place to another connection. */
  displace(): void {
    this.#refuse('connectionLimit', undefined);
  }

  close(): void {
    if (this.#ended) return;
    this.#link.close();
    this.#end();
  }

  #refuse(cause: RefusalCause, error: Error | undefined): void {
    this.#context.telemetry.refused(cause);
    const isTls = cause === 'tls';
    this.#complain(
      cause,
      isTls ? tlsError('REMOTE_TLS_UNEXPECTED', this.from, error) : error,
      'Inbound connection was closed because of what it sent; other peers are not affected',
    );
    this.close();
  }

  /** Once for each cause and host. */
  #complain(cause: string, error: Error | undefined, line: string): void {
    const { from } = this;
    const code = error instanceof RemoteError ? error.code : 'REMOTE_INBOUND_REFUSED';
    const fields = { from, cause, error, code };
    const level = cause === 'handlingFailed' ? 'error' : 'warn';
    this.#context.complaints.write(`refuse ${cause} ${hostOf(from)}`, level, fields, line);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#context.telemetry.inboundConnections--;
    this.#countStrangerBytes(0);
    this.#owner.heldBack.delete(this);
    this.#owner.ended(this);
  }
}

function causeOf(error: WireError): RefusalCause {
  if (error.code === 'FRAME_MAGIC_WRONG') {
    // A handshake of TLS begins so.
    return String(error.fields.magic).startsWith('\x16') ? 'tls' : 'wrongMagic';
  }
  return error.code === 'FRAME_STREAM_UNKNOWN' ? 'unknownStream' : 'frameTooLarge';
}
