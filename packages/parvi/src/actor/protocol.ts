// Stock messages that travel between any two actors, in the form that the wire gives them.

import type { Payload } from '../wire/index.ts';
import type { MiscMessage, SelectionElement } from './internal/wire-port.ts';

type Identify = MiscMessage & { readonly kind: 'identify' };
type ActorIdentity = MiscMessage & { readonly kind: 'actorIdentity' };

/** Stops the actor after the messages that were sent to it before. */
export const poisonPill: MiscMessage = { kind: 'poisonPill' };

/** Makes the actor fail, so that its supervision decides. */
export const kill: MiscMessage = { kind: 'kill' };

/** Identify without a correlation id of its own: Scala's `None` (serializer 16, manifest `C`), as Pekko's `resolveOne` sends. */
export const identify: Identify = {
  kind: 'identify',
  messageId: { serializerId: 16, manifest: 'C', bytes: new Uint8Array(0) },
};

export function isPoisonPill(message: object): boolean {
  return kindOf(message) === 'poisonPill' && Object.keys(message).length === 1;
}

export function isKill(message: object): boolean {
  return kindOf(message) === 'kill' && Object.keys(message).length === 1;
}

export function readIdentify(message: unknown): Identify | undefined {
  if (typeof message !== 'object' || message === null || kindOf(message) !== 'identify') return;
  return isPayload((message as { messageId?: unknown }).messageId)
    ? (message as Identify)
    : undefined;
}

export function readActorIdentity(message: unknown): ActorIdentity | undefined {
  if (typeof message !== 'object' || message === null || kindOf(message) !== 'actorIdentity') {
    return;
  }
  return isPayload((message as { correlationId?: unknown }).correlationId)
    ? (message as ActorIdentity)
    : undefined;
}

/**
 * A message to all actors that a path pattern leads to, seen from the ref it is told to. Refs of other nodes encode
 * it as an actor selection; local ones follow the elements themselves.
 */
export class SelectedMessage {
  readonly elements: readonly SelectionElement[];
  readonly message: unknown;
  /** More than one actor matched on the way here. */
  readonly wildcardFanOut: boolean;

  constructor(elements: readonly SelectionElement[], message: unknown, wildcardFanOut = false) {
    this.elements = elements;
    this.message = message;
    this.wildcardFanOut = wildcardFanOut;
  }
}

function kindOf(message: object): unknown {
  return (message as { readonly kind?: unknown }).kind;
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && 'bytes' in value;
}
