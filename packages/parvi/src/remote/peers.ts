// All peers by address, and their incarnations by uid.

import { type Address, addressText, sameAddress } from '../wire/index.ts';
import { Inbox } from './inbox.ts';
import { Peer, type PeerListener } from './peer.ts';
import type { QuarantineMark } from './quarantine.ts';
import type { RemotingContext } from './remoting-context.ts';

/** What the layers beside are told of peers. */
export interface PeersListener {
  incarnation(peer: Peer, uid: bigint, previous: bigint | undefined): void;
  quarantined(peer: Peer, mark: QuarantineMark): void;
  inboxesChanged(): void;
}

/** Incarnations of one peer whose frames are still recognised, the present one included. */
const incarnationsKept = 4;

export class Peers implements PeerListener {
  readonly #context: RemotingContext;
  readonly #listener: PeersListener;
  readonly #byAddress = new Map<string, Peer>();
  readonly #inboxes = new Map<bigint, Inbox>();
  /** Peers that nothing but a handshake from outside speaks for, silent longest first. */
  readonly #uninvited = new Set<Peer>();
  /** Those of them that have not answered ours, oldest first. */
  readonly #unanswered = new Set<Peer>();

  constructor(context: RemotingContext, listener: PeersListener) {
    this.#context = context;
    this.#listener = listener;
  }

  get all(): readonly Peer[] {
    return [...this.#byAddress.values()];
  }

  get inboxes(): Iterable<Inbox> {
    return this.#inboxes.values();
  }

  get size(): number {
    return this.#byAddress.size;
  }

  /** The peer of that address, made when it is new; for whoever has something to say to it. */
  at(address: Address): Peer {
    const key = addressText(address);
    const known = this.#byAddress.get(key);
    if (known !== undefined) {
      this.#uninvited.delete(known);
      this.#unanswered.delete(known);
      return known;
    }
    const peer = new Peer({ ...address }, this.#context, this);
    this.#byAddress.set(key, peer);
    return peer;
  }

  /**
   * The peer that a handshake from outside names. Anybody can send any number, with addresses at which nobody lives or
   * with many names for one address, so beyond the limits those go that did not answer ours or were silent longest.
   */
  introduced(address: Address): Peer {
    const known = this.find(address);
    if (known !== undefined) {
      this.#heard(known);
      return known;
    }
    const peer = this.at(address);
    const { unansweredPeersMax, uninvitedPeersMax } = this.#context.limits;
    this.#uninvited.add(peer);
    this.#unanswered.add(peer);
    forgetFirstBeyond(unansweredPeersMax, this.#unanswered, peer);
    forgetFirstBeyond(uninvitedPeersMax, this.#uninvited, peer);
    return peer;
  }

  /** The peer answered our handshake: it does live at that address, and nobody else does. */
  answered(peer: Peer, uid: bigint): void {
    if (!peer.wasReached) return;
    this.#inboxes.get(uid)?.handshakeAnswered();
    peer.handshakeAnswered();
    this.#heard(peer);
    if (!this.#unanswered.delete(peer)) return;
    const { host, port } = peer.address;
    for (const other of [...this.#uninvited]) {
      const { address } = other;
      if (other !== peer && address.host === host && address.port === port) other.forget();
    }
  }

  #heard(peer: Peer): void {
    if (this.#uninvited.delete(peer)) this.#uninvited.add(peer);
  }

  find(address: Address): Peer | undefined {
    return this.#byAddress.get(addressText(address));
  }

  inbox(uid: bigint): Inbox | undefined {
    return this.#inboxes.get(uid);
  }

  /** The address that a uid belongs to. */
  ownerOf(uid: bigint): Address | undefined {
    const { self } = this.#context;
    return uid === self.uid ? self.address : this.#inboxes.get(uid)?.peer.address;
  }

  queuedBytes(): number {
    let bytes = 0;
    for (const peer of this.#byAddress.values()) {
      for (const stream of peer.streams) bytes += stream.queuedBytes;
    }
    return bytes;
  }

  // What a peer tells.

  incarnation(peer: Peer, uid: bigint, previous: bigint | undefined): void {
    this.#inboxes.set(uid, new Inbox(peer, uid));
    this.#forgetOldIncarnations(peer);
    this.#listener.inboxesChanged();
    this.#listener.incarnation(peer, uid, previous);
  }

  quarantined(peer: Peer, mark: QuarantineMark): void {
    const inbox = this.#inboxes.get(mark.uid);
    if (inbox !== undefined) inbox.blocked = true;
    this.#listener.quarantined(peer, mark);
  }

  forgotten(peer: Peer): void {
    this.#uninvited.delete(peer);
    this.#unanswered.delete(peer);
    this.#byAddress.delete(peer.addressText);
    for (const inbox of this.#inboxesOf(peer)) this.#inboxes.delete(inbox.uid);
    this.#listener.inboxesChanged();
    const { address, uid } = peer;
    this.#context.publish({ type: 'associationState', address, uid, state: 'forgotten' });
  }

  #forgetOldIncarnations(peer: Peer): void {
    const old = this.#inboxesOf(peer).slice(0, -incarnationsKept);
    for (const inbox of old) this.#inboxes.delete(inbox.uid);
  }

  #inboxesOf(peer: Peer): Inbox[] {
    return [...this.#inboxes.values()].filter((inbox) =>
      sameAddress(inbox.peer.address, peer.address),
    );
  }
}

function forgetFirstBeyond(max: number, peers: Set<Peer>, newcomer: Peer): void {
  if (peers.size <= max) return;
  const first = peers.values().next();
  if (first.done !== true && first.value !== newcomer) first.value.forget();
}
