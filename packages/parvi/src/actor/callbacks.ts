// Callbacks of applications, called by parts that have to go on whatever becomes of them: a throw and the rejection of a
// promise that comes back are one and the same to who is told of it.

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** Calls; `onError` is told what it throws, or later what its promise is rejected with. Never throws itself. */
export function callSafely<T>(
  callback: (argument: T) => unknown,
  argument: T,
  onError: (thrown: unknown) => void,
): void {
  try {
    const result = callback(argument);
    if (isPromiseLike(result)) Promise.resolve(result).then(undefined, onError);
  } catch (thrown) {
    onError(thrown);
  }
}

/** Lets a promise that nobody will await be rejected without ending the process. */
export function forgetPromise(promise: PromiseLike<unknown>): void {
  callSafely(
    () => promise,
    undefined,
    () => undefined,
  );
}
