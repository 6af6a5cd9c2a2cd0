// Actors named by a path pattern instead of a ref: who they are is found out anew with each message.

import { durationMs, durationText } from '../runtime/index.ts';
import type { SelectionElement } from '../wire/index.ts';
import { ActorError } from './errors.ts';
import { selectionText } from './internal/selection-walk.ts';
import { identify, readActorIdentity, SelectedMessage } from './protocol.ts';
import type { ActorRef, AskOptions } from './ref.ts';

export interface SelectionPlace {
  /** The ref that the elements start from; the root of this or of another system. */
  readonly anchor: ActorRef<never>;
  readonly elements: readonly SelectionElement[];
  resolve(path: string): ActorRef<never>;
}

/**
 * All actors that a path leads to now, here or on another node. Elements may be `..` or hold the wildcards `*` and
 * `?`. Prefer refs: a selection is looked up with each message and says nothing of who it reached.
 */
export class ActorSelection {
  readonly #place: SelectionPlace;

  constructor(place: SelectionPlace) {
    this.#place = place;
  }

  tell(message: unknown, sender?: ActorRef<never>): void {
    const { anchor, elements } = this.#place;
    (anchor as ActorRef<unknown>).tell(new SelectedMessage(elements, message), sender);
  }

  /**
   * The ref of the actor that answers first.
   *
   * @throws ActorError `SELECTION_NOT_FOUND` when nobody is there, or nobody answers in time
   */
  async resolveOne<M = never>(options: AskOptions = {}): Promise<ActorRef<M>> {
    const { anchor, elements, resolve } = this.#place;
    let reply: unknown;
    try {
      reply = await (anchor as ActorRef<unknown>).ask<unknown>(
        () => new SelectedMessage(elements, identify),
        options,
      );
    } catch (cause) {
      const waited =
        options.timeout === undefined ? '' : ` within ${durationText(durationMs(options.timeout))}`;
      throw this.#notFound(`nobody answered${waited}`, cause);
    }
    const ref = readActorIdentity(reply)?.ref;
    if (ref === undefined) throw this.#notFound('there is no such actor', undefined);
    return resolve(ref) as ActorRef<M>;
  }

  toString(): string {
    const { anchor, elements } = this.#place;
    return `ActorSelection(${anchor.path} ${selectionText(elements)})`;
  }

  #notFound(why: string, cause: unknown): ActorError {
    const selection = selectionText(this.#place.elements);
    const anchor = this.#place.anchor.path;
    return new ActorError(
      'SELECTION_NOT_FOUND',
      `Cannot find an actor at "${selection}" from "${anchor}": ${why}`,
      { fields: { selection, anchor }, cause },
    );
  }
}
