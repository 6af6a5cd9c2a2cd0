// Selections with wildcards that came from other nodes: they are followed in turns of their own, as actors are, so that
// whoever sends them holds neither the socket that they came by nor anybody else.

import { BoundedQueue } from '../../runtime/index.ts';
import type { Dispatcher, Runnable } from './dispatcher.ts';
import {
  followNames,
  followPatterns,
  hasWildcards,
  type Tree,
  type Walk,
} from './selection-walk.ts';

/** A selection that waits counts as so many messages: it is worth the work of at least as many. */
const messagesEach = 100;

type Pieces = Generator<undefined, void>;

export class Selections implements Runnable {
  readonly path = 'selections with wildcards';
  readonly isStopped = false;
  scheduled = false;
  readonly #dispatcher: Dispatcher;
  readonly #onError: (thrown: unknown) => void;
  readonly #waiting = new BoundedQueue<Pieces>(Number.POSITIVE_INFINITY);
  #current: Pieces | undefined;

  constructor(dispatcher: Dispatcher, onError: (thrown: unknown) => void) {
    this.#dispatcher = dispatcher;
    this.#onError = onError;
  }

  /** In messages, as the backlog of an actor is. */
  get backlog(): number {
    return (this.#waiting.size + (this.#current === undefined ? 0 : 1)) * messagesEach;
  }

  exactBacklog(): number {
    return this.backlog;
  }

  /** Names and `..` cost no more than a look-up each and are followed now. */
  follow(tree: Tree, walk: Walk): void {
    if (!hasWildcards(walk.selected)) {
      followNames(tree, walk);
      return;
    }
    this.#waiting.push(followPatterns(tree, walk));
    if (!this.scheduled) this.#dispatcher.schedule(this);
  }

  run(limit: number): number {
    let taken = 0;
    while (taken < limit) {
      this.#current ??= this.#waiting.shift();
      if (this.#current === undefined) break;
      taken++;
      try {
        if (this.#current.next().done === true) this.#current = undefined;
      } catch (thrown) {
        this.#current = undefined;
        this.#onError(thrown);
      }
    }
    return taken;
  }

  hasWork(): boolean {
    return this.#current !== undefined || this.#waiting.size > 0;
  }
}
