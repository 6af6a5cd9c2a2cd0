// How actor refs travel inside payloads. This layer knows nothing of actors: a value that can name itself is a
// ref, and whoever builds the registry hands in what turns such a name back into a ref.

/** A value with this method is written as its path text wherever it stands in a message. */
export const refText: unique symbol = Symbol('parvi.refText');

export interface RefLike {
  /** Full path with address and `#uid`, as it shall stand on the wire. */
  [refText](): string;
}

/** Turns path texts from the wire into refs; must not throw for any text. */
export interface RefResolver {
  resolveRef(text: string): unknown;
}

/** Leaves refs as plain text; for tools that read frames without an actor system. */
export const textRefs: RefResolver = { resolveRef: (text) => text };

export function isRefLike(value: unknown): value is RefLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<RefLike>)[refText] === 'function'
  );
}
