// The limits of each kind of stream.

import { type StreamId, streamIds } from '../wire/index.ts';
import { controlFrameBytesMax, type RemotingLimits } from './options.ts';
import type { OutboundStreamOptions } from './outbound-owner.ts';

export function streamOptions(stream: StreamId, limits: RemotingLimits): OutboundStreamOptions {
  const common = {
    stream,
    dialTimeoutMs: limits.dialTimeoutMs,
    handshake: {
      retryIntervalMs: limits.handshakeRetryMs,
      timeoutMs: limits.handshakeTimeoutMs,
      injectIntervalMs: limits.handshakeInjectMs,
    },
    reconnect: {
      backoffMinMs: limits.reconnectMinMs,
      backoffMaxMs: limits.reconnectMaxMs,
      jitter: limits.reconnectJitter,
      stableAfterMs: 1000,
      restartsMax:
        stream === streamIds.control ? Number.POSITIVE_INFINITY : limits.ordinaryReconnectsMax,
    },
  };
  switch (stream) {
    case streamIds.control:
      return {
        ...common,
        frameBytesMax: Math.min(limits.frameBytesMax, controlFrameBytesMax),
        framesMax: limits.outboundControlMessagesMax,
        bytesMax: Number.POSITIVE_INFINITY,
      };
    case streamIds.ordinary:
      return {
        ...common,
        frameBytesMax: limits.frameBytesMax,
        framesMax: limits.outboundMessagesMax,
        bytesMax: limits.outboundBytesMax,
      };
    case streamIds.large:
      return {
        ...common,
        frameBytesMax: limits.largeFrameBytesMax,
        framesMax: limits.outboundLargeMessagesMax,
        bytesMax: limits.outboundLargeBytesMax,
      };
  }
}
