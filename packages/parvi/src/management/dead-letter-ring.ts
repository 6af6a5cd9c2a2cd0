// The last dead letters, kept while management runs: what they were, not what stood in them.

import {
  type DeadLetter,
  type DeadLetterReason,
  deadLetterEvent,
  type EventStream,
  messageName,
} from '../actor/index.ts';
import { type Cancellable, type Clock, errorLine } from '../runtime/index.ts';

export interface KeptLetter {
  readonly atMs: number;
  readonly recipient: string;
  readonly sender: string | undefined;
  readonly reason: DeadLetterReason;
  readonly messageType: string;
  readonly cause: string | undefined;
}

export const deadLettersKept = 200;

export class DeadLetterRing implements Cancellable {
  readonly #kept: KeptLetter[] = [];
  readonly #subscription: Cancellable;
  #next = 0;

  constructor(eventStream: EventStream, clock: Clock) {
    this.#subscription = eventStream.subscribe(deadLetterEvent, (letter) => {
      this.#kept[this.#next] = keptLetter(letter, clock.wallMs());
      this.#next = (this.#next + 1) % deadLettersKept;
    });
  }

  /** The newest first. */
  last(count: number): readonly KeptLetter[] {
    const { length } = this.#kept;
    const at = (i: number): KeptLetter | undefined =>
      this.#kept[(this.#next - 1 - i + 2 * length) % length];
    return Array.from({ length: Math.min(count, length) }, (_, i) => at(i)).flatMap(
      (letter) => letter ?? [],
    );
  }

  cancel(): void {
    this.#subscription.cancel();
  }
}

function keptLetter(letter: DeadLetter, atMs: number): KeptLetter {
  const { message, recipient, sender, reason, cause } = letter;
  return {
    atMs,
    recipient,
    sender: sender?.path,
    reason,
    messageType: messageName(message),
    cause: cause === undefined ? undefined : errorLine(cause),
  };
}
