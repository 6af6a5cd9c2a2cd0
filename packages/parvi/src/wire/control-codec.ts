// Control messages to bytes and back (serializer 17). Source: Pekko `ArteryMessageSerializer`.

import type {
  CompressionAck,
  CompressionAdvertisement,
  CompressionKind,
  ControlMessage,
  SystemMessageEnvelope,
} from './control-messages.ts';
import { WireError } from './errors.ts';
import { HeaderText } from './header-text.ts';
import { countOf, readProto } from './internal/proto.ts';
import {
  addressInit,
  addressOf,
  controlNodeInit,
  controlNodeOf,
} from './internal/proto-addresses.ts';
import { protoBytes } from './internal/proto-message.ts';
import {
  ArteryHeartbeatRspSchema,
  CompressionTableAdvertisementAckSchema,
  CompressionTableAdvertisementSchema,
  FlushAckSchema,
  HandshakeReqSchema,
  MessageWithAddressSchema,
  QuarantinedSchema,
  SystemMessageDeliveryAckSchema,
  SystemMessageEnvelopeSchema,
} from './proto/control.ts';
import { readSystemMessage, systemMessageBytes, systemSerializerId } from './system-codec.ts';

export const controlSerializerId = 17;

const nothing = new Uint8Array(0);
const letters = Object.fromEntries(
  [...'abcdefghijklmnop'].map((letter) => [letter, new HeaderText(letter)]),
);
const manifests: Readonly<Record<ControlMessage['kind'], string>> = {
  quarantined: 'a',
  actorSystemTerminating: 'b',
  actorSystemTerminatingAck: 'c',
  handshakeReq: 'd',
  handshakeRsp: 'e',
  compressionAdvertisement: 'f',
  compressionAck: 'g',
  systemMessageEnvelope: 'j',
  ack: 'k',
  nack: 'l',
  arteryHeartbeat: 'm',
  arteryHeartbeatRsp: 'n',
  flush: 'o',
  flushAck: 'p',
};

/** The manifest of a control message: one letter. */
export function controlManifest(message: ControlMessage): HeaderText {
  let letter = manifests[message.kind];
  if ('table' in message && message.table === 'manifests') letter = letter === 'f' ? 'h' : 'i';
  return letters[letter] as HeaderText;
}

export function controlBytes(message: ControlMessage): Uint8Array {
  switch (message.kind) {
    case 'handshakeReq':
      return protoBytes(HandshakeReqSchema, {
        from: controlNodeInit(message.from),
        to: addressInit(message.to),
      });
    case 'handshakeRsp':
    case 'actorSystemTerminating':
    case 'actorSystemTerminatingAck':
      return protoBytes(MessageWithAddressSchema, { address: controlNodeInit(message.from) });
    case 'quarantined':
      return protoBytes(QuarantinedSchema, {
        from: controlNodeInit(message.from),
        to: controlNodeInit(message.to),
      });
    case 'compressionAdvertisement':
      return advertisementBytes(message);
    case 'compressionAck':
      return protoBytes(CompressionTableAdvertisementAckSchema, {
        from: controlNodeInit(message.from),
        version: message.version,
      });
    case 'systemMessageEnvelope':
      return systemEnvelopeBytes(message);
    case 'ack':
    case 'nack':
      return protoBytes(SystemMessageDeliveryAckSchema, {
        seqNo: BigInt(message.seqNo),
        from: controlNodeInit(message.from),
      });
    case 'arteryHeartbeatRsp':
      return protoBytes(ArteryHeartbeatRspSchema, { uid: BigInt.asUintN(64, message.uid) });
    case 'flushAck':
      return protoBytes(FlushAckSchema, { expectedAcks: message.expectedAcks });
    case 'arteryHeartbeat':
    case 'flush':
      return nothing;
  }
}

/** @throws WireError `MANIFEST_UNKNOWN`, `PAYLOAD_MALFORMED` */
export function readControl(manifest: string, bytes: Uint8Array): ControlMessage {
  switch (manifest) {
    case 'a': {
      const { from, to } = readProto(QuarantinedSchema, bytes);
      return { kind: 'quarantined', from: controlNodeOf(from), to: controlNodeOf(to) };
    }
    case 'b':
      return { kind: 'actorSystemTerminating', from: nodeOf(bytes) };
    case 'c':
      return { kind: 'actorSystemTerminatingAck', from: nodeOf(bytes) };
    case 'd': {
      const { from, to } = readProto(HandshakeReqSchema, bytes);
      return { kind: 'handshakeReq', from: controlNodeOf(from), to: addressOf(to) };
    }
    case 'e':
      return { kind: 'handshakeRsp', from: nodeOf(bytes) };
    case 'f':
      return readAdvertisement('actorRefs', bytes);
    case 'h':
      return readAdvertisement('manifests', bytes);
    case 'g':
      return readCompressionAck('actorRefs', bytes);
    case 'i':
      return readCompressionAck('manifests', bytes);
    case 'j':
      return readSystemEnvelope(bytes);
    case 'k':
      return { kind: 'ack', ...deliveryOf(bytes) };
    case 'l':
      return { kind: 'nack', ...deliveryOf(bytes) };
    case 'm':
      return { kind: 'arteryHeartbeat' };
    case 'n': {
      const { uid } = readProto(ArteryHeartbeatRspSchema, bytes);
      return { kind: 'arteryHeartbeatRsp', uid: BigInt.asIntN(64, uid) };
    }
    case 'o':
      return { kind: 'flush' };
    case 'p': {
      // Older peers send an empty body, which stands for one lane.
      const expectedAcks =
        bytes.length === 0 ? 1 : (readProto(FlushAckSchema, bytes).expectedAcks ?? 0);
      return { kind: 'flushAck', expectedAcks };
    }
    default:
      throw new WireError(
        'MANIFEST_UNKNOWN',
        `Cannot read a control message: its manifest "${manifest}" is not known`,
        { fields: { serializerId: controlSerializerId, manifest } },
      );
  }
}

function nodeOf(bytes: Uint8Array): ReturnType<typeof controlNodeOf> {
  return controlNodeOf(readProto(MessageWithAddressSchema, bytes).address);
}

function deliveryOf(bytes: Uint8Array): {
  seqNo: number;
  from: ReturnType<typeof controlNodeOf>;
} {
  const { seqNo, from } = readProto(SystemMessageDeliveryAckSchema, bytes);
  return { seqNo: countOf(seqNo, 'SystemMessageDeliveryAck'), from: controlNodeOf(from) };
}

function advertisementBytes(message: CompressionAdvertisement): Uint8Array {
  return protoBytes(CompressionTableAdvertisementSchema, {
    from: controlNodeInit(message.from),
    originUid: BigInt.asUintN(64, message.originUid),
    tableVersion: message.version,
    keys: [...message.keys],
    values: [...message.indexes],
  });
}

function readAdvertisement(table: CompressionKind, bytes: Uint8Array): CompressionAdvertisement {
  const fields = readProto(CompressionTableAdvertisementSchema, bytes);
  return {
    kind: 'compressionAdvertisement',
    table,
    from: controlNodeOf(fields.from),
    originUid: BigInt.asIntN(64, fields.originUid),
    version: fields.tableVersion,
    keys: fields.keys,
    indexes: fields.values,
  };
}

function readCompressionAck(table: CompressionKind, bytes: Uint8Array): CompressionAck {
  const { from, version } = readProto(CompressionTableAdvertisementAckSchema, bytes);
  return { kind: 'compressionAck', table, from: controlNodeOf(from), version };
}

function systemEnvelopeBytes(envelope: SystemMessageEnvelope): Uint8Array {
  const { message, seqNo, ackReplyTo } = envelope;
  if (message.kind === 'unreadable') {
    // A Pekko node never acknowledges what it cannot read, and everything behind it waits for hours.
    throw new WireError(
      'VALUE_NOT_SERIALIZABLE',
      'Cannot send a system message that was unreadable',
    );
  }
  return protoBytes(SystemMessageEnvelopeSchema, {
    message: systemMessageBytes(message),
    serializerId: systemSerializerId,
    seqNo: BigInt(seqNo),
    ackReplyTo: controlNodeInit(ackReplyTo),
  });
}

function readSystemEnvelope(bytes: Uint8Array): SystemMessageEnvelope {
  const fields = readProto(SystemMessageEnvelopeSchema, bytes);
  return {
    kind: 'systemMessageEnvelope',
    seqNo: countOf(fields.seqNo, 'SystemMessageEnvelope'),
    ackReplyTo: controlNodeOf(fields.ackReplyTo),
    message: readInner(fields.serializerId, fields.message),
  };
}

function readInner(serializerId: number, bytes: Uint8Array): SystemMessageEnvelope['message'] {
  if (serializerId !== systemSerializerId) {
    const reason = `serializer ${serializerId} does not hold system messages`;
    return { kind: 'unreadable', serializerId, reason };
  }
  try {
    return readSystemMessage(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind: 'unreadable', serializerId, reason: error.message };
  }
}
