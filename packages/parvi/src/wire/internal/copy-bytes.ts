// Bytes that leave this layer are copies in memory of their own, and plain `Uint8Array`s: slicing a Buffer gives a Buffer.

export function copyBytes(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(end - start);
  copy.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
  return copy;
}
