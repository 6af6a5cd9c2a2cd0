// The frame that introduces us to a peer, made past the queue of its stream: it is first on each link, and repeated
// while the queue is held back.

import {
  connectionPreamble,
  EnvelopeWriter,
  noText,
  type Slab,
  type StreamId,
} from '../wire/index.ts';
import type { StreamOwner } from './outbound-owner.ts';

/** One HandshakeReq, behind the bytes that begin a connection when it is the first. */
export function handshakeSlab(
  owner: StreamOwner,
  stream: StreamId,
  withPreamble: boolean,
): Slab | undefined {
  const writer = new EnvelopeWriter({ uid: owner.selfUid, stream, pool: owner.pool });
  if (withPreamble) writer.out.raw(connectionPreamble(stream));
  owner.encodeControl(writer, owner.handshakeRequest(), noText, noText);
  return writer.take();
}
