// What happens when a far ref is told something: choice of stream, quarantine, dead letters.

import {
  type ActorRef,
  type ActorSystem,
  type DeadLetterReason,
  LocalRef,
  SelectedMessage,
  type SystemMessage,
  selectionElementsMax,
  selectionTooLarge,
  sendSystem,
  type UndeliveredMessage,
} from '../actor/index.ts';
import { assert, toError } from '../runtime/index.ts';
import { noText, parseActorPath, WireError } from '../wire/index.ts';
import type { DeathNotices } from './death-notices.ts';
import { RemoteError } from './errors.ts';
import { isHeartbeat } from './heartbeats.ts';
import type { OutboundStream } from './outbound.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import { mayPassOutbound } from './quarantine.ts';
import { fitsHeader, RefHeaders } from './ref-headers.ts';
import type { RemoteRef, RemoteRefDoors } from './remote-ref.ts';
import type { RemotingContext } from './remoting-context.ts';
import { selectedPath } from './selected-path.ts';
import type { Watcher } from './watcher.ts';

/** Recipients whose messages must not wait behind others. Source: Pekko `ArteryTransport` (priority destinations). */
const priorityPaths = new Set([
  '/system/remote-watcher',
  '/system/cluster/core/daemon/heartbeatSender',
  '/system/cluster/core/daemon/crossDcHeartbeatSender',
  '/system/cluster/heartbeatReceiver',
]);

export interface RemoteSendsOptions {
  readonly system: ActorSystem;
  readonly context: RemotingContext;
  readonly peers: Peers;
  readonly notices: DeathNotices;
  readonly watcher: () => Watcher;
  /** Patterns of paths whose messages take the large stream. */
  readonly largeDestinations: readonly string[];
}

export class RemoteSends implements RemoteRefDoors {
  readonly #options: RemoteSendsOptions;
  readonly #headers = new RefHeaders();
  readonly #large: readonly RegExp[];

  constructor(options: RemoteSendsOptions) {
    this.#options = options;
    this.#large = options.largeDestinations.map(patternOf);
  }

  send(ref: RemoteRef, message: unknown, sender: ActorRef<never> | undefined): void {
    try {
      const { peer = this.#peerOf(ref) } = ref;
      if (!peer.sendable && !this.#mayPass(ref, message, sender)) return;
      let stream = ref.stream ?? this.#streamOf(ref);
      if (message instanceof SelectedMessage) {
        if (this.#isTooLong(ref, message, sender)) return;
        if (isHeartbeat(message)) stream = this.#peerOf(ref).control;
      }
      const { tables } = peer;
      const recipient = ref.header ?? this.#headers.ofRemote(ref, tables);
      const header = namesSender(message, sender) ? noText : this.#headers.of(sender, tables);
      if (stream.send(message, recipient, header)) return;
      this.#deadLetter(ref, message, sender, 'outboundQueueFull');
      this.#queueFull(ref);
    } catch (thrown) {
      this.#notEncoded(ref, message, sender, thrown);
    }
  }

  sendSystem(ref: RemoteRef, message: SystemMessage): void {
    if (this.#isUnspeakable(ref, message)) return;
    const { notices, watcher } = this.#options;
    const { path } = ref;
    const peer = this.#peerOf(ref);
    switch (message.kind) {
      case 'watch':
        watcher().watch(path, message.watcher.path, peer.address);
        break;
      case 'unwatch':
        watcher().unwatch(path, message.watcher.path, peer.address);
        break;
      case 'deathWatchNotification': {
        const { actor, existenceConfirmed, addressTerminated } = message;
        const notice = {
          kind: message.kind,
          actor: actor.path,
          existenceConfirmed,
          addressTerminated,
        } as const;
        if (actor instanceof LocalRef) watcher().incomingUnwatch(actor.path, path, peer.address);
        notices.send(peer, notice, path);
        break;
      }
      case 'terminate':
        peer.sendSystem({ kind: 'terminate' }, path);
        break;
    }
  }

  /** Which stream messages to that ref take. */
  #streamOf(ref: RemoteRef): OutboundStream {
    const { large, control, ordinary } = this.#peerOf(ref);
    const { path } = ref;
    if (path.includes('/system/') && priorityPaths.has(localPart(path))) ref.stream = control;
    else if (large !== undefined && this.#isLarge(localPart(path))) ref.stream = large;
    else ref.stream = ordinary;
    return ref.stream;
  }

  #isLarge(local: string): boolean {
    return this.#large.some((pattern) => pattern.test(local));
  }

  /** A peer that was forgotten is made anew; to a quarantined one only selections pass. */
  #mayPass(ref: RemoteRef, message: unknown, sender: ActorRef<never> | undefined): boolean {
    const peer = this.#peerOf(ref);
    if (peer.sendable) return true;
    const kind = message instanceof SelectedMessage ? 'selection' : 'ordinary';
    if (peer.quarantine !== undefined && mayPassOutbound(kind)) return true;
    this.#deadLetter(ref, message, sender, peer.refusal.reason);
    this.#options.context.complaints.write(
      `refuse ${peer.addressText} ${peer.uid}`,
      'info',
      { peer: peer.addressText, why: peer.refusal.text },
      'Messages to a peer become dead letters until it restarts',
    );
    return false;
  }

  /** The peer of a ref, made anew when it is not known or was forgotten. */
  #peerOf(ref: RemoteRef): Peer {
    if (ref.peer !== undefined && !ref.peer.isForgotten) return ref.peer;
    const { address } = parseActorPath(ref.path);
    assert(address !== undefined, 'the path of a far ref has an address');
    ref.peer = this.#options.peers.at(address);
    ref.stream = undefined;
    return ref.peer;
  }

  #notEncoded(
    ref: RemoteRef,
    message: unknown,
    sender: ActorRef<never> | undefined,
    thrown: unknown,
  ): void {
    // A proxy or getter of the application may throw anything.
    const cause = toError(thrown);
    const { code, kind } =
      cause instanceof WireError
        ? { code: cause.code, kind: causeOf(cause) }
        : { code: 'VALUE_NOT_SERIALIZABLE', kind: cause.name };
    this.#options.context.complaints.write(
      `encode ${placeOf(ref)} ${code} ${kind}`,
      'error',
      { recipient: shown(ref.path), error: cause, code },
      'Message could not be sent to another node and became a dead letter',
    );
    const tooLarge = code === 'FRAME_TOO_LARGE' || code === 'PAYLOAD_TOO_LARGE';
    const reason = tooLarge ? 'messageTooLarge' : 'notSerializable';
    this.#bury(ref, { message, sender, reason, cause });
  }

  #queueFull(ref: RemoteRef): void {
    const { addressText, ordinary } = this.#peerOf(ref);
    const { queuedFrames, state } = ref.stream ?? ordinary;
    this.#options.context.complaints.write(
      `queue ${addressText}`,
      'warn',
      { peer: addressText, queuedFrames, state },
      'Outbound queue of a peer is full, so messages become dead letters; it is slow, unreachable, or told too much in one turn',
    );
  }

  #deadLetter(
    ref: RemoteRef,
    message: unknown,
    sender: ActorRef<never> | undefined,
    reason: DeadLetterReason,
  ): void {
    this.#bury(ref, { message, sender, reason });
  }

  #bury(ref: RemoteRef, letter: Omit<UndeliveredMessage, 'recipient'>): void {
    const { context } = this.#options;
    let selected: SelectedMessage | undefined;
    try {
      const { message } = letter;
      if (isHeartbeat(message)) return;
      if (message instanceof SelectedMessage) selected = message;
    } catch {
      // A proxy, which is neither, may throw when it is asked.
    }
    if (selected === undefined) context.deadLetter({ ...letter, recipient: ref.path });
    else {
      const recipient = selectedPath(ref.path, selected.elements);
      context.deadLetter({ ...letter, message: selected.message, recipient });
    }
  }

  /** The other node would not follow it, and nobody here would hear of that. */
  #isTooLong(
    ref: RemoteRef,
    message: SelectedMessage,
    sender: ActorRef<never> | undefined,
  ): boolean {
    const { length } = message.elements;
    if (length <= selectionElementsMax) return false;
    const why = `it has ${length} elements, and ${selectionElementsMax} are the most`;
    const cause = selectionTooLarge(selectedPath(ref.path, message.elements), why);
    this.#bury(ref, { message, sender, reason: 'selectionTooLarge', cause });
    return true;
  }

  /** A path that no frame can name: nobody can be watched there, or told anything. */
  #isUnspeakable(ref: RemoteRef, message: SystemMessage): boolean {
    if (fitsHeader(ref.path)) return false;
    if (message.kind === 'unwatch') return true;
    const { context } = this.#options;
    const cause = new RemoteError(
      'REMOTE_PATH_UNSPEAKABLE',
      `Cannot send a system message to "${shown(ref.path)}": a path of more than 32,767 characters, or with others than ASCII, cannot stand in a frame; give actors shorter names, or keep the tree flatter`,
      { fields: { path: shown(ref.path), characters: ref.path.length } },
    );
    const letter = { message: { type: message.kind }, recipient: ref.path, cause };
    context.deadLetter({ ...letter, reason: 'notSerializable' });
    if (message.kind !== 'watch') return true;
    message.watcher[sendSystem]({
      kind: 'deathWatchNotification',
      actor: ref,
      existenceConfirmed: false,
      addressTerminated: false,
    });
    return true;
  }
}

const shownMax = 200;

function shown(path: string): string {
  return path.length <= shownMax ? path : `${path.slice(0, shownMax)}…`;
}

/** A pending ask has a path of its own each time; they count as one place. */
function placeOf({ path }: RemoteRef): string {
  return shown(path.replace(/(\/temp\/).*/, '$1'));
}

/** What kind of value stands in which field; elements of a list are one field. */
function causeOf({ fields }: WireError): string {
  const { path = '', value = '' } = fields;
  return `${String(path).replace(/\[\d+\]/g, '[]')} ${String(value)}`;
}

/**
 * An ask whose message says whom to answer names the asker once, as Pekko's typed ask does: the frame has no sender then,
 * and neither side makes a second ref of the same path.
 */
function namesSender(message: unknown, sender: ActorRef<never> | undefined): boolean {
  return (
    sender !== undefined &&
    typeof message === 'object' &&
    message !== null &&
    (message as { readonly replyTo?: unknown }).replyTo === sender
  );
}

/** The path after the address, without incarnation. */
function localPart(path: string): string {
  const hash = path.indexOf('#');
  const end = hash < 0 ? path.length : hash;
  return path.slice(path.indexOf('/', path.indexOf('://') + 3), end);
}

/** `*` stands for one element, or part of one. */
function patternOf(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*');
  return new RegExp(`^${escaped}$`);
}
