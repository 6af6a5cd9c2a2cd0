// The bytes of an upload as they come off the socket, for as long as enough of them come.

import type { Readable } from 'node:stream';
import type { Timers } from 'parvi';
import { IntakeError } from '../intake/index.ts';
import { RequestError } from './problems.ts';

/** A portfolio over a slow line takes its time, but in each of these spans so many bytes have to come. */
const spanMs = 30_000;
const spanBytesMin = 4096;
/** A span is made of looks at whether a piece is waited for. */
const lookMs = 1000;

/**
 * The upload piece by piece. Ending early leaves the socket open, so that the refusal can still be sent. Time in which
 * nobody asks for the next piece is not the client's.
 *
 * @throws IntakeError `UPLOAD_TRUNCATED` when the client goes before its upload is whole
 * @throws RequestError `REQUEST_TIMEOUT` when it stays and sends next to nothing
 */
export async function* uploadBytes(request: Readable, timers: Timers): AsyncGenerator<Uint8Array> {
  const pieces: AsyncIterator<unknown> = request.iterator({ destroyOnReturn: false });
  const stalled = Promise.withResolvers<never>();
  // It is raced against only while a piece is waited for.
  stalled.promise.catch(() => undefined);
  let isWaiting = false;
  // Of the span that the client is in, by its own time.
  let waitedMs = 0;
  let spanBytes = 0;
  const watch = timers.every(lookMs, () => {
    if (!isWaiting) return;
    waitedMs += lookMs;
    if (waitedMs < spanMs) return;
    if (spanBytes < spanBytesMin) stalled.reject(tooSlow(spanBytes));
    waitedMs = 0;
    spanBytes = 0;
  });
  try {
    for (;;) {
      isWaiting = true;
      const piece = await Promise.race([pieces.next(), stalled.promise]);
      isWaiting = false;
      if (piece.done === true) return;
      if (!(piece.value instanceof Uint8Array)) continue;
      spanBytes += piece.value.length;
      yield piece.value;
    }
  } catch (error) {
    throw error instanceof RequestError ? error : truncated(error);
  } finally {
    watch.cancel();
  }
}

const tooSlow = (bytes: number): RequestError =>
  new RequestError(
    'REQUEST_TIMEOUT',
    `Only ${bytes} bytes of the upload came in ${spanMs / 1000} s, so nothing of it was taken: send it again, faster`,
    { fields: { field: 'body' } },
  );

const truncated = (cause: unknown): IntakeError =>
  new IntakeError(
    'UPLOAD_TRUNCATED',
    'The connection broke before the upload was whole, so nothing of it was taken: send it again',
    undefined,
    { cause },
  );
