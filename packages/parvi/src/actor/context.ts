// What an actor is given to act with. One context for each incarnation; it is of use inside the actor only.

import type { Logger } from '../observe/index.ts';
import type { Duration } from '../runtime/index.ts';
import type { ActorDefinition } from './actor.ts';
import type { ActorOptions } from './options.ts';
import type { ActorRef } from './ref.ts';
import type { ActorSystem } from './system.ts';

export interface WatchOptions<M> {
  /** Tell this actor the message instead of calling `onTerminated`. */
  readonly message?: M;
  /** Fail with `ACTOR_DEATH_PACT` when the watched one ends, so that supervision decides. By default `false`. */
  readonly deathPact?: boolean;
}

/** Timers of one incarnation. A key has one timer; starting it again replaces it. */
export interface ActorTimers<M> {
  /** Tells the actor the message once after the delay. */
  startSingle(key: string, message: M, delay: Duration): void;
  /**
   * Tells the actor the message every interval. Ticks that it could not take in time, because it was busy or the
   * process stood still, come as one.
   */
  startPeriodic(key: string, message: M, interval: Duration): void;
  /** From now on no message of this timer is delivered, not even one that waits in the mailbox. */
  cancel(key: string): void;
  cancelAll(): void;
  isActive(key: string): boolean;
}

export interface ActorContext<M> {
  readonly self: ActorRef<M>;
  readonly system: ActorSystem;
  readonly parent: ActorRef<never>;
  /** Logs with the actor's path. */
  readonly log: Logger;
  /** Who sent the message being handled, if it said so. Classic JVM actors expect the reply there. */
  readonly sender: ActorRef<never> | undefined;
  readonly children: readonly ActorRef<never>[];
  child(name: string): ActorRef<never> | undefined;
  readonly timers: ActorTimers<M>;

  /**
   * Starts a child; without a name it gets `$a`, `$b`, …
   *
   * @throws ActorError `ACTOR_NAME_INVALID`, `ACTOR_NAME_TAKEN`, `ACTOR_STOPPING`
   */
  spawn<C>(definition: ActorDefinition<C>, name?: string, options?: ActorOptions): ActorRef<C>;

  /**
   * Stops a child after the message it is at.
   *
   * @throws ActorError `ACTOR_CHILD_UNKNOWN` when the ref is not a child of this actor
   */
  stop(child: ActorRef<never>): void;

  /** Asks to be told, once, when that actor ends. Returns the ref. */
  watch<R extends ActorRef<never>>(ref: R, options?: WatchOptions<M>): R;
  /** Takes the watch back, even when the end is already known but not yet told. */
  unwatch(ref: ActorRef<never>): void;

  /**
   * Sets the message being handled aside until {@link unstashAll}.
   *
   * @throws ActorError `ACTOR_STASH_FULL` beyond the stash capacity; the message becomes a dead letter
   */
  stash(): void;
  /** Puts what was set aside in front of the mailbox, in its old order. */
  unstashAll(): void;

  /** A ref for another protocol: what is told to it reaches this actor converted. Ends with this incarnation. */
  adapt<T>(convert: (message: T) => M): ActorRef<T>;

  /**
   * Turns the outcome of a promise into a message to this actor, which goes on meanwhile. An outcome that comes after
   * a restart or stop becomes a dead letter.
   */
  pipeToSelf<T>(promise: Promise<T>, onValue: (value: T) => M, onError: (error: Error) => M): void;
}
