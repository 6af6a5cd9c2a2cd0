// Options of actors and of the actor system, with their defaults.

import { type Duration, durationMs } from '../runtime/index.ts';
import { ActorError } from './errors.ts';
import { invalidOption, refuseOtherNames } from './option-checks.ts';
import { checkSupervision, type Supervision } from './supervision.ts';

/** What happens to a message that finds the mailbox full. Either way the lost one becomes a dead letter `mailboxFull`. */
export type MailboxOverflow = 'dropNewest' | 'dropOldest';

export interface MailboxOptions {
  /** Messages held at most; by default no limit. A limit bounds memory, and turns overload into dead letters. */
  readonly capacity?: number;
  /** By default `dropNewest`: the arriving message is lost. */
  readonly overflow?: MailboxOverflow;
}

export interface ActorOptions {
  readonly mailbox?: MailboxOptions;
  /** What happens when this actor fails; by default it is restarted with back-off. */
  readonly supervision?: Supervision;
  /** Messages that `context.stash()` holds at most; by default 1,000. */
  readonly stashCapacity?: number;
}

export interface DeadLetterOptions {
  /** Dead letters logged one by one in each window; the rest is summed up at its end. By default 10; 0 for none. */
  readonly logMax?: number;
  /** By default one minute. */
  readonly logWindow?: Duration;
}

export interface ActorSystemOptions {
  /** Letters, digits, `-` and `_`, starting with a letter or digit; the same on all nodes of a cluster. */
  readonly name: string;
  /** How long an ask waits when it does not say; by default 5 s. */
  readonly askTimeout?: Duration;
  readonly deadLetters?: DeadLetterOptions;
}

export interface ActorSettings {
  readonly askTimeoutMs: number;
  readonly deadLetterLogMax: number;
  readonly deadLetterLogWindowMs: number;
}

/** Whoever waits longer waits for ever. */
const askTimeoutMsMax = 100 * 86_400_000;

/** @throws ActorError `ACTOR_OPTION_INVALID`; ParviError `DURATION_INVALID` */
export function askTimeoutMs(timeout: Duration, option: string): number {
  const timeoutMs = durationMs(timeout, option);
  if (timeoutMs <= askTimeoutMsMax) return timeoutMs;
  throw new ActorError(
    'ACTOR_OPTION_INVALID',
    `Cannot wait for an answer with ${option} "${timeout}": it takes 100 days at most`,
    { fields: { option, value: timeout } },
  );
}

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/;

/** Checks the options once and fills in the defaults. */
export function actorSettings(options: ActorSystemOptions): ActorSettings {
  if (!namePattern.test(options.name)) {
    throw new ActorError(
      'ACTOR_SYSTEM_NAME_INVALID',
      `Cannot start the actor system "${options.name}": a name has letters, digits, "-" and "_" only and starts with a letter or digit`,
      { fields: { name: options.name } },
    );
  }
  return {
    askTimeoutMs: askTimeoutMs(options.askTimeout ?? 5000, 'askTimeout'),
    deadLetterLogMax: options.deadLetters?.logMax ?? 10,
    deadLetterLogWindowMs: durationMs(options.deadLetters?.logWindow ?? '1m', 'logWindow'),
  };
}

const optionNames = ['mailbox', 'supervision', 'stashCapacity'];
const mailboxNames = ['capacity', 'overflow'];
const overflows: readonly unknown[] = ['dropNewest', 'dropOldest'] satisfies MailboxOverflow[];

/** Options that were found in order, so that those of a definition are looked at once and not at each spawn. */
const inOrder = new WeakSet<object>();

/**
 * Refuses names that no option has, and values that none takes; numbers are checked where they are used.
 *
 * @throws ActorError `ACTOR_OPTION_INVALID`, `DURATION_INVALID`
 */
export function checkActorOptions(options: ActorOptions): void {
  if (typeof options === 'object' && options !== null && inOrder.has(options)) return;
  refuseOtherNames(options, '', optionNames);
  const { mailbox, supervision } = options;
  if (mailbox !== undefined) {
    refuseOtherNames(mailbox, 'mailbox', mailboxNames);
    const { overflow } = mailbox;
    if (overflow !== undefined && !overflows.includes(overflow)) {
      throw invalidOption('mailbox.overflow', overflow, 'it takes "dropNewest" or "dropOldest"');
    }
  }
  if (supervision !== undefined) checkSupervision(supervision);
  inOrder.add(options);
}

/** The largest number that counts as a limit; more means none. */
const unlimited = 2 ** 30;

const stashCapacityDefault = 1000;

/** A whole number, or infinity for no limit. */
function isCapacity(capacity: unknown, min: number): boolean {
  if (typeof capacity !== 'number' || !(capacity >= min)) return false;
  return Number.isInteger(capacity) || capacity === Number.POSITIVE_INFINITY;
}

/** Messages that the stash holds; 0 refuses all. */
export function stashCapacity({ stashCapacity = stashCapacityDefault }: ActorOptions): number {
  if (isCapacity(stashCapacity, 0)) return stashCapacity;
  throw new ActorError(
    'ACTOR_OPTION_INVALID',
    `Cannot make a stash of capacity ${String(stashCapacity)}: it must be a whole number, 0 or more`,
    { fields: { option: 'stashCapacity', value: stashCapacity } },
  );
}

/** The mailbox limit as a small integer, which the hot path compares fastest. */
export function mailboxCapacity(options: MailboxOptions | undefined): number {
  const capacity = options?.capacity ?? unlimited;
  if (!isCapacity(capacity, 1)) {
    throw new ActorError(
      'ACTOR_OPTION_INVALID',
      `Cannot make a mailbox of capacity ${String(capacity)}: it must hold at least 1 message, and whole ones`,
      { fields: { option: 'mailbox.capacity', value: capacity } },
    );
  }
  return Math.min(capacity, unlimited);
}
