// How many messages wait behind a router: it passes on at once what it gets, so its own mailbox says nothing.

import type { ActorRef } from '../ref.ts';
import { mailboxOwner } from './adapters.ts';

export class RouteeLoad {
  readonly #routees: () => Iterable<ActorRef<never>>;
  #messages = 0;
  #readsLeft = 0;

  /** `routees` gives those that there are now. */
  constructor(routees: () => Iterable<ActorRef<never>>) {
    this.#routees = routees;
  }

  /** Counted anew only once in as many calls as there are routees, so that one call costs little however many they are. */
  messages(): number {
    return this.#readsLeft-- > 0 ? this.#messages : this.exact();
  }

  exact(): number {
    let messages = 0;
    let routees = 0;
    for (const ref of this.#routees()) {
      routees++;
      const cell = mailboxOwner(ref)?.cell;
      if (cell === undefined) continue;
      messages += cell.mailbox.size + (cell.routees?.ownRoutees() ?? 0);
    }
    this.#messages = messages;
    this.#readsLeft = routees;
    return messages;
  }

  /** Without what waits behind routees that are routers in turn: two levels are counted, and rings end. */
  ownRoutees(): number {
    let messages = 0;
    for (const ref of this.#routees()) messages += mailboxOwner(ref)?.cell.mailbox.size ?? 0;
    return messages;
  }
}
