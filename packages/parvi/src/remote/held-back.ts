// Connections that are not read because an actor has too many messages. One timer looks after all of them.

import type { Cancellable, Timers } from '../runtime/index.ts';

export interface Held {
  /** Sees whether it may be read again, and takes itself out then. */
  lookAgain(): void;
}

const lookEveryMs = 5;

export class HeldBack {
  readonly #held = new Set<Held>();
  #timer: Cancellable | undefined;

  add(held: Held, timers: Timers): void {
    this.#held.add(held);
    this.#timer ??= timers.every(lookEveryMs, () => this.#look());
  }

  delete(held: Held): void {
    this.#held.delete(held);
    if (this.#held.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    for (const held of [...this.#held]) held.lookAgain();
  }
}
