// Actors of a system that traces: what is told within a recorded trace carries it through the mailbox, and its handling is
// a span. Systems that do not trace have plain cells and pay nothing.

import type { TraceContext, TraceSpan, Tracing } from '../../observe/index.ts';
import { toError } from '../../runtime/index.ts';
import { isPromiseLike } from '../callbacks.ts';
import type { ActorOptions } from '../options.ts';
import type { ActorRef } from '../ref.ts';
import { Cell, type CellPlace, type Recipe } from './cell.ts';
import { makeRoom } from './mailbox-loss.ts';
import { type Envelope, statusStopping } from './signals.ts';

export class TracedCell extends Cell {
  readonly tracing: Tracing;

  constructor(place: CellPlace, recipe: Recipe, options: ActorOptions, tracing: Tracing) {
    super(place, recipe, options);
    this.tracing = tracing;
  }

  override tell(message: unknown, sender: ActorRef<never> | undefined): void {
    const context = this.tracing.current;
    if (context === undefined || this.status >= statusStopping) super.tell(message, sender);
    else if (this.mailbox.size < this.capacity || makeRoom(this, message, sender)) {
      this.enqueue(new TracedMessage(this.tracing, { message, sender, context }));
    }
  }
}

interface Told {
  readonly message: unknown;
  readonly sender: ActorRef<never> | undefined;
  readonly context: TraceContext;
}

class TracedMessage implements Envelope {
  readonly #tracing: Tracing;
  readonly #told: Told;

  constructor(tracing: Tracing, told: Told) {
    this.#tracing = tracing;
    this.#told = told;
  }

  deliver(cell: Cell): unknown {
    const { message, sender, context } = this.#told;
    const span = this.#tracing.start({
      name: `receive ${typeText(message)}`,
      kind: 'consumer',
      parent: context,
      attributes: { 'parvi.actor.path': cell.localPath },
    });
    try {
      const outcome = this.#tracing.run(span?.context ?? context, () =>
        cell.invoke(message, sender),
      );
      if (span !== undefined) endWith(span, outcome);
      return outcome;
    } catch (thrown) {
      span?.fail(toError(thrown));
      span?.end();
      throw thrown;
    }
  }

  discard(cell: Cell): void {
    cell.drop(this.#told.message, this.#told.sender, 'recipientStopped');
  }

  makeRoom(cell: Cell): void {
    cell.drop(this.#told.message, this.#told.sender, 'mailboxFull');
  }
}

/** A handler that is a promise is at work until that settles. */
function endWith(span: TraceSpan, outcome: unknown): void {
  if (!isPromiseLike(outcome)) {
    span.end();
    return;
  }
  Promise.resolve(outcome).then(
    () => span.end(),
    (thrown: unknown) => {
      span.fail(toError(thrown));
      span.end();
    },
  );
}

const typeLengthMax = 100;

/** Types are few; what a message without one is called is the same for all. */
function typeText(message: unknown): string {
  const type: unknown =
    typeof message === 'object' && message !== null ? Reflect.get(message, 'type') : undefined;
  return typeof type === 'string' ? type.slice(0, typeLengthMax) : 'message';
}
