// One outbound stream to one peer: messages are encoded into a slab when they are told, and the slab goes to the
// socket once a turn. What the socket does not take waits here, within limits; nothing waits in the socket's own
// buffers, so memory to a slow or dead peer is bounded and known.

import type { Cancellable } from '../runtime/index.ts';
import {
  type ControlMessage,
  type EnvelopeWriter,
  type HeaderText,
  noText,
  type StreamId,
} from '../wire/index.ts';
import { AwaitedAnswer } from './awaited-answer.ts';
import { DialSchedule } from './dial-schedule.ts';
import { linkLeft, turnedAway } from './errors.ts';
import {
  idleHandshake,
  type OutboundHandshake,
  type OutboundHandshakeEvent,
  stepOutboundHandshake,
} from './handshake.ts';
import type { OutboundStreamOptions, StreamOwner, UndeliveredReason } from './outbound-owner.ts';
import { OutboundQueue, type SealedSlab } from './outbound-queue.ts';
import { handshakeSlab, streamWriter } from './stream-writer.ts';
import type { OutboundLink } from './transport.ts';

/** A slab is full at this size. */
const sealBytes = 60_000;
/** The first such write in a turn. */
const earlyBytes = 4096;

export class OutboundStream {
  readonly stream: StreamId;
  /** When a message was last sent; monotonic milliseconds. */
  lastUsedMs: number;
  /** Whether anything but handshakes was sent since this was last cleared. */
  sentSinceFlush = false;
  /** Frames handed to the link since the start. */
  framesSent = 0;
  readonly #owner: StreamOwner;
  readonly #options: OutboundStreamOptions;
  readonly #writer: EnvelopeWriter;
  readonly #queue = new OutboundQueue();
  readonly #flush = (): void => this.#flushTurn();
  #handshake: OutboundHandshake = idleHandshake;
  #handshakeTimer: Cancellable | undefined;
  readonly #schedule: DialSchedule;
  #link: OutboundLink | undefined;
  #open = false;
  #inFlight: SealedSlab | undefined;
  #flushArmed = false;
  #earlyBytes = earlyBytes;
  readonly #answers: AwaitedAnswer;
  /** Whether anything but handshakes and answers to them waits. */
  #messagesWait = false;
  #stopped = false;

  constructor(owner: StreamOwner, options: OutboundStreamOptions) {
    this.stream = options.stream;
    this.#owner = owner;
    this.#options = options;
    this.lastUsedMs = owner.clock.nowMs();
    this.#schedule = new DialSchedule(owner, options.reconnect, () => this.#dial());
    this.#answers = new AwaitedAnswer(options.handshake.timeoutMs);
    this.#writer = streamWriter(owner, options);
  }

  /** Whether the peer is known and the socket takes bytes now. */
  get isWritable(): boolean {
    return this.#open && this.#inFlight === undefined && this.#handshake.phase === 'completed';
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get queuedFrames(): number {
    return this.#queue.frames + this.#writer.pendingFrames;
  }

  get queuedBytes(): number {
    return this.#queue.bytes + this.#writer.pendingBytes;
  }

  /** What the management view calls it. */
  get state(): 'idle' | 'connecting' | 'handshaking' | 'open' | 'waiting' {
    if (this.#open) return this.#handshake.phase === 'completed' ? 'open' : 'handshaking';
    if (this.#link !== undefined) return 'connecting';
    return this.#schedule.isWaiting ? 'waiting' : 'idle';
  }

  /**
   * Encodes the message and lets it go with this turn's write. `false` when the queue is full and it was not taken.
   *
   * @throws WireError when the message cannot be encoded or is too large; nothing was queued then
   */
  send(message: unknown, recipient: HeaderText, sender: HeaderText): boolean {
    if (!this.#admit()) return false;
    this.#owner.encode(this.#writer, message, recipient, sender);
    this.sentSinceFlush = true;
    this.#messagesWait = true;
    if (this.#writer.pendingBytes >= this.#earlyBytes) this.#writeEarly();
    return true;
  }

  /** The same for a message of remoting itself. */
  sendControl(message: ControlMessage, recipient: HeaderText, sender: HeaderText): boolean {
    const introduces = message.kind === 'handshakeReq' || message.kind === 'handshakeRsp';
    // While nobody is reached one introduction waits: more would say the same.
    if (introduces && !this.#open && !this.#messagesWait && this.queuedFrames > 0) return true;
    if (!this.#admit()) return false;
    this.#owner.encodeControl(this.#writer, message, recipient, sender);
    if (!introduces) this.#messagesWait = true;
    return true;
  }

  /** Opens the stream although there is nothing to say: the peer learns of us by the handshake. */
  open(): void {
    this.#start(this.#owner.clock.nowMs());
  }

  /** The peer's uid became known on any stream. */
  peerKnown(): void {
    this.#step({ type: 'peer-known' });
  }

  /** The peer answered a handshake; `true` when it is the first answer on this connection. */
  answered(): boolean {
    return this.#open && this.#answers.came();
  }

  /** Whether somebody has answered on this connection. */
  get isAnswered(): boolean {
    return this.#answers.hasCome;
  }

  /** Drops a link into which handshakes go and from which no answer comes, and dials anew: it leads nowhere. */
  leaveIfUnanswered(): void {
    const waitedMs = this.#answers.overdueMs(this.#owner.clock.nowMs());
    if (!this.#open || this.#handshake.phase !== 'completed' || waitedMs === undefined) return;
    this.#leave(`the peer answered no handshake for ${waitedMs} ms`);
  }

  /** Drops a link that was opened while another process lived there, and dials anew when something waits. */
  leaveIfOpenedBefore(timeMs: number): void {
    if (this.#open && this.#schedule.openedAtMs < timeMs) {
      this.#leave('it leads to a process that lives there no more');
    }
  }

  /** Asks a peer that has been silent for long whether it is there. */
  probe(): void {
    if (!this.#open) this.open();
    else if (this.#step({ type: 'probe' })) {
      this.#encodeRequest();
      this.#armFlush();
    }
  }

  /** Dials at once when nothing is connected and nothing is under way. */
  ensureDialled(): void {
    if (!this.#stopped && this.#link === undefined) this.#schedule.dialSoon();
  }

  /** Closes the socket; the next message opens it again. What waits is kept. */
  closeIdle(): void {
    if (this.#inFlight !== undefined || this.queuedFrames > 0) return;
    this.#dropLink(true);
  }

  /** Ends the stream for as long as nothing is sent again; what waits becomes dead letters. */
  stop(dropReason: UndeliveredReason): void {
    this.#dropLink(true);
    this.#schedule.cancel();
    this.#step({ type: 'stop' });
    this.dropQueued(dropReason);
  }

  /** Like {@link stop}, and never opens again. */
  close(): void {
    this.#flushTurn();
    this.#stopped = true;
    this.stop('remoteTerminating');
  }

  /** Turns what waits into dead letters; `onlyCompressed` spares frames that any incarnation can read. */
  dropQueued(reason: UndeliveredReason, onlyCompressed = false): void {
    this.#seal();
    for (const sealed of this.#queue.drain()) {
      const kept = this.#owner.undelivered(sealed.slab.filled, reason, onlyCompressed);
      if (kept === undefined) this.#owner.pool.release(sealed.slab);
      else this.#queue.push(kept);
    }
    this.#messagesWait = !this.#queue.isEmpty;
  }

  /** Whether there is room for one more; sees to the connection when it is the first of a batch. */
  #admit(): boolean {
    const writer = this.#writer;
    if (writer.pendingFrames === 0) {
      if (this.#stopped) return false;
      this.#beginBatch();
    }
    const { framesMax, bytesMax } = this.#options;
    return (
      this.#queue.frames + writer.pendingFrames < framesMax &&
      this.#queue.bytes + writer.pendingBytes < bytesMax
    );
  }

  #beginBatch(): void {
    const nowMs = this.#owner.clock.nowMs();
    this.lastUsedMs = nowMs;
    if (this.#handshake.phase === 'idle') this.#start(nowMs);
    else if (!this.#open) this.ensureDialled();
    else if (this.#step({ type: 'before-message' })) this.#encodeRequest();
    this.#armFlush();
  }

  #armFlush(): void {
    if (this.#flushArmed) return;
    this.#flushArmed = true;
    this.#owner.afterTurn(this.#flush);
  }

  #flushTurn(): void {
    this.#flushArmed = false;
    this.#earlyBytes = earlyBytes;
    this.#pump();
  }

  /** Gives the peer something to do while this turn goes on; each time for twice as much, for a write is not cheap. */
  #writeEarly(): void {
    const full = this.#writer.pendingBytes >= sealBytes;
    this.#earlyBytes = Math.min(this.#earlyBytes * 2, sealBytes);
    if (full) this.#seal();
    this.#pump();
  }

  #seal(): void {
    const frames = this.#writer.pendingFrames;
    const slab = this.#writer.take();
    if (slab !== undefined) this.#queue.push({ slab, frames });
  }

  /** Writes what waits until the link holds us back. */
  #pump(): void {
    if (!this.isWritable) return;
    for (let sealed = this.#next(); sealed !== undefined; sealed = this.#next()) {
      if (!this.#write(sealed)) return;
    }
    this.#messagesWait = false;
  }

  #next(): SealedSlab | undefined {
    const waiting = this.#queue.shift();
    if (waiting !== undefined) return waiting;
    const frames = this.#writer.pendingFrames;
    const slab = this.#writer.take();
    return slab === undefined ? undefined : { slab, frames };
  }

  /** `false` when the link is gone or keeps the slab for a while. */
  #write(sealed: SealedSlab): boolean {
    const link = this.#link;
    if (link === undefined) return false;
    this.framesSent += sealed.frames;
    this.#owner.written(sealed.frames, sealed.slab.used);
    if (link.write(sealed.slab.filled)) {
      this.#owner.pool.release(sealed.slab);
      return true;
    }
    this.#inFlight = sealed;
    return false;
  }

  #start(nowMs: number): void {
    if (this.#stopped) return;
    this.lastUsedMs = nowMs;
    this.#step({ type: 'start', peerKnown: this.#owner.peerIsKnown() });
    if (this.#handshake.phase === 'in-progress' && this.#handshakeTimer === undefined) {
      const { retryIntervalMs } = this.#options.handshake;
      this.#handshakeTimer = this.#owner.timers.every(retryIntervalMs, () => {
        if (this.#step({ type: 'tick' })) this.#writeRequest(false);
      });
    }
    this.ensureDialled();
  }

  /** Runs the handshake machine; `true` when a request is to be sent. */
  #step(event: OutboundHandshakeEvent): boolean {
    const step = stepOutboundHandshake(
      this.#handshake,
      event,
      this.#owner.clock.nowMs(),
      this.#options.handshake,
    );
    this.#handshake = step.state;
    if (step.state.phase !== 'in-progress') {
      this.#handshakeTimer?.cancel();
      this.#handshakeTimer = undefined;
    }
    if (step.effects.length === 0) return false;
    if (step.effects.includes('release')) this.#pump();
    if (step.effects.includes('time-out')) this.#timedOut();
    return step.effects.includes('send-request');
  }

  #timedOut(): void {
    this.#dropLink(false);
    this.#owner.handshakeTimedOut(this.stream);
    this.dropQueued('remoteUnreachable');
  }

  /** A HandshakeReq in front of the batch that begins. */
  #encodeRequest(): void {
    this.#owner.encodeControl(this.#writer, this.#owner.handshakeRequest(), noText, noText);
    this.#answers.asked(this.#owner.clock.nowMs());
  }

  #leave(why: string): void {
    this.#link?.close(false);
    this.#ended(linkLeft(why));
  }

  /** A HandshakeReq past the queue: first thing on a link, or while the queue is held back. */
  #writeRequest(withPreamble: boolean): void {
    if (!this.#open || this.#inFlight !== undefined) return;
    const slab = handshakeSlab(this.#owner, this.stream, withPreamble);
    if (slab === undefined) return;
    this.#write({ slab, frames: 1 });
    this.#answers.asked(this.#owner.clock.nowMs());
  }

  #dial(): void {
    if (this.#stopped || this.#link !== undefined) return;
    this.#schedule.dialled();
    this.#link = this.#owner.dial(this.#options.dialTimeoutMs, {
      onOpen: () => this.#opened(),
      onDrain: () => this.#drained(),
      onClose: (error) => this.#ended(error),
    });
  }

  #opened(): void {
    this.#open = true;
    this.#schedule.opened();
    this.#owner.linkOpened(this.stream);
    this.#step({ type: 'reconnected' });
    this.#writeRequest(true);
    this.#pump();
  }

  #drained(): void {
    const done = this.#inFlight;
    this.#inFlight = undefined;
    if (done !== undefined) this.#owner.pool.release(done.slab);
    this.#pump();
  }

  #ended(error: Error | undefined): void {
    this.#link = undefined;
    this.#forgetLink();
    const unknown = this.#handshake.phase === 'in-progress';
    this.#owner.linkEnded(this.stream, error ?? (unknown ? turnedAway() : undefined));
    const waitMs = this.#schedule.ended();
    if (waitMs === undefined || this.#isInVain) {
      this.#schedule.gaveUp();
      this.#step({ type: 'stop' });
      this.dropQueued('remoteUnreachable');
      return;
    }
    const wanted = unknown || this.queuedFrames > 0 || this.#owner.mustStayOpen(this.stream);
    if (wanted && !this.#stopped) this.#schedule.dialAfter(waitMs);
  }

  /** Who introduced himself may have lied about his address: an answer alone is not dialled for ever. */
  get #isInVain(): boolean {
    const inTime = this.#schedule.unreachedMs < this.#options.handshake.timeoutMs;
    const answersOnly = this.#handshake.phase === 'completed' && !this.#messagesWait;
    return answersOnly && !inTime && !this.#owner.mustStayOpen(this.stream);
  }

  #dropLink(orderly: boolean): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    this.#forgetLink();
    link.close(orderly);
    this.#owner.linkClosed(this.stream);
  }

  /** What was in flight may or may not have arrived: that is the "at most once" of ordinary messages. */
  #forgetLink(): void {
    this.#open = false;
    this.#inFlight = undefined;
    this.#answers.linkLost();
  }
}
