// What can go wrong among actors. Every error carries a stable code, so that callers branch on it and never on a text.

import { durationText, type ErrorFields, ParviError } from '../runtime/index.ts';

/** The stable codes of this layer and what each means to the person who reads it. */
export const actorErrorCodes = {
  ACTOR_NAME_INVALID:
    'An actor name has characters that a path cannot hold, starts with "$", or is "." or ".."',
  ACTOR_NAME_TAKEN: 'A living sibling, or one that is still stopping, has this name',
  ACTOR_STOPPING: 'An actor that is stopping was asked to start a child',
  ACTOR_CHILD_FAILED: 'A child failed and its supervision says "escalate"',
  ACTOR_CHILD_UNKNOWN: 'An actor was asked to stop a ref that is not its child',
  ACTOR_DEATH_PACT: 'An actor that this one cannot live without has ended',
  ACTOR_KILLED: 'The actor was told to fail by a Kill message',
  ACTOR_STASH_FULL: 'A message was stashed beyond the limit of the stash',
  ACTOR_STASH_EMPTY: 'An actor stashed outside the handling of a message',
  ACTOR_OPTION_INVALID: 'An option of an actor or of the actor system has a value that cannot work',
  ACTOR_ARGUMENT_INVALID: 'A function was given something that it does not take',
  ACTOR_SYSTEM_NAME_INVALID: 'The name of an actor system cannot stand in an address',
  ACTOR_SYSTEM_TERMINATED: 'The actor system is terminating or has terminated',
  ASK_TIMEOUT: 'No reply came within the time given to an ask',
  ASK_UNDELIVERABLE: 'The message of an ask became a dead letter, so no reply can come',
  ASK_HANDLER_FAILED: 'The actor failed while it handled the message of an ask',
  ASK_DEADLOCK: 'An actor waits for its own reply',
  ASK_REJECTED: 'The other side answered an ask with a failure',
  SELECTION_TOO_LARGE:
    'A selection has more elements, or leads over more actors, than one message may be followed along',
  SELECTION_NOT_FOUND: 'No actor answered to a selection in the time given',
  SHUTDOWN_ABORTED: 'A phase of coordinated shutdown that must succeed failed or timed out',
  SHUTDOWN_PHASE_UNKNOWN: 'A task was added to a phase that coordinated shutdown does not have',
} as const;

export type ActorErrorCode = keyof typeof actorErrorCodes;

export interface ActorErrorOptions {
  readonly fields?: ErrorFields;
  readonly cause?: unknown;
}

/** An operating error among actors; `code` is one of {@link actorErrorCodes}. */
export class ActorError extends ParviError {
  declare readonly code: ActorErrorCode;

  constructor(code: ActorErrorCode, message: string, options: ActorErrorOptions = {}) {
    super(code, message, options);
  }
}

/** No reply within the time given. `fields` hold `target`, `timeoutMs` and, when it is known, why. */
export class AskTimeoutError extends ActorError {
  readonly target: string;
  readonly timeoutMs: number;

  constructor(target: string, timeoutMs: number, hint: string) {
    super(
      'ASK_TIMEOUT',
      `Cannot get a reply from "${target}" within ${durationText(timeoutMs)}: ${hint}`,
      { fields: { target, timeoutMs } },
    );
    this.target = target;
    this.timeoutMs = timeoutMs;
  }
}
