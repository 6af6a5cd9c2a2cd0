// Bytes that leave this layer are copies in memory of their own, and plain `Uint8Array`s: slicing a Buffer gives a Buffer.

/** From this size on, memory that nobody has cleared is worth the detour over a Buffer. */
const unclearedBytesMin = 2048;

export function copyBytes(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): Uint8Array<ArrayBuffer> {
  const copy = unclearedBytes(end - start);
  copy.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
  return copy;
}

/** Memory to be written from end to end before anybody reads it: what stood there before may still stand there. */
export function unclearedBytes(byteCount: number): Uint8Array<ArrayBuffer> {
  return byteCount < unclearedBytesMin
    ? new Uint8Array(byteCount)
    : new Uint8Array(Buffer.allocUnsafeSlow(byteCount).buffer);
}
