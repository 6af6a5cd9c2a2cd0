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

  add(subscriber: Subscriber): Subscription {
    this.#subscribers.add(subscriber);
    return { cancel: () => this.#subscribers.delete(subscriber) };
  }

  publish(event: ClusterEvent): void {
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.isGone()) this.#subscribers.delete(subscriber);
      else if (subscriber.types.has(event.type)) this.#tell(subscriber, event);
    }
  }

  #tell(subscriber: Subscriber, event: ClusterEvent): void {
    try {
      subscriber.tell(event);
    } catch (thrown) {
      const fields = { error: toError(thrown), event: event.type };
      this.#log.error(fields, 'A subscriber to cluster events failed; it goes on with the next');
    }
  }
}
