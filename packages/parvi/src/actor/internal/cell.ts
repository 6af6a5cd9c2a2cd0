// One actor from the inside: takes messages from its mailbox, one at a time, to its handlers. What happens around
// that (start, failure, restart, stop) is in lifecycle.ts; each further mechanism has its own file.

import { BoundedQueue, toError } from '../../runtime/index.ts';
import { Become, Stop } from '../actor.ts';
import { isPromiseLike } from '../callbacks.ts';
import type { DeadLetterReason } from '../dead-letters.ts';
import { type ActorOptions, mailboxCapacity } from '../options.ts';
import type { ActorRef } from '../ref.ts';
import type { RestartHistory, Supervision } from '../supervision.ts';
import { FunctionRefs } from './adapters.ts';
import { autoReceive } from './auto-receive.ts';
import { Children } from './children.ts';
import { DeathWatch } from './death-watch.ts';
import type { Dispatcher, Runnable } from './dispatcher.ts';
import { reportBug } from './guarded.ts';
import { type HandlerFunction, type HandlerTable, handlerTable } from './handler-table.ts';
import type { CellHost } from './host.ts';
import { afterDeath, beginStop, fail, handleSignal, hookSettled, started } from './lifecycle.ts';
import { LocalRef } from './local-ref.ts';
import { Mailbox } from './mailbox.ts';
import { makeRoom } from './mailbox-loss.ts';
import type { RouteeLoad } from './routee-load.ts';
import {
  type CellSignal,
  type Envelope,
  internalSender,
  noMessage,
  statusRunning,
  statusStarting,
  statusStopped,
  statusStopping,
} from './signals.ts';
import { Stash } from './stash.ts';
import { Timers } from './timers.ts';

/** How to make the actor, whatever its protocol: the untyped view of an actor definition. */
export interface Recipe {
  setup(context: never): unknown;
  readonly options: ActorOptions;
}

export interface CellPlace {
  readonly host: CellHost;
  readonly parent: Cell | undefined;
  readonly name: string;
  readonly uid: number;
}

/** What an actor waits for while its mailbox stands still. */
export type Wait = 'setup' | 'message' | 'onRestart' | 'onStop';

interface Outcome {
  readonly wait: Wait;
  readonly value?: unknown;
  readonly error?: Error;
}

/** Asks that an actor made to itself in the turn it is at; they cannot be answered while its handler awaits. */
export interface SelfAsk {
  rejectDeadlock(): void;
}

export class Cell implements Runnable {
  readonly host: CellHost;
  readonly parent: Cell | undefined;
  readonly name: string;
  readonly uid: number;
  readonly localPath: string;
  readonly ref: LocalRef<unknown>;
  readonly recipe: Recipe;
  readonly options: ActorOptions;
  readonly supervision: Supervision;
  readonly mailbox = new Mailbox();
  readonly children: Children;
  readonly deathWatch: DeathWatch;
  readonly timers: Timers;
  readonly stash: Stash;
  readonly functionRefs: FunctionRefs;
  readonly capacity: number;
  /** What waits behind a router. */
  routees: RouteeLoad | undefined = undefined;

  scheduled = false;
  status = statusStarting;
  /** Waits for a promise; nothing else happens to the actor meanwhile. */
  busy = false;
  /** Counts restarts, so that what belongs to an earlier incarnation can be told. */
  incarnation = 0;
  history: RestartHistory = [];
  restartDue = false;
  failure: Error | undefined = undefined;
  table: HandlerTable | undefined = undefined;
  /** Being handled; {@link noMessage} between messages. */
  message: unknown = noMessage;
  sender: ActorRef<never> | undefined = undefined;

  private readonly dispatcher: Dispatcher;
  private lastType: unknown = undefined;
  private lastHandler: HandlerFunction | undefined = undefined;
  private signals: BoundedQueue<CellSignal> | undefined = undefined;
  private signalsPending = false;
  private outcome: Outcome | undefined = undefined;
  private selfAsks: SelfAsk[] | undefined = undefined;

  constructor(place: CellPlace, recipe: Recipe, options: ActorOptions) {
    this.host = place.host;
    this.parent = place.parent;
    this.name = place.name;
    this.uid = place.uid;
    this.localPath = `${place.parent?.localPath ?? ''}/${place.name}`;
    this.recipe = recipe;
    this.options = options;
    this.supervision = options.supervision ?? 'restart';
    this.capacity = mailboxCapacity(options.mailbox);
    this.dispatcher = place.host.dispatcher;
    this.ref = new LocalRef(this);
    this.children = new Children(this);
    this.deathWatch = new DeathWatch(this);
    this.timers = new Timers(this);
    this.stash = new Stash(this);
    this.functionRefs = new FunctionRefs(this);
  }

  get isStopped(): boolean {
    return this.status >= statusStopping;
  }

  tell(message: unknown, sender: ActorRef<never> | undefined): void {
    if (this.status >= statusStopping) {
      this.drop(message, sender, 'recipientStopped');
      return;
    }
    const mailbox = this.mailbox;
    if (mailbox.size >= this.capacity && !makeRoom(this, message, sender)) return;
    mailbox.push(message, sender);
    if (!this.scheduled) this.dispatcher.schedule(this);
  }

  /** Puts an entry of the actor's own into its mailbox, beyond any limit. */
  enqueue(envelope: Envelope): void {
    if (this.status >= statusStopping) {
      envelope.discard(this);
      return;
    }
    this.mailbox.push(envelope, internalSender);
    if (!this.scheduled) this.dispatcher.schedule(this);
  }

  signal(signal: CellSignal): void {
    if (this.status === statusStopped) {
      afterDeath(this, signal);
      return;
    }
    this.signals ??= new BoundedQueue<CellSignal>(Number.POSITIVE_INFINITY);
    this.signals.push(signal);
    this.signalsPending = true;
    if (!this.scheduled) this.dispatcher.schedule(this);
  }

  hasWork(): boolean {
    if (this.busy) return this.outcome !== undefined;
    return this.signalsPending || (this.status === statusRunning && this.mailbox.size > 0);
  }

  run(limit: number): number {
    try {
      if (this.outcome !== undefined) this.takeOutcome(this.outcome);
      if (this.signalsPending) this.takeSignals();
    } catch (thrown) {
      // Other actors, and what else this one was told, must not suffer from it.
      reportBug(this, 'take a signal', thrown);
      return 0;
    }
    return this.status === statusRunning && !this.busy ? this.takeMessages(limit) : 0;
  }

  /** Hands the message to its handler; the value is what that returned. */
  invoke(message: unknown, sender: ActorRef<never> | undefined): unknown {
    this.message = message;
    this.sender = sender;
    const table = this.table as HandlerTable;
    const type = typeof message === 'object' && message !== null ? typeOf(message) : undefined;
    let handler = this.lastHandler;
    if (handler === undefined || type !== this.lastType) {
      handler = type === undefined ? undefined : table.handlers.get(type);
      if (handler === undefined) return this.invokeOther(message, sender, table);
      this.lastType = type;
      this.lastHandler = handler;
    }
    return handler.call(table.behavior, message);
  }

  /** @throws ActorError `ACTOR_OPTION_INVALID` when that is no object of handlers */
  install(behavior: unknown): void {
    this.table = handlerTable(behavior, this.localPath);
    this.lastHandler = undefined;
  }

  /** The mailbox waits from now on, until the promise settles. */
  await(promise: PromiseLike<unknown>, wait: Wait): void {
    this.busy = true;
    try {
      // A thenable is made a promise, which settles once, whatever the `then` of the thenable does.
      Promise.resolve(promise).then(
        (value) => this.settle({ wait, value }),
        (thrown: unknown) => this.settle({ wait, error: toError(thrown) }),
      );
    } catch (thrown) {
      this.settle({ wait, error: toError(thrown) });
    }
  }

  drop(message: unknown, sender: ActorRef<never> | undefined, reason: DeadLetterReason): void {
    this.host.deadLetters.publish({ message, recipient: this.ref, sender, reason });
  }

  noteSelfAsk(ask: SelfAsk): void {
    this.selfAsks ??= [];
    this.selfAsks.push(ask);
  }

  private takeMessages(limit: number): number {
    const mailbox = this.mailbox;
    let taken = 0;
    try {
      while (taken < limit && mailbox.size > 0) {
        taken++;
        const message = mailbox.shift();
        const sender = mailbox.sender;
        const result =
          sender === internalSender
            ? this.deliverOwn(message as Envelope)
            : this.invoke(message, sender as ActorRef<never> | undefined);
        if (result !== undefined) this.apply(result);
        if (this.selfAsks !== undefined) this.checkSelfAsks();
        if (this.signalsPending || this.busy || this.status !== statusRunning) break;
      }
    } catch (thrown) {
      this.selfAsks = undefined;
      fail(this, toError(thrown));
    }
    if (!this.busy) this.forgetMessage();
    return taken;
  }

  /** A converter that fails must not answer the sender of the message before. */
  private deliverOwn(envelope: Envelope): unknown {
    this.forgetMessage();
    return envelope.deliver(this);
  }

  private apply(result: unknown): void {
    if (result instanceof Become) this.install(result.behavior);
    else if (result instanceof Stop) beginStop(this);
    else if (isPromiseLike(result)) this.await(result, 'message');
  }

  private invokeOther(
    message: unknown,
    sender: ActorRef<never> | undefined,
    table: HandlerTable,
  ): unknown {
    if (autoReceive(this, message, sender)) return undefined;
    if (table.onMessage !== undefined) return table.onMessage.call(table.behavior, message);
    this.drop(message, sender, 'unhandled');
    return undefined;
  }

  private takeSignals(): void {
    const signals = this.signals;
    while (signals !== undefined && !this.busy) {
      const signal = signals.shift();
      if (signal === undefined) break;
      // The signal before may have ended the actor.
      if (this.status === statusStopped) afterDeath(this, signal);
      else handleSignal(this, signal);
    }
    this.signalsPending = signals !== undefined && signals.size > 0;
    if (!this.signalsPending) this.signals = undefined;
    // A setup may have asked the actor that it sets up.
    if (this.selfAsks !== undefined) this.checkSelfAsks();
  }

  private settle(outcome: Outcome): void {
    this.outcome = outcome;
    if (!this.scheduled) this.dispatcher.schedule(this);
  }

  private takeOutcome({ wait, value, error }: Outcome): void {
    this.outcome = undefined;
    this.busy = false;
    if (wait === 'onRestart' || wait === 'onStop') hookSettled(this, wait, error);
    else if (error !== undefined) fail(this, error);
    else this.takeValue(wait, value);
    if (!this.busy) this.forgetMessage();
  }

  private takeValue(wait: Wait, value: unknown): void {
    try {
      if (wait === 'setup') started(this, value);
      else if (value !== undefined) this.apply(value);
    } catch (thrown) {
      fail(this, toError(thrown));
    }
  }

  private forgetMessage(): void {
    this.message = noMessage;
    this.sender = undefined;
  }

  private checkSelfAsks(): void {
    const asks = this.selfAsks ?? [];
    this.selfAsks = undefined;
    if (!this.busy) return;
    for (const ask of asks) ask.rejectDeadlock();
  }
}

function typeOf(message: object): unknown {
  return (message as { readonly type?: unknown }).type;
}
