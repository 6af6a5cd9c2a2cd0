import { gunzipSync } from 'node:zlib';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { frames, type Part, parts, registry, tables } from './fixtures/capture-parts.ts';
import { plainProto, plainScalar } from './fixtures/plain-proto.ts';
import * as cluster from './fixtures/proto/cluster_pb.js';
import * as container from './fixtures/proto/container_pb.js';
import * as control from './fixtures/proto/control_pb.js';
import * as system from './fixtures/proto/system_pb.js';
import {
  type CompressionAdvertisement,
  EnvelopeWriter,
  FrameCutter,
  HeaderText,
  isWireMessage,
  noText,
  OutboundCompression,
  type Payload,
  readEnvelope,
  type StreamId,
} from './index.ts';

const schemas: Readonly<Record<string, DescMessage>> = {
  '5/IJ': cluster.InitJoinSchema,
  '5/IJA': cluster.InitJoinAckSchema,
  '5/IJN': cluster.AddressSchema,
  '5/J': cluster.JoinSchema,
  '5/W': cluster.WelcomeSchema,
  '5/L': cluster.AddressSchema,
  '5/D': cluster.AddressSchema,
  '5/EC': cluster.UniqueAddressSchema,
  '5/HB': cluster.HeartbeatSchema,
  '5/HBR': cluster.HeartBeatResponseSchema,
  '5/GS': cluster.GossipStatusSchema,
  '5/GE': cluster.GossipEnvelopeSchema,
  '6/': container.SelectionEnvelopeSchema,
  '16/A': container.IdentifySchema,
  '16/B': container.ActorIdentitySchema,
  '16/C': container.OptionSchema,
  '16/D': container.PayloadSchema,
  '16/E': container.PayloadSchema,
  '16/F': container.ThrowableSchema,
  '16/G': container.ActorRefSchema,
  '16/H': container.OptionSchema,
  '16/AD': container.AddressDataSchema,
  '16/S': container.PayloadSchema,
  '16/SM': container.StatusReplyErrorMessageSchema,
  '16/SE': container.PayloadSchema,
  '16/TNSEX': container.ThrowableNotSerializableSchema,
  '17/a': control.QuarantinedSchema,
  '17/b': control.MessageWithAddressSchema,
  '17/c': control.MessageWithAddressSchema,
  '17/d': control.HandshakeReqSchema,
  '17/e': control.MessageWithAddressSchema,
  '17/f': control.CompressionTableAdvertisementSchema,
  '17/g': control.CompressionTableAdvertisementAckSchema,
  '17/h': control.CompressionTableAdvertisementSchema,
  '17/i': control.CompressionTableAdvertisementAckSchema,
  '17/j': control.SystemMessageEnvelopeSchema,
  '17/k': control.SystemMessageDeliveryAckSchema,
  '17/l': control.SystemMessageDeliveryAckSchema,
  '17/n': control.ArteryHeartbeatRspSchema,
  '17/p': control.FlushAckSchema,
  '22/': system.SystemMessageSchema,
};

const protoParts = parts.filter(
  ({ serializerId, manifest, bytes }) =>
    `${serializerId}/${manifest}` in schemas && bytes.length > 0,
);

function schemaOf(part: { serializerId: number; manifest: string }): DescMessage {
  const schema = schemas[`${part.serializerId}/${part.manifest}`];
  if (schema === undefined) throw new Error(`no schema for ${part.serializerId}/${part.manifest}`);
  return schema;
}

function protoBytesOf(part: Part): Uint8Array {
  return part.decoded.gzip === true ? gunzipSync(part.bytes) : part.bytes;
}

/** What the recording shows for a payload inside a message. */
function shownPayload(payload: Payload): unknown {
  const { serializerId: serializer, manifest, bytes } = payload;
  const schema = schemas[`${serializer}/${manifest}`];
  const value =
    schema === undefined
      ? plainScalar(registry.decode(serializer, manifest, bytes))
      : shown(schema, bytes);
  return { serializer, manifest, value };
}

function shown(schema: DescMessage, bytes: Uint8Array): unknown {
  const fields = plainProto(schema, fromBinary(schema, bytes));
  return unfold(fields);
}

/** Replaces the bytes of inner messages by what they hold, as the recordings do. */
function unfold(fields: unknown): unknown {
  if (Array.isArray(fields)) return fields.map(unfold);
  if (typeof fields !== 'object' || fields === null) return fields;
  const { serializedGossip, enclosedMessage, message, serializerId, messageManifest, ...rest } =
    fields as Record<string, { hex: string } & number>;
  const hex = (value: { hex: string } | undefined): Buffer => Buffer.from(value?.hex ?? '', 'hex');
  const simple = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, unfold(value)]),
  );
  if (serializedGossip !== undefined) {
    return { ...simple, gossip: shown(cluster.GossipSchema, gunzipSync(hex(serializedGossip))) };
  }
  if (serializerId === undefined) return message === undefined ? simple : { ...simple, message };
  const manifest = hex(messageManifest).toString();
  const inner = {
    serializerId: Number(serializerId),
    manifest,
    bytes: hex(enclosedMessage ?? message),
  };
  return enclosedMessage === undefined
    ? { ...simple, inner: shownPayload(inner) }
    : { ...simple, ...(shownPayload(inner) as object) };
}

/** The recording without what it adds for readers. */
function withoutTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTypes);
  if (typeof value !== 'object' || value === null) return value;
  const message = 'serializer' in value && 'manifest' in value;
  const entries = Object.entries(value).filter(([key]) => !(message && key === 'type'));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutTypes(inner)]));
}

describe('frames of a real Pekko node', () => {
  it('are many and of every kind', () => {
    expect(frames.length).toBeGreaterThan(650);
    const kinds = new Set(parts.map(({ serializerId, manifest }) => `${serializerId}/${manifest}`));
    expect(kinds.size).toBeGreaterThan(45);
  });

  it('come out of the byte stream whole, however it is cut', () => {
    for (const size of [1, 7, 100, 65_536]) {
      const streams = Map.groupBy(frames, (frame) => `${frame.file} ${frame.connection}`);
      for (const sent of streams.values()) {
        const stream = sent[0]?.stream ?? 0;
        const bytes = Buffer.concat([
          Buffer.from([0x41, 0x4b, 0x4b, 0x41, stream]),
          ...sent.map((frame) => frame.bytes),
        ]);
        const cutter = new FrameCutter({ frameBytesMax: 262_144 });
        const cut: string[] = [];
        for (let at = 0; at < bytes.length; at += size) {
          cutter.push(bytes.subarray(at, at + size));
          while (cutter.next()) cut.push(Buffer.from(cutter.frame()).toString('hex'));
        }
        expect(cut).toEqual(sent.map((frame) => frame.bytes.subarray(4).toString('hex')));
        expect(cutter.stream).toBe(stream);
      }
    }
  });

  it('have the envelopes that an independent decoder saw', () => {
    for (const { bytes, decoded } of frames) {
      const envelope = readEnvelope(bytes.subarray(4));
      const text = (literal: string, index: number): unknown => (index < 0 ? literal : { index });
      expect({
        uid: envelope.uid.toString(),
        serializer: envelope.serializerId,
        sender: text(envelope.sender, envelope.senderIndex),
        recipient: text(envelope.recipient, envelope.recipientIndex),
        manifest: text(envelope.manifest, envelope.manifestIndex),
        refTable: envelope.refTableVersion,
        manTable: envelope.manifestTableVersion,
      }).toEqual({
        uid: decoded.uid,
        serializer: decoded.serializer,
        sender: decoded.sender,
        recipient: decoded.recipient,
        manifest: decoded.manifest,
        refTable: decoded.refTable ?? 0,
        manTable: decoded.manTable ?? 0,
      });
    }
  });

  it('are written again byte for byte, with compression tables where they were used', () => {
    let compressed = 0;
    for (const { bytes, decoded, stream } of frames) {
      const envelope = readEnvelope(bytes.subarray(4));
      const compression = new OutboundCompression();
      const self = {
        address: { protocol: 'pekko', system: 'sys', host: 'x', port: 1 },
        uid: envelope.uid,
      };
      const tableOf = (kind: 'actorRefs' | 'manifests'): CompressionAdvertisement | undefined =>
        tables.get(`${kind}/${decoded.uid}`);
      const textOf = (
        kind: 'actorRefs' | 'manifests',
        literal: string,
        index: number,
      ): HeaderText => {
        if (index < 0) return new HeaderText(literal);
        const table = tableOf(kind);
        compressed++;
        return new HeaderText(table?.keys[table.indexes.indexOf(index)] ?? '?');
      };
      for (const kind of ['actorRefs', 'manifests'] as const) {
        const table = tableOf(kind);
        const used =
          kind === 'actorRefs' ? envelope.refTableVersion : envelope.manifestTableVersion;
        if (table !== undefined && used > 0) compression.accept(table, self, table.from);
      }
      const writer = new EnvelopeWriter({
        uid: envelope.uid,
        stream: stream as StreamId,
        ...(stream === 2 ? { compression } : {}),
      });
      // A frame without recipient is what one recording is about; this writer refuses it.
      if (decoded.recipient === '' && decoded.serializer !== 17) continue;
      const out = writer.begin(
        envelope.serializerId,
        textOf('actorRefs', envelope.sender, envelope.senderIndex),
        textOf('actorRefs', envelope.recipient, envelope.recipientIndex),
        textOf('manifests', envelope.manifest, envelope.manifestIndex),
      );
      out.raw(envelope.payload());
      writer.end();
      expect(Buffer.from(writer.take()?.filled ?? []).toString('hex')).toBe(bytes.toString('hex'));
    }
    expect(compressed).toBeGreaterThan(100);
  });
});

describe('protobuf messages of a real Pekko node', () => {
  it('have the fields that an independent decoder saw', () => {
    for (const part of protoParts) {
      const { decoded, serializerId } = part;
      const schema = schemaOf(part);
      if (serializerId === 6) continue;
      const payloadAlone = schema === container.PayloadSchema;
      const bytes = protoBytesOf(part);
      expect(shown(schema, bytes), part.where).toEqual(
        withoutTypes(payloadAlone ? decoded.value : (decoded.value ?? {})),
      );
    }
  });

  it('are written again byte for byte', () => {
    for (const part of protoParts) {
      const schema = schemaOf(part);
      const bytes = protoBytesOf(part);
      const message: MessageShape<DescMessage> = fromBinary(schema, bytes);
      expect(message.$unknown, part.where).toBeUndefined();
      expect(Buffer.from(toBinary(schema, create(schema, message))).toString('hex')).toBe(
        Buffer.from(bytes).toString('hex'),
      );
    }
  });

  it('show their selections', () => {
    const selections = parts.filter(({ serializerId }) => serializerId === 6);
    expect(selections.length).toBeGreaterThan(150);
    for (const { bytes, decoded } of selections) {
      const value = registry.decode(6, '', bytes);
      if (!isWireMessage(value, 6)) throw new Error('a selection was expected');
      const { elements, wildcardFanOut, message } = value.message;
      const texts = elements.map((element) => {
        if (element.kind === 'parent') return '..';
        return element.kind === 'name' ? element.name : element.pattern;
      });
      expect({
        path: texts.join('/'),
        elements: elements.map(({ kind }) => kind),
        wildcardFanOut,
        serializer: message.serializerId,
        manifest: message.manifest,
      }).toEqual({
        path: decoded.path,
        elements: decoded.elements,
        wildcardFanOut: decoded.wildcardFanOut,
        serializer: decoded.inner?.serializer,
        manifest: decoded.inner?.manifest,
      });
    }
  });
});

it('a frame without recipient cannot be written', () => {
  const writer = new EnvelopeWriter({ uid: 1n, stream: 2 });
  expect(() => writer.begin(20, noText, noText, noText)).toThrow(/recipient/);
});
