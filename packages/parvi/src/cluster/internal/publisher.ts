// Hands events to the subscribers that asked for them.

import type { Subscription } from '../../actor/index.ts';
import type { Logger } from '../../observe/index.ts';
import { toError } from '../../runtime/index.ts';
import type { ClusterEvent } from '../events.ts';
import type { Subscriber } from '../subscriptions.ts';

export class Publisher {
  readonly #subscribers = new Set<Subscriber>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** A subscriber that fails at what it is told harms nobody else; what it promises and does not keep counts as failing. */
  guarded(subscriber: Subscriber): Subscriber {
    const failed = (thrown: unknown, event: string): void => {
      const fields = { error: toError(thrown), event };
      this.#log.error(fields, 'A subscriber to cluster events failed; it goes on with the next');
    };
    return {
      types: subscriber.types,
      isGone: () => subscriber.isGone(),
      tell: (event) => {
        try {
          const outcome = subscriber.tell(event);
          if (outcome instanceof Promise) {
            outcome.catch((thrown: unknown) => failed(thrown, event.type));
          }
        } catch (thrown) {
          failed(thrown, event.type);
        }
      },
    };
  }

  add(subscriber: Subscriber): Subscription {
    this.#subscribers.add(subscriber);
    return { cancel: () => this.#subscribers.delete(subscriber) };
  }

  publish(event: ClusterEvent): void {
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.isGone()) this.#subscribers.delete(subscriber);
      else if (subscriber.types.has(event.type)) subscriber.tell(event);
    }
  }
}
