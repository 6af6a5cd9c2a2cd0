// Question and answer: a temporary ref stands in for the asker until the reply, the deadline, or the news that the
// question reached nobody. No timer and no registered path each: a wheel holds the deadlines, and a path is made only
// when the temporary ref has to be named on the wire.

import { type Duration, type Runtime, toError } from '../runtime/index.ts';
import type { Payload } from '../wire/index.ts';
import { invalidArgument } from './argument-checks.ts';
import { forgetPromise } from './callbacks.ts';
import type { DeadLetterReason, DeadLetters } from './dead-letters.ts';
import { ActorError, AskTimeoutError } from './errors.ts';
import { DeadlineWheel, type WheelEntry } from './internal/deadline-wheel.ts';
import type { Dispatcher } from './internal/dispatcher.ts';
import { LocalRef } from './internal/local-ref.ts';
import { unwrapReply } from './internal/replies.ts';
import { type Named, TempNames } from './internal/temp-names.ts';
import { askTimeoutMs } from './options.ts';
import {
  ActorRef,
  type AskDoor,
  type AskOptions,
  type SystemMessage,
  sendSystem,
  undeliverable,
} from './ref.ts';

type Resolve = (value: unknown) => void;
type Reject = (error: Error) => void;

let capturedResolve: Resolve = () => undefined;
let capturedReject: Reject = () => undefined;

/** One function for all promises, instead of a closure for each. */
function capture(resolve: Resolve, reject: Reject): void {
  capturedResolve = resolve;
  capturedReject = reject;
}

/** Stands in for one asker; at `/temp/$x` once it has been named. */
export class AskRef extends ActorRef<unknown> implements WheelEntry, Named {
  next: WheelEntry | undefined = undefined;
  previous: WheelEntry | undefined = undefined;
  dueTick = 0;
  settled = false;
  private readonly owner: Asks;
  private readonly target: ActorRef<never>;
  private readonly timeoutMs: number;
  private readonly resolve: Resolve;
  private readonly reject: Reject;
  tempId = -1;
  private text = '';

  constructor(owner: Asks, target: ActorRef<never>, timeoutMs: number) {
    super(owner);
    this.owner = owner;
    this.target = target;
    this.timeoutMs = timeoutMs;
    this.resolve = capturedResolve;
    this.reject = capturedReject;
  }

  override get path(): string {
    if (this.text === '') this.text = `${this.owner.tempPrefix}${this.owner.register(this)}`;
    return this.text;
  }

  override get isStopped(): boolean {
    return this.settled;
  }

  override tell(message: unknown, sender?: ActorRef<never>): void {
    if (this.settled) {
      this.owner.late(this, message, sender);
      return;
    }
    this.end();
    const reply = unwrapReply(message, this.owner.readPayload);
    if (reply instanceof ActorError) this.reject(reply);
    else this.resolve(reply);
  }

  override [sendSystem](message: SystemMessage): void {
    if (message.kind !== 'watch' || !this.settled) return;
    message.watcher[sendSystem]({
      kind: 'deathWatchNotification',
      actor: this,
      existenceConfirmed: true,
      addressTerminated: false,
    });
  }

  override [undeliverable](
    reason: DeadLetterReason | 'handlerFailed',
    recipient: string,
    cause?: Error,
  ): void {
    if (this.settled) return;
    const target = this.target.path;
    const fields = { target, recipient, reason };
    const failed = reason === 'handlerFailed';
    const detail = cause === undefined ? '' : `: ${cause.message}`;
    const why = failed
      ? `"${recipient}" failed at the message`
      : `the message became a dead letter at "${recipient}" (${reason})${detail}`;
    this.fail(
      new ActorError(
        failed ? 'ASK_HANDLER_FAILED' : 'ASK_UNDELIVERABLE',
        `Cannot get a reply from "${target}": ${why}`,
        { fields, cause },
      ),
    );
  }

  expire(): void {
    const target = this.target.path;
    if (!this.owner.isClosed) this.owner.timeouts++;
    const error = this.owner.isClosed
      ? terminated(target)
      : new AskTimeoutError(target, this.timeoutMs, this.owner.timeoutHint(this.target));
    this.fail(error);
  }

  rejectDeadlock(): void {
    if (this.settled) return;
    const target = this.target.path;
    this.fail(
      new ActorError(
        'ASK_DEADLOCK',
        `Cannot ask "${target}" from its own asynchronous handler: it takes the question only after that handler has ended; call the function directly, or use context.pipeToSelf in a handler that is not async`,
        { fields: { target } },
      ),
    );
  }

  fail(error: Error): void {
    if (this.settled) return;
    this.end();
    this.reject(error);
  }

  private end(): void {
    this.settled = true;
    this.owner.forget(this);
  }
}

export interface AsksOptions {
  readonly runtime: Runtime;
  readonly dispatcher: Dispatcher;
  readonly deadLetters: DeadLetters;
  readonly timeoutMs: number;
  /** Text before the names of pending asks, `pekko://system/temp/`. */
  readonly tempPrefix: string;
}

/** All pending asks of one system, and the folder `/temp`. */
export class Asks implements AskDoor {
  tempPrefix: string;
  /** Asks that got no reply in time, since the start. */
  timeouts = 0;
  readPayload: (payload: Payload) => unknown = (payload) => payload;
  private readonly options: AsksOptions;
  private readonly wheel: DeadlineWheel;
  private readonly dispatcher: Dispatcher;
  private readonly named = new TempNames<AskRef>();
  private closed = false;
  private lastTimeout: Duration | undefined = undefined;
  private lastTimeoutMs: number;

  constructor(options: AsksOptions) {
    this.options = options;
    this.tempPrefix = options.tempPrefix;
    this.dispatcher = options.dispatcher;
    this.lastTimeoutMs = options.timeoutMs;
    this.wheel = new DeadlineWheel(options.runtime.clock, options.runtime.timers);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  ask(
    target: ActorRef<never>,
    build: (replyTo: ActorRef<unknown>) => unknown,
    options: AskOptions | undefined,
  ): Promise<unknown> {
    const promise = new Promise(capture);
    let timeoutMs: number;
    try {
      if (typeof build !== 'function') throw notBuilding(target, build);
      timeoutMs = this.timeoutMs(options?.timeout);
    } catch (thrown) {
      // Who awaits a promise expects every failure from it.
      capturedReject(toError(thrown));
      return promise;
    }
    const ref = new AskRef(this, target, timeoutMs);
    if (this.closed) {
      ref.fail(terminated(target.path));
      return promise;
    }
    this.wheel.add(ref, timeoutMs);
    try {
      const message = build(ref);
      if (message instanceof Promise) throw promisedMessage(message);
      (target as ActorRef<unknown>).tell(message, ref);
    } catch (thrown) {
      ref.fail(toError(thrown));
    }
    const { current } = this.dispatcher;
    if (current !== undefined && target instanceof LocalRef && target.cell === current) {
      target.cell.noteSelfAsk(ref);
    }
    return promise;
  }

  /** The pending ask whose name below `/temp` stands in `text` from `start` on. */
  find(text: string, start = 0): AskRef | undefined {
    return this.named.find(text, start);
  }

  register(ref: AskRef): string {
    const name = this.named.add(ref);
    if (ref.settled) this.named.remove(ref);
    return name;
  }

  forget(ref: AskRef): void {
    this.wheel.remove(ref);
    this.named.remove(ref);
  }

  late(ref: AskRef, message: unknown, sender: ActorRef<never> | undefined): void {
    this.options.deadLetters.publish({ message, recipient: ref, sender, reason: 'lateReply' });
  }

  timeoutHint(target: ActorRef<never>): string {
    if (!(target instanceof LocalRef)) return 'no reply came';
    const { cell } = target;
    if (cell.busy) {
      return 'its asynchronous handler has not ended; if that handler awaits this reply, directly or through another actor, they wait for each other';
    }
    const waiting = cell.mailbox.size;
    return waiting === 0 ? 'no reply came' : `${waiting} messages wait in its mailbox`;
  }

  /** Rejects what is pending and what comes. */
  close(): void {
    this.closed = true;
    this.wheel.expireAll();
  }

  private timeoutMs(timeout: Duration | undefined): number {
    if (timeout !== this.lastTimeout) {
      this.lastTimeoutMs =
        timeout === undefined ? this.options.timeoutMs : askTimeoutMs(timeout, 'timeout');
      this.lastTimeout = timeout;
    }
    return this.lastTimeoutMs;
  }
}

function notBuilding(target: ActorRef<never>, build: unknown): ActorError {
  const takes = 'a function that makes the message around a ref for the reply';
  return invalidArgument(`ask "${target.path}" with`, build, takes);
}

function promisedMessage(message: Promise<unknown>): ActorError {
  forgetPromise(message);
  return invalidArgument('ask with', message, 'a function that makes the message at once');
}

function terminated(target: string): ActorError {
  return new ActorError(
    'ACTOR_SYSTEM_TERMINATED',
    `Cannot get a reply from "${target}": the actor system has terminated`,
    { fields: { target } },
  );
}
