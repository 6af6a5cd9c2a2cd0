// Makes a finding small enough to read: takes parts away as long as the same kind of fault remains.

/** @param isFaulty whether an input still shows the fault; asked at most `triesMax` times */
export function shrunk(
  input: Uint8Array,
  isFaulty: (input: Uint8Array) => boolean,
  triesMax = 2000,
): Uint8Array {
  let best = input;
  let tries = 0;
  for (let size = best.length >>> 1; size >= 1 && tries < triesMax; ) {
    let smaller = false;
    for (let at = 0; at + size <= best.length && tries < triesMax; ) {
      const candidate = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      tries++;
      if (isFaulty(candidate)) {
        best = candidate;
        smaller = true;
      } else {
        at += size;
      }
    }
    if (!smaller || size > 1) size >>>= 1;
  }
  return best;
}
