// The bytes of an upload as they come off the socket.

import type { Readable } from 'node:stream';
import { IntakeError } from '../intake/index.ts';

/**
 * The upload piece by piece. Ending early leaves the socket open, so that the refusal can still be sent.
 *
 * @throws IntakeError `UPLOAD_TRUNCATED` when the client goes before its upload is whole
 */
export async function* uploadBytes(request: Readable): AsyncGenerator<Uint8Array> {
  const pieces: AsyncIterable<unknown> = request.iterator({ destroyOnReturn: false });
  try {
    for await (const piece of pieces) if (piece instanceof Uint8Array) yield piece;
  } catch (error) {
    throw new IntakeError(
      'UPLOAD_TRUNCATED',
      'The connection broke before the upload was whole, so nothing of it was taken: send it again',
      undefined,
      { cause: error },
    );
  }
}
