// The shell around one association: its streams, its numbered system messages, its compression tables. Runs the
// effects of the pure machines; decides nothing that they decide.

import {
  type Address,
  addressText,
  type CompressionAdvertisement,
  type ControlMessage,
  HeaderText,
  noText,
  type OutboundCompression,
  rootPathText,
  type SystemMessage,
  streamIds,
} from '../wire/index.ts';
import {
  type Association,
  type AssociationEvent,
  isOver,
  quarantineOf,
  stepAssociation,
  unknownAssociation,
} from './association.ts';
import { type AssociationView, streamNames } from './events.ts';
import { OutboundStream } from './outbound.ts';
import { streamOptions } from './peer-options.ts';
import { PeerStreamOwner } from './peer-stream-owner.ts';
import { PeerTables } from './peer-tables.ts';
import { type QuarantineMark, quarantineText } from './quarantine.ts';
import type { RemotingContext } from './remoting-context.ts';
import {
  keptCount,
  newSystemDelivery,
  type SystemDelivery,
  type SystemDeliveryEvent,
  stepSystemDelivery,
} from './system-delivery.ts';

/** A system message and the actor it is for. */
export interface AddressedSystemMessage {
  readonly recipient: string;
  readonly message: SystemMessage;
}

/** What a peer tells the shell of all of them. */
export interface PeerListener {
  incarnation(peer: Peer, uid: bigint, previous: bigint | undefined): void;
  quarantined(peer: Peer, mark: QuarantineMark): void;
  forgotten(peer: Peer): void;
}

export class Peer {
  readonly address: Address;
  readonly addressText: string;
  /** Recipient of selections. */
  readonly root: HeaderText;
  readonly control: OutboundStream;
  readonly ordinary: OutboundStream;
  readonly large: OutboundStream | undefined;
  /** `false` when ordinary messages are refused: quarantined, forgotten, or remoting has stopped. */
  sendable = true;
  isForgotten = false;
  readonly #context: RemotingContext;
  readonly #listener: PeerListener;
  readonly #tables = new PeerTables();
  /** The compression tables in use towards the peer. */
  readonly tables: OutboundCompression = this.#tables.live;
  #association: Association = unknownAssociation;
  #delivery: SystemDelivery<AddressedSystemMessage> = newSystemDelivery();
  #lastHeardMs: number;

  constructor(address: Address, context: RemotingContext, listener: PeerListener) {
    this.address = address;
    this.addressText = addressText(address);
    this.root = new HeaderText(rootPathText(address));
    this.#context = context;
    this.#listener = listener;
    this.#lastHeardMs = context.clock.nowMs();
    const { limits } = context;
    const owner = new PeerStreamOwner(address, context, this.#tables, {
      isKnown: () => this.uid !== undefined,
      isOver: () => isOver(this.#association),
      mustStayOpen: (stream) =>
        stream === streamIds.control && this.#delivery.unacknowledged.size > 0,
      handshakeTimedOut: (stream) => {
        if (stream === streamIds.control) this.#deliver({ type: 'stop' });
      },
    });
    this.control = new OutboundStream(owner, streamOptions(streamIds.control, limits));
    this.ordinary = new OutboundStream(owner, {
      ...streamOptions(streamIds.ordinary, limits),
      compression: this.#tables.live,
    });
    this.large = context.usesLargeStream
      ? new OutboundStream(owner, streamOptions(streamIds.large, limits))
      : undefined;
  }

  get uid(): bigint | undefined {
    return this.#association.uid;
  }

  get quarantine(): QuarantineMark | undefined {
    return this.#association.quarantine;
  }

  get streams(): readonly OutboundStream[] {
    const { control, ordinary, large } = this;
    return large === undefined ? [control, ordinary] : [control, ordinary, large];
  }

  quarantineOf(uid: bigint): QuarantineMark | undefined {
    return quarantineOf(this.#association, uid);
  }

  /** Whether anything of ours was ever handed to a link, so that an answer can be one. */
  get wasReached(): boolean {
    return this.streams.some((stream) => stream.framesSent > 0);
  }

  /** A handshake of the peer told its uid. Also opens our own streams to it, as it may only listen to us. */
  peerSeen(uid: bigint): void {
    const before = this.uid;
    this.heard();
    this.#step({ type: 'peer-seen', uid });
    if (before === undefined || this.uid === before) return;
    // Who lives there answers a link's first frame at once. So links that have been open for longer lead to the process
    // before: the name may belong to another machine now, and the old one says nothing about them any more.
    const openedBeforeMs = this.#lastHeardMs - 2 * this.#context.limits.handshakeRetryMs;
    for (const stream of this.streams) stream.leaveIfOpenedBefore(openedBeforeMs);
  }

  /** The peer answered a handshake of ours. */
  handshakeAnswered(): void {
    for (const stream of this.streams) {
      const isFirst = stream.answered();
      this.#context.complaints.reset(`dial ${this.addressText} ${stream.stream}`);
      if (isFirst && stream === this.control) this.#deliver({ type: 'tick', writable: true });
    }
  }

  /** Something arrived from the peer. */
  heard(): void {
    this.#lastHeardMs = this.#context.clock.nowMs();
  }

  openStreams(): void {
    for (const stream of this.streams) stream.open();
  }

  requestQuarantine(uid: bigint | undefined, reason: string, harmless: boolean): void {
    this.#step({ type: 'quarantine', uid, reason, harmless });
  }

  terminating(uid: bigint): void {
    this.#step({ type: 'terminating', uid });
  }

  /** Why ordinary messages are refused now, for dead letters. */
  get refusal(): {
    readonly reason: 'remoteQuarantined' | 'remoteTerminating';
    readonly text: string;
  } {
    const mark = this.quarantine;
    if (mark === undefined) return { reason: 'remoteTerminating', text: 'remoting has stopped' };
    return {
      reason: mark.harmless ? 'remoteTerminating' : 'remoteQuarantined',
      text: quarantineText(mark),
    };
  }

  /** Sends a message of the control family, which needs no recipient. */
  sendControl(message: ControlMessage, recipient = noText, sender = noText): void {
    if (this.isForgotten) return;
    this.#step({ type: 'used' });
    const taken = this.control.sendControl(message, recipient, sender);
    if (!taken) {
      this.#context.deadLetter({ message, recipient: this.root.text, reason: 'outboundQueueFull' });
    }
  }

  /** Sends a system message until it is acknowledged. */
  sendSystem(message: SystemMessage, recipient: string): void {
    if (!this.sendable) {
      this.#context.systemMessageUndelivered(message, recipient);
      return;
    }
    this.#deliver({ type: 'send', message: { message, recipient } });
  }

  systemMessageAcknowledged(kind: 'ack' | 'nack', seqNo: number): void {
    this.#deliver({ type: kind, seqNo });
  }

  /** Takes a compression table of the peer into use and acknowledges it. @throws WireError */
  acceptTable(advertisement: CompressionAdvertisement): void {
    const { uid } = this;
    if (uid === undefined || this.quarantine !== undefined) return;
    const { self } = this.#context;
    const peer = { address: this.address, uid };
    const ack = this.#tables.accept(advertisement, self, peer, this.ordinary.isOpen);
    if (ack !== undefined) this.sendControl(ack);
  }

  /** Called every second or so. */
  tick(): void {
    const nowMs = this.#context.clock.nowMs();
    const { limits } = this.#context;
    const lastUsedMs = Math.max(...this.streams.map((stream) => stream.lastUsedMs));
    this.#step({ type: 'tick', idleMs: nowMs - Math.max(this.#lastHeardMs, lastUsedMs) });
    if (this.sendable) this.control.leaveIfUnanswered();
    for (const stream of this.streams) {
      if (stream.isOpen && nowMs - stream.lastUsedMs >= limits.stopIdleOutboundAfterMs) {
        stream.closeIdle();
      }
    }
  }

  /** Called at the resend interval of system messages. */
  resendTick(): void {
    if (this.#delivery.unacknowledged.size === 0) return;
    this.control.ensureDialled();
    const { isWritable, isAnswered, queuedFrames } = this.control;
    const writable = isWritable && isAnswered && queuedFrames === 0;
    if (writable)
      this.#context.telemetry.systemMessagesResent += this.#delivery.unacknowledged.size;
    this.#deliver({ type: 'tick', writable });
  }

  close(): void {
    this.sendable = false;
    for (const stream of this.streams) stream.close();
    this.#deliver({ type: 'stop' });
  }

  view(): AssociationView {
    const { uid, quarantine } = this;
    return {
      address: this.address,
      uid,
      incarnations: this.#association.incarnation,
      quarantined:
        quarantine === undefined
          ? undefined
          : { reason: quarantine.reason, harmless: quarantine.harmless },
      streams: this.streams.map((stream) => ({
        name: streamNames[stream.stream],
        state: stream.state,
        queuedFrames: stream.queuedFrames,
        queuedBytes: stream.queuedBytes,
        framesSent: stream.framesSent,
      })),
      compression: { actorRefs: this.#tables.sizes[0], manifests: this.#tables.sizes[1] },
      unacknowledgedSystemMessages: keptCount(this.#delivery),
      idleMs: this.#context.clock.nowMs() - this.#lastHeardMs,
    };
  }

  #step(event: AssociationEvent): void {
    const { limits } = this.#context;
    const step = stepAssociation(this.#association, event, this.#context.clock.nowMs(), {
      terminatingDelayMs: limits.shutdownFlushMs,
      stopQuarantinedAfterIdleMs: limits.stopQuarantinedAfterIdleMs,
      livenessProbeAfterMs: Math.max(
        limits.quarantineIdleOutboundAfterMs / 10,
        limits.handshakeRetryMs,
      ),
      quarantineIdleAfterMs: limits.quarantineIdleOutboundAfterMs,
      removeAfterMs: limits.removeQuarantinedAfterMs,
    });
    this.#association = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'incarnation') this.#newIncarnation(effect.uid, effect.previous);
      else if (effect.type === 'quarantined') this.#quarantined(effect.mark, effect.notifyPeer);
      else if (effect.type === 'quarantine-ignored') this.#quarantineIgnored(effect.reason);
      else if (effect.type === 'probe') this.control.probe();
      else if (effect.type === 'stop-streams') this.#stopStreams();
      else this.forget();
    }
  }

  #newIncarnation(uid: bigint, previous: bigint | undefined): void {
    this.sendable = true;
    if (previous !== undefined) {
      this.#clearTables();
      // Numbers of system messages and acknowledgements begin anew: the new process would take old ones for its own.
      this.control.dropQueued('earlierIncarnation');
      this.#deliver({ type: 'incarnation-changed' });
    }
    this.#listener.incarnation(this, uid, previous);
    for (const stream of this.streams) stream.peerKnown();
  }

  #quarantined(mark: QuarantineMark, notifyPeer: boolean): void {
    const { address } = this;
    this.sendable = false;
    this.#context.telemetry.quarantines++;
    this.#clearTables();
    this.#deliver({ type: 'stop' });
    const reason = mark.harmless ? 'remoteTerminating' : 'remoteQuarantined';
    this.ordinary.dropQueued(reason);
    this.large?.dropQueued(reason);
    if (notifyPeer) {
      const to = { address, uid: mark.uid };
      this.sendControl({ kind: 'quarantined', from: this.#context.self, to });
    }
    this.#listener.quarantined(this, mark);
  }

  #quarantineIgnored(why: string): void {
    this.#context.log.debug({ peer: this.addressText, why }, 'Quarantine of a peer was ignored');
  }

  #stopStreams(): void {
    for (const stream of this.streams) stream.stop('remoteQuarantined');
  }

  /** Closes everything and leaves the registry; whoever is spoken to there again is another entry. */
  forget(): void {
    this.isForgotten = true;
    this.close();
    this.#listener.forgotten(this);
  }

  /** Frames that wait with indexes of these tables cannot be read by anybody else. */
  #clearTables(): void {
    this.#tables.clearInUse();
    this.ordinary.dropQueued('earlierIncarnation', true);
    this.#tables.clear();
  }

  #deliver(event: SystemDeliveryEvent<AddressedSystemMessage>): void {
    const { limits } = this.#context;
    const step = stepSystemDelivery(this.#delivery, event, this.#context.clock.nowMs(), {
      bufferMax: limits.systemMessagesMax,
      // The control stream has room for what is on its way and as much again for acknowledgements and heartbeats.
      windowMax: Math.max(1, Math.floor(limits.outboundControlMessagesMax / 2)),
      giveUpAfterMs: limits.giveUpSystemMessageAfterMs,
      forgottenNacksMax: 30,
    });
    this.#delivery = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'transmit') this.#transmit(effect.entry.seqNo, effect.entry.message);
      else if (effect.type === 'quarantine') {
        this.requestQuarantine(undefined, effect.reason, false);
      } else {
        for (const { message, recipient } of effect.messages) {
          this.#context.systemMessageUndelivered(message, recipient);
        }
      }
    }
  }

  #transmit(seqNo: number, addressed: AddressedSystemMessage): void {
    const { self } = this.#context;
    if (!this.control.isAnswered) {
      // A process that took the place of the one we know would take our numbers for its own; it is sent when sure.
      this.#step({ type: 'used' });
      this.control.open();
      return;
    }
    const { message, recipient } = addressed;
    const envelope = { kind: 'systemMessageEnvelope', seqNo, ackReplyTo: self, message } as const;
    this.#step({ type: 'used' });
    // A full stream takes it later: what is not acknowledged is sent again.
    this.control.sendControl(envelope, new HeaderText(recipient), noText);
  }
}
