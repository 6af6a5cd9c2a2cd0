// Frames to recipients: who sent it, may it pass, whom is it for, what does it say. Nothing in a frame can throw out of
// here; a frame that is not understood costs itself and one line in the log.

import {
  type ActorRef,
  type Deliver,
  hasWildcards,
  LocalRef,
  mailboxOwner,
  SelectedMessage,
} from '../actor/index.ts';
import type { Tracing } from '../observe/index.ts';
import {
  controlSerializerId,
  type Envelope,
  EnvelopeReader,
  readControl,
  type StreamId,
  selectionSerializerId,
  streamIds,
} from '../wire/index.ts';
import { noteAbsentFeature } from './absent-features.ts';
import type { ControlHandler } from './control-handler.ts';
import type { FrameHandler, FramePlace, KnownSender, Overload } from './inbound-connection.ts';
import { type Backlogged, InboundOverloads } from './inbound-overloads.ts';
import { type FrameTexts, hostOf, InboundRefusals } from './inbound-refusals.ts';
import { type Inbox, SeenText } from './inbox.ts';
import type { LocalDoors } from './local-doors.ts';
import type { MessageCodec } from './message-codec.ts';
import { judgeInbound, type TrafficKind } from './quarantine.ts';
import type { RemotingContext } from './remoting-context.ts';
import { selectedPath } from './selected-path.ts';
import { traceOf } from './traced-codec.ts';

const tempMark = '/temp/';

export interface InboundOptions {
  readonly context: RemotingContext;
  readonly doors: LocalDoors;
  readonly codec: MessageCodec;
  readonly control: ControlHandler;
  /** The inbox of the peer incarnation with that uid, if it has introduced itself. */
  readonly inboxOf: (uid: bigint) => Inbox | undefined;
  readonly deliverSelection: (
    anchor: ActorRef<never>,
    selected: SelectedMessage,
    sender: ActorRef<never> | undefined,
    deliver: Deliver,
  ) => void;
  /** Those that wait to be followed. */
  readonly selections: Backlogged;
  readonly tracing: Tracing | undefined;
}

export class Inbound implements FrameHandler {
  readonly #context: RemotingContext;
  readonly #doors: LocalDoors;
  readonly #codec: MessageCodec;
  readonly #deliverSelection: InboundOptions['deliverSelection'];
  readonly #selections: Backlogged;
  readonly #tracing: Tracing | undefined;
  readonly #control: ControlHandler;
  readonly #inboxOf: (uid: bigint) => Inbox | undefined;
  readonly #refusals: InboundRefusals;
  readonly #reader = new EnvelopeReader();
  readonly #temporary = new SeenText('');
  readonly #overloads: InboundOverloads;
  readonly #deliverSelected: Deliver = (target, message, sender) =>
    this.#tell(target, message, sender);
  #lastInbox: Inbox | undefined;
  #lastUidLow = 0;
  #lastUidHigh = 0;

  constructor(options: InboundOptions) {
    this.#context = options.context;
    this.#doors = options.doors;
    this.#codec = options.codec;
    this.#deliverSelection = options.deliverSelection;
    this.#selections = options.selections;
    this.#tracing = options.tracing;
    this.#control = options.control;
    this.#inboxOf = options.inboxOf;
    this.#refusals = new InboundRefusals(options.context);
    this.#overloads = new InboundOverloads(options.context);
  }

  /** Forgets which inbox was used last; called when inboxes come or go. */
  inboxesChanged(): void {
    this.#lastInbox = undefined;
  }

  frame({ bytes, start, end }: FramePlace, stream: StreamId, from: string): void {
    let envelope: Envelope;
    try {
      envelope = this.#reader.read(bytes, start, end);
    } catch (thrown) {
      this.#refusals.unreadable(thrown, from);
      return;
    }
    try {
      this.#readFrame(envelope, stream, from);
    } catch (thrown) {
      this.#refusals.failed(thrown, from, envelope);
    }
  }

  #readFrame(envelope: Envelope, stream: StreamId, from: string): void {
    if (envelope.serializerId === controlSerializerId && envelope.manifestIndex < 0) {
      this.#controlFrame(envelope, stream, from);
      return;
    }
    const inbox = this.#inbox(envelope);
    if (inbox === undefined) this.#refusals.unknownSender(envelope, from);
    else if (inbox.blocked) this.#fromQuarantined(inbox, envelope);
    else this.#ordinaryFrame(inbox, envelope, stream);
  }

  #controlFrame(envelope: Envelope, stream: StreamId, from: string): void {
    try {
      const message = readControl(envelope.manifest, envelope.payload());
      const { uid, sender, recipient } = envelope;
      const inbox = this.#inbox(envelope);
      this.#control.handle({ message, uid, sender, recipient, stream, from, inbox });
    } catch (thrown) {
      this.#refusals.undecodable(thrown, envelope, hostOf(from));
    }
  }

  #inbox(envelope: Envelope): Inbox | undefined {
    const { uidLow, uidHigh } = envelope;
    if (
      this.#lastInbox !== undefined &&
      uidLow === this.#lastUidLow &&
      uidHigh === this.#lastUidHigh
    ) {
      return this.#lastInbox;
    }
    const inbox = this.#inboxOf(envelope.uid);
    this.#lastInbox = inbox;
    this.#lastUidLow = uidLow;
    this.#lastUidHigh = uidHigh;
    return inbox;
  }

  #ordinaryFrame(inbox: Inbox, envelope: Envelope, stream: StreamId): void {
    inbox.countFrame();
    const { peer } = inbox;
    if (stream !== streamIds.ordinary && usesTables(envelope)) {
      this.#refusals.undelivered('unknownCompression', envelope, peer.addressText);
      return;
    }
    const recipient = this.#recipient(inbox, envelope);
    if (recipient === undefined) return;
    const manifest = this.#manifest(inbox, envelope);
    if (manifest === undefined) {
      this.#refusals.undelivered('unknownCompression', envelope, peer.addressText);
      return;
    }
    let message: unknown;
    try {
      message = this.#codec.decode(envelope, manifest);
    } catch (thrown) {
      this.#undecodable(thrown, inbox, envelope, { recipient: recipient.text, manifest });
      return;
    }
    const tracing = envelope.hasMetadata ? this.#tracing : undefined;
    if (tracing === undefined) this.#deliver(inbox, envelope, recipient, message);
    else this.#deliverTraced(tracing, inbox, envelope, [recipient, message]);
  }

  #deliverTraced(
    tracing: Tracing,
    inbox: Inbox,
    envelope: Envelope,
    [recipient, message]: readonly [SeenText, unknown],
  ): void {
    const before = tracing.current;
    tracing.current = traceOf(envelope);
    try {
      this.#deliver(inbox, envelope, recipient, message);
    } finally {
      tracing.current = before;
    }
  }

  #undecodable(thrown: unknown, inbox: Inbox, envelope: Envelope, header: FrameTexts): void {
    const from = inbox.peer.addressText;
    const elements = this.#codec.selectedIn(envelope);
    const recipient =
      elements === undefined ? header.recipient : selectedPath(header.recipient, elements);
    if (this.#isAbsentFeature(inbox, recipient)) return;
    this.#refusals.undecodable(thrown, envelope, from, { ...header, recipient });
  }

  /** Whether the message is for something that only Pekko nodes have; it is noted then. */
  #isAbsentFeature(inbox: Inbox, recipient: string): boolean {
    const feature = this.#doors.absentFeature(recipient);
    if (feature === undefined) return false;
    noteAbsentFeature(this.#context, feature, inbox.peer.addressText, recipient);
    return true;
  }

  #deliver(inbox: Inbox, envelope: Envelope, recipient: SeenText, message: unknown): void {
    const sender = this.#sender(inbox, envelope);
    const target = recipient.recipient;
    if (target === undefined) {
      this.#context.deadLetter({
        message,
        recipient: recipient.text,
        sender,
        reason: 'recipientNotFound',
      });
    } else if (message instanceof SelectedMessage) {
      if (this.#doors.maySelect(recipient.text, message)) {
        this.#select(target, message, sender);
        return;
      }
      const path = selectedPath(recipient.text, message.elements);
      if (this.#isAbsentFeature(inbox, path)) return;
      this.#refusals.frame('notAllowed', envelope, inbox.peer.addressText, path);
      const inner = message.message;
      this.#context.deadLetter({ message: inner, recipient: path, sender, reason: 'notAllowed' });
    } else if (!recipient.closed || this.#doors.isHarmless(message)) {
      this.#tell(target, message, sender);
    } else if (!this.#isAbsentFeature(inbox, recipient.text)) {
      this.#refusals.frame('notAllowed', envelope, inbox.peer.addressText, recipient.text);
      this.#context.deadLetter({
        message,
        recipient: recipient.text,
        sender,
        reason: 'notAllowed',
      });
    }
  }

  /** Selections with wildcards wait to be followed, and too many of them are held back as messages are. */
  #select(
    target: ActorRef<unknown>,
    selected: SelectedMessage,
    sender: ActorRef<unknown> | undefined,
  ): void {
    const waits = hasWildcards(selected);
    if (waits && this.#overloads.refuses(this.#selections)) {
      const recipient = selectedPath(target.path, selected.elements);
      const { message } = selected;
      this.#context.deadLetter({ message, recipient, sender, reason: 'mailboxFull' });
      return;
    }
    this.#deliverSelection(target, selected, sender, this.#deliverSelected);
    if (waits) this.#overloads.delivered(this.#selections);
  }

  #tell(target: ActorRef<unknown>, message: unknown, sender: ActorRef<never> | undefined): void {
    const owner = target instanceof LocalRef ? target : mailboxOwner(target);
    if (owner === undefined) {
      target.tell(message, sender);
    } else if (this.#overloads.refuses(owner)) {
      this.#context.deadLetter({ message, recipient: target, sender, reason: 'mailboxFull' });
    } else {
      target.tell(message, sender);
      this.#overloads.delivered(owner);
    }
  }

  lastSender(): KnownSender | undefined {
    return this.#inboxOf(this.#reader.envelope.uid);
  }

  takeOverload(): Overload | undefined {
    return this.#overloads.take();
  }

  /** Called now and then. */
  tick(): void {
    this.#overloads.tick();
  }

  /** Finds the recipient by table index or by text; its entry knows the ref after the first time. */
  #recipient(inbox: Inbox, envelope: Envelope): SeenText | undefined {
    const { recipientIndex, recipient } = envelope;
    const from = inbox.peer.addressText;
    if (recipientIndex >= 0) {
      this.#context.telemetry.compressedFramesReceived++;
      const entry = inbox.paths.seeIndexed(envelope.refTableVersion, recipientIndex);
      if (entry === undefined) this.#refusals.undelivered('unknownCompression', envelope, from);
      else this.#doors.resolveEntry(entry);
      return entry;
    }
    const { lastRecipient } = inbox;
    if (lastRecipient !== undefined && lastRecipient.text === recipient) {
      lastRecipient.hits++;
      this.#doors.resolveEntry(lastRecipient);
      return lastRecipient;
    }
    if (recipient === '') {
      this.#refusals.undelivered('recipientMissing', envelope, from);
      return undefined;
    }
    if (recipient.startsWith(this.#doors.ownTempPrefix)) return this.#temporaryEntry(recipient);
    const entry = inbox.paths.see(recipient);
    this.#doors.resolveEntry(entry);
    inbox.lastRecipient = entry;
    return entry;
  }

  /** One ask each: nothing is remembered, and the entry serves until the next frame. */
  #temporaryEntry(path: string): SeenText {
    const entry = this.#temporary;
    entry.text = path;
    entry.recipient = this.#doors.refOf(path);
    return entry;
  }

  #manifest(inbox: Inbox, envelope: Envelope): string | undefined {
    const { manifestIndex, manifest } = envelope;
    if (manifestIndex >= 0) {
      return inbox.manifests.seeIndexed(envelope.manifestTableVersion, manifestIndex)?.text;
    }
    if (manifest !== '') inbox.manifests.see(manifest);
    return manifest;
  }

  #sender(inbox: Inbox, envelope: Envelope): ActorRef<unknown> | undefined {
    const { senderIndex, sender } = envelope;
    if (senderIndex >= 0) {
      const entry = inbox.paths.seeIndexed(envelope.refTableVersion, senderIndex);
      return entry === undefined ? undefined : this.#senderOf(entry);
    }
    if (sender === '') return undefined;
    if (sender.includes(tempMark)) return this.#doors.refOf(sender);
    return this.#senderOf(inbox.paths.see(sender));
  }

  #senderOf(entry: SeenText): ActorRef<unknown> | undefined {
    if (entry.sender === undefined && entry.text !== '') {
      entry.sender = this.#doors.refOf(entry.text);
    }
    return entry.sender;
  }

  #fromQuarantined(inbox: Inbox, envelope: Envelope): void {
    const { telemetry, limits, self } = this.#context;
    telemetry.refused('quarantinedPeer');
    const mark = inbox.peer.quarantineOf(inbox.uid);
    if (mark === undefined) return;
    const kind: TrafficKind = isHeartbeat(envelope) ? 'heartbeat' : 'ordinary';
    const options = { answerHarmless: limits.answerHarmlessQuarantine };
    if (judgeInbound(mark, kind, options) !== 'drop-and-answer') return;
    const to = { address: inbox.peer.address, uid: inbox.uid };
    inbox.peer.sendControl({ kind: 'quarantined', from: self, to });
  }
}

function usesTables(envelope: Envelope): boolean {
  return envelope.senderIndex >= 0 || envelope.recipientIndex >= 0 || envelope.manifestIndex >= 0;
}

/** Heartbeats of the cluster (serializer 5) directly, or any selection short enough to be one. */
function isHeartbeat(envelope: Envelope): boolean {
  const { serializerId, manifest } = envelope;
  if (serializerId === 5) return manifest.startsWith('HB') || manifest.endsWith('Heartbeat');
  if (serializerId !== selectionSerializerId) return false;
  const text = Buffer.from(envelope.payload()).toString('latin1');
  return text.includes('heartbeatReceiver') || text.includes('remote-watcher');
}
