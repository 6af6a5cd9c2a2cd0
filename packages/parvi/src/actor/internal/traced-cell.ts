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
      this.enqueue(new TracedMessage({ message, sender, context }, this.tracing));
    }
  }
}

interface Told {
  readonly message: unknown;
  readonly sender: ActorRef<never> | undefined;
  readonly context: TraceContext;
}

class TracedMessage implements Envelope {
  readonly #message: unknown;
  readonly #sender: ActorRef<never> | undefined;
  readonly #context: TraceContext;
  readonly #tracing: Tracing;

  constructor({ message, sender, context }: Told, tracing: Tracing) {
    this.#message = message;
    this.#sender = sender;
    this.#context = context;
    this.#tracing = tracing;
  }

  deliver(cell: Cell): unknown {
    const tracing = this.#tracing;
    const span = tracing.start({
      name: receiveName(this.#message),
      kind: 'consumer',
      parent: this.#context,
      attributes: { 'parvi.actor.path': cell.localPath },
    });
    const before = tracing.current;
    tracing.current = span?.context ?? this.#context;
    try {
      const outcome = cell.invoke(this.#message, this.#sender);
      if (span !== undefined) endWith(span, outcome);
      return outcome;
    } catch (thrown) {
      span?.fail(toError(thrown));
      span?.end();
      throw thrown;
    } finally {
      tracing.current = before;
    }
  }

  discard(cell: Cell): void {
    cell.drop(this.#message, this.#sender, 'recipientStopped');
  }

  makeRoom(cell: Cell): void {
    cell.drop(this.#message, this.#sender, 'mailboxFull');
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
let lastType = '';
let lastName = 'receive ';

/** Types are few; what a message without one is called is the same for all. */
function receiveName(message: unknown): string {
  const type: unknown =
    typeof message === 'object' && message !== null ? Reflect.get(message, 'type') : undefined;
  if (typeof type !== 'string') return 'receive message';
  if (type === lastType) return lastName;
  lastType = type;
  lastName = `receive ${type.slice(0, typeLengthMax)}`;
  return lastName;
}
