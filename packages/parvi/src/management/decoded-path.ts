// The rest of a path as text. What is percent-encoded is decoded, slashes included, so that an address may stand there raw
// or encoded.

/** Text that is not well encoded stays as it is: nothing has such a name. */
export function decodedPath(rest: string): string {
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}
