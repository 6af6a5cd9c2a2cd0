// Faulty inputs as they were sent to a real Pekko node, here read by this layer: each is either a value, whose meaning is
// for the layers above to judge, or a typed error that costs one frame or one connection.

import { describe, expect, it } from 'vitest';
import { type BadInput, badInputs } from './fixtures/captures.ts';
import {
  EnvelopeReader,
  FrameCutter,
  isWireMessage,
  parseActorPath,
  SerializerRegistry,
  WireError,
} from './index.ts';

const registry = new SerializerRegistry({
  messageTypes: [{ type: 'ping', class: 'live.Msgs$Ping' }],
});

/** Codes of all that was refused, in order; what is not refused says nothing. */
function refusals(input: BadInput): string[] {
  const cutter = new FrameCutter({ frameBytesMax: 2 ** 20 });
  const reader = new EnvelopeReader();
  const codes: string[] = [];
  const attempt = <T>(run: () => T): T | undefined => {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      codes.push(error.code);
      return undefined;
    }
  };
  const preamble = Buffer.concat([
    Buffer.from(input.magic, 'hex').subarray(0, 4),
    Buffer.from([input.stream]),
  ]);
  cutter.push(Buffer.concat([preamble, Buffer.from(input.hex ?? '', 'hex')]));
  while (attempt(() => cutter.next()) === true) {
    const envelope = attempt(() => reader.read(cutter.bytes, cutter.start, cutter.end));
    if (envelope === undefined) continue;
    const { serializerId, manifest, recipient, bytes, payloadStart, payloadEnd } = envelope;
    if (recipient !== '') attempt(() => parseActorPath(recipient));
    const value = attempt(() =>
      registry.decode(serializerId, manifest, bytes, payloadStart, payloadEnd),
    );
    if (isWireMessage(value, 6)) attempt(() => registry.valueOf(value.message.message));
  }
  return codes;
}

/** Those that this layer refuses. Handshakes with wrong addresses and the like are for the layers above. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'wrong magic': ['FRAME_MAGIC_WRONG'],
  'wrong magic HTTP': ['FRAME_MAGIC_WRONG'],
  'unknown stream id 0': ['FRAME_STREAM_UNKNOWN'],
  'unknown stream id 4': ['FRAME_STREAM_UNKNOWN'],
  'unknown stream id 255': ['FRAME_STREAM_UNKNOWN'],
  'frame length 0': ['ENVELOPE_MALFORMED'],
  'frame length 10 (short header)': ['ENVELOPE_MALFORMED'],
  'envelope version 1': ['ENVELOPE_VERSION_UNSUPPORTED'],
  'unknown serializer id': ['SERIALIZER_UNKNOWN'],
  'java serialization id 1': ['SERIALIZER_UNKNOWN'],
  'unknown manifest artery': ['MANIFEST_UNKNOWN'],
  'unknown manifest cluster': ['MANIFEST_UNKNOWN'],
  'unknown manifest misc': ['MANIFEST_UNKNOWN'],
  'unknown class jackson cbor': ['MESSAGE_CLASS_UNKNOWN'],
  'class not allowed jackson cbor': ['MESSAGE_CLASS_UNKNOWN'],
  'garbage cbor': ['PAYLOAD_MALFORMED'],
  'garbage GossipEnvelope': ['PAYLOAD_MALFORMED'],
  'GossipEnvelope with garbage inner': ['PAYLOAD_MALFORMED'],
  'GossipEnvelope with gzip garbage inner': ['PAYLOAD_MALFORMED'],
  'Gossip index out of range': ['PAYLOAD_MALFORMED'],
  'Gossip with app version v1.2.3': ['PAYLOAD_MALFORMED'],
  'garbage Welcome to a member': ['PAYLOAD_MALFORMED'],
  'garbage HandshakeReq': ['PAYLOAD_MALFORMED'],
  'garbage SystemMessageEnvelope': ['PAYLOAD_MALFORMED'],
  'garbage SelectionEnvelope': ['PAYLOAD_MALFORMED'],
  'selection to root without trailing slash': ['ACTOR_PATH_INVALID'],
  'recipient not a URI': ['ACTOR_PATH_INVALID'],
  'flags bit 0 with bogus metadata length': ['ENVELOPE_MALFORMED'],
  'literal length beyond frame': ['ENVELOPE_MALFORMED'],
  'non-ASCII recipient': ['ENVELOPE_MALFORMED'],
  'HARM frame length negative': ['FRAME_TOO_LARGE'],
};

describe('faulty input', () => {
  it('was recorded in all its kinds', () => {
    expect(badInputs.length).toBe(72);
    for (const name of Object.keys(expected)) {
      expect(badInputs.filter((input) => input.name === name).length, name).toBe(1);
    }
  });

  it.each(badInputs.map((input) => [input.name, input] as const))(
    '"%s" gives values or typed errors',
    (name, input) => {
      expect(refusals(input)).toEqual(expected[name] ?? []);
    },
  );

  it('of frames beyond the limit is refused before they have come', () => {
    const head = (length: number): Buffer => {
      const bytes = Buffer.from('414b4b410200000000', 'hex');
      bytes.writeUInt32LE(length, 5);
      return bytes;
    };
    for (const length of [300_000, 2 ** 30, 2 ** 31, 2 ** 32 - 1]) {
      const cutter = new FrameCutter({ frameBytesMax: 262_144 });
      cutter.push(head(length));
      expect(() => cutter.next()).toThrow(WireError);
      expect(cutter.heldBytes).toBe(0);
    }
  });
});
