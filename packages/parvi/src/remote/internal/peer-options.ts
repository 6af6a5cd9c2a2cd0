// The limits of each kind of stream, and the reverse of the compression tables of a peer.

import {
  type CompressionAdvertisement,
  type CompressionKind,
  type StreamId,
  streamIds,
} from '../../wire/index.ts';
import type { RemotingLimits } from '../options.ts';
import type { OutboundStreamOptions } from '../outbound.ts';
import type { FrameTables } from '../remoting-context.ts';

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
        frameBytesMax: limits.frameBytesMax,
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

export interface AdvertisedKeys extends FrameTables {
  take(advertisement: CompressionAdvertisement): void;
  clear(): void;
}

/** Remembers what the indexes of the tables in use mean, to name recipients of frames that were never sent. */
export function advertisedKeys(): AdvertisedKeys {
  const texts: Record<CompressionKind, Map<number, string>> = {
    actorRefs: new Map(),
    manifests: new Map(),
  };
  return {
    take: ({ table, keys, indexes }) => {
      texts[table] = new Map(keys.map((key, i) => [indexes[i] ?? -1, key]));
    },
    clear: () => {
      texts.actorRefs = new Map();
      texts.manifests = new Map();
    },
    actorRef: (index) => texts.actorRefs.get(index) ?? '',
    manifest: (index) => texts.manifests.get(index) ?? '',
  };
}
