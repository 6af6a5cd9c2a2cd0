// The last stop of every message that reaches nobody: counted by reason, announced on the event stream, logged at a
// bounded rate, and told to the ask that waits for an answer to it.

import type { Logger } from '../observe/index.ts';
import { type Cancellable, errorLine, type Timers } from '../runtime/index.ts';
import { WireMessage } from '../wire/index.ts';
import { type EventStream, eventType } from './event-stream.ts';
import { type ActorRef, undeliverable } from './ref.ts';

/** Why a message reached nobody. A closed list: also the label values of the counter. */
export type DeadLetterReason =
  | 'recipientNotFound'
  | 'recipientStopped'
  | 'wrongIncarnation'
  | 'earlierIncarnation'
  | 'mailboxFull'
  | 'stashFull'
  | 'unhandled'
  | 'lateReply'
  | 'noRoutee'
  | 'selectionWithoutMatch'
  | 'selectionTooLarge'
  | 'systemTerminated'
  | 'remotingAbsent'
  | 'remoteUnreachable'
  | 'remoteQuarantined'
  | 'remoteTerminating'
  | 'outboundQueueFull'
  | 'messageTooLarge'
  | 'notSerializable'
  | 'notDeserializable'
  | 'notAllowed'
  | 'handlingFailed';

export const deadLetterReasons: readonly DeadLetterReason[] = [
  'recipientNotFound',
  'recipientStopped',
  'wrongIncarnation',
  'earlierIncarnation',
  'mailboxFull',
  'stashFull',
  'unhandled',
  'lateReply',
  'noRoutee',
  'selectionWithoutMatch',
  'selectionTooLarge',
  'systemTerminated',
  'remotingAbsent',
  'remoteUnreachable',
  'remoteQuarantined',
  'remoteTerminating',
  'outboundQueueFull',
  'messageTooLarge',
  'notSerializable',
  'notDeserializable',
  'notAllowed',
  'handlingFailed',
];

/** The recipient has ended, or its node has. Other reasons tell of a fault, whatever the message. */
const goneReasons: ReadonlySet<DeadLetterReason> = new Set<DeadLetterReason>([
  'recipientNotFound',
  'recipientStopped',
  'wrongIncarnation',
  'earlierIncarnation',
  'selectionWithoutMatch',
  'systemTerminated',
  'remoteUnreachable',
  'remoteQuarantined',
  'remoteTerminating',
]);

export interface DeadLetter {
  readonly message: unknown;
  /** Path text. */
  readonly recipient: string;
  readonly sender: ActorRef<never> | undefined;
  readonly reason: DeadLetterReason;
  /** Why it could not be sent or read, where an error says so: its `fields.path` names the field at fault. */
  readonly cause?: Error | undefined;
}

export interface UndeliveredMessage {
  readonly message: unknown;
  readonly recipient: ActorRef<never> | string;
  readonly sender?: ActorRef<never> | undefined;
  readonly reason: DeadLetterReason;
  readonly cause?: Error | undefined;
}

/** Published on the event stream for each dead letter. */
export const deadLetterEvent = eventType<DeadLetter>('deadLetter');

export interface DeadLettersOptions {
  readonly eventStream: EventStream;
  readonly log: Logger;
  readonly timers: Timers;
  readonly logMax: number;
  readonly logWindowMs: number;
}

export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #counts = new Map<DeadLetterReason, number>();
  #total = 0;
  #loggedInWindow = 0;
  #unlogged = new Map<DeadLetterReason, number>();
  #window: Cancellable | undefined;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /** Dead letters since the start, of one reason or of all. */
  count(reason?: DeadLetterReason): number {
    return reason === undefined ? this.#total : (this.#counts.get(reason) ?? 0);
  }

  publish(undelivered: UndeliveredMessage): void {
    const { message, sender, reason, cause } = undelivered;
    this.#total++;
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    const { recipient: to } = undelivered;
    const recipient = typeof to === 'string' ? to : to.path;
    this.#log(message, recipient, undelivered);
    const { eventStream } = this.#options;
    if (eventStream.hasSubscribers(deadLetterEvent)) {
      eventStream.publish(deadLetterEvent, { message, recipient, sender, reason, cause });
    }
    if (sender !== undefined && reason !== 'lateReply')
      sender[undeliverable](reason, recipient, cause);
  }

  /** Ends the window at once, so that a summary still comes out when the system stops. */
  close(): void {
    this.#window?.cancel();
    this.#endWindow();
  }

  #log(message: unknown, recipient: string, { sender, reason, cause }: UndeliveredMessage): void {
    const { log, timers, logMax, logWindowMs } = this.#options;
    if (logMax === 0) return;
    const messageType = messageName(message);
    const why = cause === undefined ? undefined : errorLine(cause);
    const fields = { recipient, sender: sender?.path, reason, messageType, why };
    if (isOrdinary(message, reason)) {
      log.debug(fields, 'Message reached nobody, as may happen when nodes come and go');
      return;
    }
    this.#window ??= timers.after(logWindowMs, () => this.#endWindow());
    if (this.#loggedInWindow >= logMax) {
      this.#unlogged.set(reason, (this.#unlogged.get(reason) ?? 0) + 1);
      return;
    }
    this.#loggedInWindow++;
    log.info(fields, 'Message reached nobody and became a dead letter');
  }

  #endWindow(): void {
    this.#window = undefined;
    this.#loggedInWindow = 0;
    if (this.#unlogged.size === 0) return;
    const reasons = Object.fromEntries(this.#unlogged);
    this.#unlogged = new Map();
    this.#options.log.info({ reasons }, 'More messages became dead letters');
  }
}

/** Such as gossip to a node that has just left: counted and published like all, but nothing to read about. */
function isOrdinary(message: unknown, reason: DeadLetterReason): boolean {
  try {
    return (
      message instanceof WireMessage && message.deadLetterSuppressed && goneReasons.has(reason)
    );
  } catch {
    // A proxy may throw at anything.
    return false;
  }
}

/** What a log may tell of a message without its content. */
export function messageName(message: unknown): string {
  if (typeof message !== 'object' || message === null) return typeof message;
  try {
    if (message instanceof WireMessage) return message.message.kind;
    if ('type' in message && typeof message.type === 'string') return message.type;
    return message.constructor?.name ?? 'object';
  } catch {
    return 'object';
  }
}
