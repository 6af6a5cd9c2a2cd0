// References: the only handle on an actor, near or far. A ref is typed by the messages its actor takes, can be sent
// inside messages, and is named on the wire by its path text.

import type { Duration } from '../runtime/index.ts';
import { refText } from '../wire/index.ts';
import type { DeadLetterReason } from './dead-letters.ts';

/** How a watched actor ended. */
export interface Termination {
  /** `false` when there was no such actor (any more) at the time of the watch. */
  readonly existenceConfirmed: boolean;
  /** The whole node is gone, as far as this one can tell. */
  readonly addressTerminated: boolean;
}

/** What keeps death watch and termination going; overtakes ordinary messages. Refs here, path texts on the wire. */
export type SystemMessage =
  | { readonly kind: 'watch'; readonly watchee: ActorRef<never>; readonly watcher: ActorRef<never> }
  | {
      readonly kind: 'unwatch';
      readonly watchee: ActorRef<never>;
      readonly watcher: ActorRef<never>;
    }
  | ({ readonly kind: 'deathWatchNotification'; readonly actor: ActorRef<never> } & Termination)
  | { readonly kind: 'terminate' };

/** Delivers a system message; for layers above, not for applications. */
export const sendSystem: unique symbol = Symbol('parvi.sendSystem');

/** What refs are compared by: the same for two refs of one actor. Not text for local ones, whose text may change once. */
export const refKey: unique symbol = Symbol('parvi.refKey');

/** Tells the sender of a message that it became a dead letter; asks fail at once by it. */
export const undeliverable: unique symbol = Symbol('parvi.undeliverable');

/** The reply types that the messages of a protocol ask for in their field `replyTo`. */
export type Replies<M> = M extends { readonly replyTo: ActorRef<infer R> } ? R : never;

/** The reply type of one message of a protocol, found by its `type`. */
export type ReplyOf<M, T> = M extends { readonly type: infer K }
  ? T extends { readonly type: K }
    ? Replies<M>
    : never
  : never;

export interface AskOptions {
  /** How long to wait; by default the system's `askTimeout` (5 s). */
  readonly timeout?: Duration;
}

/** Where refs get what asking needs. */
export interface AskDoor {
  ask(
    target: ActorRef<never>,
    build: (replyTo: ActorRef<unknown>) => unknown,
    options: AskOptions | undefined,
  ): Promise<unknown>;
}

/**
 * A handle on an actor, wherever it runs. Delivery: at most once, in order per sender and recipient; what cannot be
 * delivered becomes a dead letter with a reason.
 */
export abstract class ActorRef<in M> {
  readonly asks: AskDoor;

  constructor(asks: AskDoor) {
    this.asks = asks;
  }

  /** Full text, `pekko://system@host:port/user/name#uid`; without host while the system is local only. */
  abstract get path(): string;

  /** Whether it is known here that this actor has ended. `false` says nothing about a far actor. */
  abstract get isStopped(): boolean;

  /** Sends a message and returns at once. `sender` is who a classic JVM actor would reply to. */
  abstract tell(message: M, sender?: ActorRef<never>): void;

  abstract [sendSystem](message: SystemMessage): void;

  /** The last element of the path. */
  get name(): string {
    const path = this.path;
    const hash = path.lastIndexOf('#');
    return path.slice(path.lastIndexOf('/') + 1, hash < 0 ? undefined : hash);
  }

  /**
   * Sends the message that `build` makes around a ref for the reply, and waits for the reply. Its type is taken from
   * the field `replyTo` of the message; where it is not in there, name it: `ref.ask<Reply>(...)`. Never awaits for ever,
   * and never throws; all of these are rejections:
   *
   * @throws AskTimeoutError `ASK_TIMEOUT` naming the target and the wait
   * @throws ActorError `ASK_UNDELIVERABLE` at once, when the message is known to have reached nobody
   * @throws ActorError `ASK_HANDLER_FAILED` at once, when the actor is of this process and failed at the message
   * @throws ActorError `ASK_DEADLOCK` when an actor awaits its own reply
   * @throws ActorError `ASK_REJECTED` when the other side answered with a failure
   * @throws ActorError `ACTOR_ARGUMENT_INVALID` at once, when `build` is no function, or one that gives a promise
   * @throws ParviError `DURATION_INVALID` at once, when the timeout is none
   */
  ask<N, const T extends N>(
    this: ActorRef<N>,
    build: (replyTo: ActorRef<Replies<N>>) => T,
    options?: AskOptions,
  ): Promise<ReplyOf<N, T>>;
  ask<R>(build: (replyTo: ActorRef<R>) => M, options?: AskOptions): Promise<R>;
  ask(build: (replyTo: ActorRef<unknown>) => M, options?: AskOptions): Promise<never> {
    return this.asks.ask(this, build, options) as Promise<never>;
  }

  [refText](): string {
    return this.path;
  }

  [refKey](): unknown {
    return this.path;
  }

  /** A message that this ref was the sender of came to nothing at the recipient. */
  [undeliverable](
    _reason: DeadLetterReason | 'handlerFailed',
    _recipient: string,
    _cause?: Error,
  ): void {}

  toString(): string {
    return `ActorRef(${this.path})`;
  }

  toJSON(): string {
    return this.path;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Whether both name the same actor, near or far. */
export function sameRef(a: ActorRef<never>, b: ActorRef<never>): boolean {
  return a === b || a[refKey]() === b[refKey]();
}
