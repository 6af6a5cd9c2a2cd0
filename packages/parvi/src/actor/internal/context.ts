// The context that a setup function gets: a thin face over the cell and its mechanisms.

import type { Logger } from '../../observe/index.ts';
import { type Duration, durationMs } from '../../runtime/index.ts';
import type { ActorDefinition } from '../actor.ts';
import { checkRef, invalidArgument } from '../argument-checks.ts';
import type { ActorContext, ActorTimers, WatchOptions } from '../context.ts';
import { ActorError } from '../errors.ts';
import type { ActorOptions } from '../options.ts';
import type { ActorRef } from '../ref.ts';
import type { ActorSystem } from '../system.ts';
import type { Cell } from './cell.ts';
import { LocalRef } from './local-ref.ts';
import { pipeTo } from './piped.ts';
import { spawnChild } from './spawn.ts';

class CellTimers<M> implements ActorTimers<M> {
  readonly #cell: Cell;

  constructor(cell: Cell) {
    this.#cell = cell;
  }

  startSingle(key: string, message: M, delay: Duration): void {
    this.#cell.timers.start(key, message, durationMs(delay, 'delay'), false);
  }

  startPeriodic(key: string, message: M, interval: Duration): void {
    this.#cell.timers.start(key, message, durationMs(interval, 'interval'), true);
  }

  cancel(key: string): void {
    this.#cell.timers.cancel(key);
  }

  cancelAll(): void {
    this.#cell.timers.cancelAll();
  }

  isActive(key: string): boolean {
    return this.#cell.timers.isActive(key);
  }
}

export class CellContext<M> implements ActorContext<M> {
  readonly system: ActorSystem;
  readonly timers: ActorTimers<M>;
  readonly #cell: Cell;
  #log: Logger | undefined;

  constructor(system: ActorSystem, cell: Cell) {
    this.system = system;
    this.timers = new CellTimers(cell);
    this.#cell = cell;
  }

  get self(): ActorRef<M> {
    return this.#cell.ref;
  }

  get parent(): ActorRef<never> {
    return (this.#cell.parent ?? this.#cell).ref;
  }

  get log(): Logger {
    this.#log ??= this.#cell.host.log.child({ actor: this.#cell.ref.path });
    return this.#log;
  }

  get sender(): ActorRef<never> | undefined {
    return this.#cell.sender;
  }

  get children(): readonly ActorRef<never>[] {
    return Array.from(this.#cell.children, (child) => child.ref);
  }

  child(name: string): ActorRef<never> | undefined {
    return this.#cell.children.get(name)?.ref;
  }

  spawn<C>(definition: ActorDefinition<C>, name?: string, options?: ActorOptions): ActorRef<C> {
    return spawnChild(this.#cell, definition, name, options).ref;
  }

  stop(child: ActorRef<never>): void {
    checkRef('stop', child);
    if (child instanceof LocalRef && child.cell.parent === this.#cell) {
      child.cell.signal({ kind: 'terminate' });
      return;
    }
    throw new ActorError(
      'ACTOR_CHILD_UNKNOWN',
      `Cannot stop "${child.path}" from "${this.#cell.localPath}": it is not a child of this actor; tell it to stop, or return stop() to end this one`,
      { fields: { actor: this.#cell.localPath, child: child.path } },
    );
  }

  watch<R extends ActorRef<never>>(ref: R, options: WatchOptions<M> = {}): R {
    checkRef('watch', ref);
    this.#cell.deathWatch.watch(ref, options);
    return ref;
  }

  unwatch(ref: ActorRef<never>): void {
    checkRef('unwatch', ref);
    this.#cell.deathWatch.unwatch(ref);
  }

  stash(): void {
    this.#cell.stash.add();
  }

  unstashAll(): void {
    this.#cell.stash.release();
  }

  adapt<T>(convert: (message: T) => M): ActorRef<T> {
    if (typeof convert !== 'function') {
      throw invalidArgument('adapt by', convert, 'a function that makes a message of another');
    }
    return this.#cell.functionRefs.add(convert);
  }

  pipeToSelf<T>(promise: Promise<T>, onValue: (value: T) => M, onError: (error: Error) => M): void {
    pipeTo(this.#cell, promise, onValue, onError);
  }
}
