// A bulletin board inside one process: whoever has something to announce publishes it under a typed type, whoever
// cares subscribes. Nothing is kept; without subscribers publishing costs a map look-up.

import { invalidArgument } from './argument-checks.ts';
import { callSafely } from './callbacks.ts';
import { ActorRef } from './ref.ts';

/** Names a kind of event and carries its type. Compared by identity. */
export class EventType<T> {
  readonly name: string;
  declare readonly eventOf: (event: T) => T;

  constructor(name: string) {
    this.name = name;
  }
}

export function eventType<T>(name: string): EventType<T> {
  return new EventType<T>(name);
}

export interface Subscription {
  cancel(): void;
}

type Listener =
  | { readonly ref: ActorRef<unknown> }
  | { readonly callback: (event: unknown) => void };

export class EventStream {
  readonly #listeners = new Map<unknown, Set<Listener>>();
  readonly #onError: (error: unknown, event: string) => void;

  /** `onError` is told of callbacks that throw or whose promise is rejected; all others still get the event. */
  constructor(onError: (error: unknown, event: string) => void) {
    this.#onError = onError;
  }

  /**
   * Tells the actor, or calls back, on each event of the type. A ref that has stopped is dropped by itself.
   *
   * @throws ActorError `ACTOR_ARGUMENT_INVALID`
   */
  subscribe<T>(type: EventType<T>, subscriber: ActorRef<T> | ((event: T) => void)): Subscription {
    if (!(type instanceof EventType)) {
      throw invalidArgument('subscribe to', type, 'a type of events, such as deadLetterEvent');
    }
    if (typeof subscriber !== 'function' && !(subscriber instanceof ActorRef)) {
      throw invalidArgument(`subscribe to "${type.name}" with`, subscriber, 'a function or a ref');
    }
    const listener = (
      typeof subscriber === 'function' ? { callback: subscriber } : { ref: subscriber }
    ) as Listener;
    const listeners = this.#listeners.get(type) ?? new Set<Listener>();
    listeners.add(listener);
    this.#listeners.set(type, listeners);
    return { cancel: () => this.#remove(type, listener) };
  }

  publish<T>(type: EventType<T>, event: T): void {
    const listeners = this.#listeners.get(type);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      if ('callback' in listener) this.#call(listener.callback, event, type.name);
      else if (listener.ref.isStopped) this.#remove(type, listener);
      else listener.ref.tell(event);
    }
  }

  hasSubscribers<T>(type: EventType<T>): boolean {
    return this.#listeners.has(type);
  }

  #call(callback: (event: unknown) => void, event: unknown, name: string): void {
    callSafely(callback, event, (thrown) => this.#onError(thrown, name));
  }

  #remove(type: unknown, listener: Listener): void {
    const listeners = this.#listeners.get(type);
    if (listeners === undefined) return;
    listeners.delete(listener);
    if (listeners.size === 0) this.#listeners.delete(type);
  }
}
