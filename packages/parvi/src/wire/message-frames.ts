// Whole messages into frames: picks the serializer, writes header and payload, and takes the frame back when the
// value turns out not to be serializable.

import type { Address } from './address.ts';
import { controlBytes, controlManifest, controlSerializerId } from './control-codec.ts';
import type { ControlMessage } from './control-messages.ts';
import type { EnvelopeWriter } from './envelope-writer.ts';
import { WireError } from './errors.ts';
import { assertHarmless } from './harmless.ts';
import { type HeaderText, noText } from './header-text.ts';
import type { SerializerRegistry } from './serializers.ts';

/**
 * Appends one message.
 *
 * @throws WireError `VALUE_NOT_SERIALIZABLE`, `FRAME_TOO_LARGE`; earlier frames of the writer stay.
 */
export function writeMessage(
  writer: EnvelopeWriter,
  registry: SerializerRegistry,
  value: unknown,
  route: { readonly sender: HeaderText; readonly recipient: HeaderText },
): void {
  const serializer = registry.select(value);
  const manifest = serializer.manifestOf(value);
  const out = writer.begin(serializer.id, route.sender, route.recipient, manifest);
  try {
    serializer.write(value, out);
  } catch (thrown) {
    writer.abort();
    const error = serializer.located?.(value, thrown) ?? thrown;
    throw error instanceof WireError ? error : notSerializable(error);
  }
  writer.end();
}

export interface ControlRoute {
  /** The system at the other end, which must not be told its own address as that of another. */
  readonly peer: Address;
  /** The ref that wants the answer to Flush and ActorSystemTerminating. */
  readonly sender?: HeaderText;
  /** For those addressed to an actor: acknowledgements of the two above, heartbeat answers, system messages. */
  readonly recipient?: HeaderText;
}

/**
 * Appends one control message.
 *
 * @throws WireError `FRAME_TOO_LARGE` for a compression table that does not fit
 */
export function writeControl(
  writer: EnvelopeWriter,
  message: ControlMessage,
  route: ControlRoute,
): void {
  const { sender = noText, recipient = noText, peer } = route;
  const { stream, uid } = writer;
  assertHarmless({ message, sender, recipient, peer, stream, uid });
  const payload = controlBytes(message);
  const out = writer.begin(controlSerializerId, sender, recipient, controlManifest(message));
  out.raw(payload);
  writer.end();
}

/** Getters and `toJSON` methods of users' values may throw anything. */
function notSerializable(error: unknown): WireError {
  return new WireError(
    'VALUE_NOT_SERIALIZABLE',
    'Cannot write a message: one of its fields failed to be read',
    {
      cause: error,
    },
  );
}
