// Stock messages that travel between any two actors, in the form that the wire gives them.

import {
  isWireMessage,
  type MiscMessage,
  miscMessage,
  type SelectionElement,
} from '../wire/index.ts';

type Identify = Extract<MiscMessage, { readonly kind: 'identify' }>;
type ActorIdentity = Extract<MiscMessage, { readonly kind: 'actorIdentity' }>;

/** Stops the actor after the messages that were sent to it before. */
export const poisonPill = miscMessage({ kind: 'poisonPill' });

/** Makes the actor fail, so that its supervision decides. */
export const kill = miscMessage({ kind: 'kill' });

/** Asks who is there. The correlation id is Scala's `None` (serializer 16, manifest `C`), as Pekko's `resolveOne` sends. */
export const identify = miscMessage({
  kind: 'identify',
  messageId: { serializerId: 16, manifest: 'C', bytes: new Uint8Array(0) },
});

export function readMisc(message: unknown): MiscMessage | undefined {
  try {
    return isWireMessage(message, 16) ? message.message : undefined;
  } catch {
    // A proxy may throw at anything.
    return undefined;
  }
}

export function readIdentify(message: unknown): Identify | undefined {
  const misc = readMisc(message);
  return misc?.kind === 'identify' ? misc : undefined;
}

export function readActorIdentity(message: unknown): ActorIdentity | undefined {
  const misc = readMisc(message);
  return misc?.kind === 'actorIdentity' ? misc : undefined;
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
