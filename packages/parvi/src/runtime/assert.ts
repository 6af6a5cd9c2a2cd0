// Assertions are for bugs in this code, never for bad input, and stay on in production.

/** Raised when the program contradicts itself; catching it to go on is a mistake. */
export class AssertionFailedError extends Error {
  constructor(message: string) {
    super(`Assertion failed: ${message}`);
    this.name = 'AssertionFailedError';
  }
}

/** Throws {@link AssertionFailedError} unless the condition holds; the sentence says what must be true. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new AssertionFailedError(sentence);
}

/** Marks a place that no value can reach; makes a `switch` over a union complete at compile time. */
export function unreachable(value: never): never {
  throw new AssertionFailedError(`unreachable place reached with ${JSON.stringify(value)}`);
}
