// Path texts to refs, fast: most paths that come in name actors of a few known peers, so the part before the first slash
// is compared instead of taking the text apart.

import { type ActorRef, type ActorSystem, type AskDoor, DeadLetterRef } from '../actor/index.ts';
import { type Address, addressText } from '../wire/index.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import { RemoteRef, type RemoteRefDoors } from './remote-ref.ts';

export class RefFactory {
  readonly #system: ActorSystem;
  readonly #asks: AskDoor;
  readonly #peers: Peers;
  readonly #doors: RemoteRefDoors;
  readonly #own: Address;
  readonly #ownPrefix: string;
  #lastPrefix = '\0';
  #lastPeer: Peer | undefined;
  /** An ask names its ref twice: in the message, and as the sender. */
  #lastRef: RemoteRef | undefined;

  constructor(options: {
    readonly system: ActorSystem;
    readonly own: Address;
    readonly peers: Peers;
    readonly doors: RemoteRefDoors;
  }) {
    this.#system = options.system;
    this.#peers = options.peers;
    this.#doors = options.doors;
    this.#asks = options.system.resolve(`pekko://${options.system.name}/`).asks;
    this.#own = options.own;
    this.#ownPrefix = `${addressText(options.own)}/`;
  }

  /** The ref of any path; never throws. */
  resolve(path: string): ActorRef<unknown> {
    const last = this.#lastRef;
    if (last !== undefined && last.path === path) return last;
    const peer = this.#lastPeer;
    if (peer !== undefined && path.startsWith(this.#lastPrefix) && !peer.isForgotten) {
      this.#lastRef = this.#remoteRef(path, peer);
      return this.#lastRef;
    }
    if (path.startsWith(this.#ownPrefix)) return this.#system.resolve(path);
    const ref = this.#system.resolve(path);
    if (ref instanceof RemoteRef && ref.peer !== undefined) {
      this.#lastPeer = ref.peer;
      this.#lastPrefix = `${ref.peer.addressText}/`;
    }
    return ref;
  }

  /** A ref of another node; of an address with another scheme nothing can be reached. */
  remoteRefAt(path: string, address: Address): ActorRef<unknown> {
    if (address.protocol === this.#own.protocol && address.host !== '') {
      return this.#remoteRef(path, this.#peers.find(address));
    }
    const place = { path, reason: 'recipientNotFound' } as const;
    return new DeadLetterRef(this.#asks, this.#system.deadLetters, place);
  }

  #remoteRef(path: string, peer: Peer | undefined): RemoteRef {
    return new RemoteRef(this.#asks, this.#doors, path, peer);
  }
}
