// A ref to an actor of another node: knows its stream and the header form of its path, so that a tell only encodes.

import { ActorRef, type AskDoor, type SystemMessage, sendSystem } from '../actor/index.ts';
import type { HeaderText } from '../wire/index.ts';
import type { OutboundStream } from './outbound.ts';
import type { Peer } from './peer.ts';

/** What remote refs need from remoting. */
export interface RemoteRefDoors {
  send(ref: RemoteRef, message: unknown, sender: ActorRef<never> | undefined): void;
  sendSystem(ref: RemoteRef, message: SystemMessage): void;
}

export class RemoteRef extends ActorRef<unknown> {
  override readonly path: string;
  /** Found at the first tell when it is not known yet, so that a name alone costs no association. */
  peer: Peer | undefined;
  /** Found at the first tell, as is the header: most senders are never told anything. */
  stream: OutboundStream | undefined;
  header: HeaderText | undefined;
  private readonly doors: RemoteRefDoors;

  constructor(asks: AskDoor, doors: RemoteRefDoors, path: string, peer: Peer | undefined) {
    super(asks);
    this.doors = doors;
    this.path = path;
    this.peer = peer;
    this.stream = undefined;
    this.header = undefined;
  }

  /** Nothing is known here of whether a far actor lives. */
  override get isStopped(): boolean {
    return false;
  }

  override tell(message: unknown, sender?: ActorRef<never>): void {
    this.doors.send(this, message, sender);
  }

  override [sendSystem](message: SystemMessage): void {
    this.doors.sendSystem(this, message);
  }
}
