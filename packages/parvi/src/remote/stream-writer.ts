// What writes the frames of a stream, and the one frame that is made past its queue: it introduces us to a peer, is first
// on each link, and is repeated while the queue is held back.

import {
  connectionPreamble,
  EnvelopeWriter,
  noText,
  type Slab,
  type StreamId,
} from '../wire/index.ts';
import type { OutboundStreamOptions, StreamOwner } from './outbound-owner.ts';

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

export function streamWriter(
  owner: StreamOwner,
  { stream, frameBytesMax, compression }: OutboundStreamOptions,
): EnvelopeWriter {
  const { selfUid: uid, pool } = owner;
  return new EnvelopeWriter({
    uid,
    stream,
    frameBytesMax,
    pool,
    ...(compression === undefined ? {} : { compression }),
  });
}
