// The public verb: an actor is a setup function that returns handlers by message type. A handler that is missing does
// not compile. What a handler returns is its only way to change the actor: nothing, `become(...)` or `stop()`.

import { invalidArgument } from './argument-checks.ts';
import type { ActorContext } from './context.ts';
import type { ActorOptions } from './options.ts';
import type { ActorRef, Termination } from './ref.ts';

/** Messages of most protocols: a union told apart by its `type`. */
export interface TypedMessage {
  readonly type: string;
}

export type MessageOf<M, K> = M extends TypedMessage ? (K extends M['type'] ? M : never) : never;

/** Told by a handler: from the next message on, the actor has these handlers. Made by {@link become}. */
export class Become<M> {
  readonly behavior: Behavior<M>;

  constructor(behavior: Behavior<M>) {
    this.behavior = behavior;
  }
}

/** Told by a handler: the actor stops. Made by {@link stop}. */
export class Stop {
  readonly kind = 'stop';
}

type Nothing = ReturnType<() => void>;

/** What a handler may return, directly or as a promise; while the promise is pending, the mailbox waits. */
export type HandlerResult<M> = Nothing | Become<M> | Stop;

export type Handler<M, T> = (message: T) => HandlerResult<M> | Promise<HandlerResult<M>>;

/** What the actor is told besides messages. All are optional. */
export interface Signals<M> {
  /** A watched actor has ended; once for each watch. Comes after all messages that it had sent here. */
  onTerminated?(ref: ActorRef<never>, how: Termination): ReturnType<Handler<M, never>>;
  /** This incarnation failed and is about to be replaced; its children are still there. */
  onRestart?(error: Error): Nothing | Promise<void>;
  /** The actor has stopped handling messages and its children are gone. */
  onStop?(): Nothing | Promise<void>;
}

/** One handler for each message type. Names of signals cannot be message types. */
export type Handlers<M> = {
  readonly [K in (M & TypedMessage)['type']]: Handler<M, MessageOf<M, K>>;
} & Signals<M>;

/** One handler for all messages; for protocols that are not unions by `type`, and for forwarding. */
export interface Receiver<M> extends Signals<M> {
  onMessage: Handler<M, M>;
}

export type Behavior<M> = [M] extends [TypedMessage] ? Handlers<M> | Receiver<M> : Receiver<M>;

export type Setup<M> = (context: ActorContext<M>) => Behavior<M> | Promise<Behavior<M>>;

/** How to make an actor; made by {@link actor}, started by `spawn`. May be spawned any number of times. */
export class ActorDefinition<M> {
  readonly setup: Setup<M>;
  readonly options: ActorOptions;

  constructor(setup: Setup<M>, options: ActorOptions) {
    this.setup = setup;
    this.options = options;
  }

  /** The same actor with other options; those not named stay as they were. */
  with(options: ActorOptions): ActorDefinition<M> {
    return new ActorDefinition(this.setup, { ...this.options, ...options });
  }
}

/**
 * Defines an actor. `setup` runs once for every incarnation (at the start and after each restart): its local
 * variables are the actor's state. One message is handled at a time. A handler may be `async`: then the mailbox
 * waits for it, which also means that an actor that awaits an ask to itself would wait for ever; that is refused
 * with `ASK_DEADLOCK` where it can be seen, else the ask times out. Use `context.pipeToSelf` to stay responsive.
 *
 * A thrown error, or a rejected promise, is handled by the actor's supervision (default: restart with back-off).
 *
 * @throws ActorError `ACTOR_ARGUMENT_INVALID`
 */
export function actor<M>(setup: Setup<M>, options: ActorOptions = {}): ActorDefinition<M> {
  if (typeof setup !== 'function') {
    throw invalidArgument('define an actor by', setup, 'a function that returns its handlers');
  }
  return new ActorDefinition(setup, options);
}

/** @throws ActorError `ACTOR_ARGUMENT_INVALID` */
export function checkDefinition(action: string, definition: unknown): void {
  const { setup, options } = Object(definition) as Record<string, unknown>;
  if (typeof setup === 'function' && typeof options === 'object') return;
  throw invalidArgument(action, definition, 'a definition, as actor(), pool() and group() make it');
}

/** Returned by a handler: these handlers take over with the next message. State stays in the closures. */
export function become<M>(behavior: Behavior<M>): Become<M> {
  return new Become(behavior);
}

const theStop = new Stop();

/** Returned by a handler: the actor stops, its children first; what is left in its mailbox becomes dead letters. */
export function stop(): Stop {
  return theStop;
}
