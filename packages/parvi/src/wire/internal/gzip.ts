// gzip with a limit on what comes out: a kilobyte may inflate to a gigabyte.

import { gunzipSync, gzipSync } from 'node:zlib';
import { WireError } from '../errors.ts';

export function gzip(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes);
}

/** @throws WireError `PAYLOAD_TOO_LARGE`, `PAYLOAD_MALFORMED` */
export function gunzip(bytes: Uint8Array, bytesMax: number, what: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw new WireError(
      tooLarge ? 'PAYLOAD_TOO_LARGE' : 'PAYLOAD_MALFORMED',
      tooLarge
        ? `Cannot inflate a ${what} of ${bytes.length} bytes: it grows beyond the limit of ${bytesMax} bytes`
        : `Cannot inflate a ${what}: it is not gzip`,
      { fields: { byteCount: bytes.length, bytesMax }, cause: error },
    );
  }
}
