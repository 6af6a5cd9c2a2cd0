import { gunzipSync } from 'node:zlib';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  type CapturedFrame,
  capturedFrames,
  type DecodedMessage,
  jacksonFrames,
} from './fixtures/captures.ts';
import { plainProto, plainScalar } from './fixtures/plain-proto.ts';
import {
  ByteWriter,
  type CompressionAdvertisement,
  EnvelopeWriter,
  FrameCutter,
  gossipBytes,
  HeaderText,
  isWireMessage,
  noText,
  OutboundCompression,
  type Payload,
  readControl,
  readEnvelope,
  readGossip,
  SerializerRegistry,
  type StreamId,
  WireMessage,
} from './index.ts';
import * as cluster from './proto/cluster_pb.js';
import * as container from './proto/container_pb.js';
import * as control from './proto/control_pb.js';
import * as system from './proto/system_pb.js';

const registry = new SerializerRegistry({
  messageTypes: [
    ...['JPing', 'JPong', 'JZoo', 'JBig'].map((name) => ({
      type: name,
      class: `live.Msgs$${name}`,
      format: 'json' as const,
    })),
    ...['CEmpty', 'CZoo', 'Ping', 'Pong'].map((name) => ({
      type: name,
      class: `live.Msgs$${name}`,
    })),
  ],
});

/** Everything of remoting and cluster; replicated data (serializer 12) belongs to another layer. */
const frames = capturedFrames.filter(({ decoded }) => decoded.serializer !== 12);

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

interface Part extends Payload {
  readonly where: string;
  readonly decoded: DecodedMessage;
}

/** Manifest texts behind compressed tags, from the advertisements at the head of the recording. */
const tables = new Map<string, CompressionAdvertisement>();
for (const { decoded, bytes } of frames) {
  if (decoded.serializer !== 17 || (decoded.manifest !== 'f' && decoded.manifest !== 'h')) continue;
  const message = readControl(decoded.manifest, readEnvelope(bytes.subarray(4)).payload());
  if (message.kind === 'compressionAdvertisement') {
    tables.set(`${message.table}/${message.originUid}`, message);
  }
}

function manifestOf(frame: CapturedFrame): string {
  const { manifest, uid } = frame.decoded;
  if (typeof manifest === 'string') return manifest;
  const table = tables.get(`manifests/${uid}`);
  return table?.keys[table.indexes.indexOf(manifest.index)] ?? '?';
}

/** The message of each frame, and the messages inside selections and system message envelopes. */
const parts: Part[] = frames.flatMap((frame): Part[] => {
  const envelope = readEnvelope(frame.bytes.subarray(4));
  const decoded = frame.decoded.message;
  if (decoded === undefined || decoded.serializer === undefined) return [];
  const { serializerId } = envelope;
  const where = `${frame.file}:${frame.line}`;
  const bytes = envelope.payload();
  const outer = { where, serializerId, manifest: manifestOf(frame), bytes, decoded };
  if (serializerId !== 6 || decoded.inner === undefined) return [outer];
  const selection = registry.decode(6, '', bytes);
  if (!isWireMessage(selection, 6)) throw new Error('a selection was expected');
  const inner = { where, ...selection.message.message, decoded: decoded.inner };
  return inner.serializerId === 12 ? [outer] : [outer, inner];
});

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

describe('values of a real Pekko node', () => {
  /** Writes what was read, with the serializer it came with. */
  function writtenAgain(part: Payload): Buffer {
    const value = registry.decode(part.serializerId, part.manifest, part.bytes);
    const out = new ByteWriter();
    const again =
      part.serializerId === 16 && part.manifest === 'G'
        ? new WireMessage(16, { kind: 'actorRef', path: String(value) })
        : value;
    const serializer = registry.byId(part.serializerId);
    expect(serializer.manifestOf(again).text).toBe(part.manifest);
    serializer.write(again, out);
    return Buffer.from(out.toBytes());
  }

  it('are written again byte for byte', () => {
    const exact = parts.filter(
      ({ serializerId, manifest }) =>
        serializerId !== 33 && !(serializerId === 5 && 'GE W'.includes(manifest)),
    );
    expect(exact.length).toBeGreaterThan(700);
    for (const part of exact) {
      const bytes = part.decoded.gzip === true ? gunzipSync(part.bytes) : part.bytes;
      expect(writtenAgain(part).toString('hex'), part.where).toBe(
        Buffer.from(bytes).toString('hex'),
      );
    }
  });

  it('in gossip keep their meaning, whatever the order of index tables', () => {
    const gossips = parts.filter(
      ({ serializerId, manifest }) => serializerId === 5 && 'GE W'.includes(manifest),
    );
    expect(gossips.length).toBeGreaterThan(50);
    for (const part of gossips) {
      const value = registry.decode(5, part.manifest, part.bytes);
      expect(registry.decode(5, part.manifest, writtenAgain(part)), part.where).toEqual(value);
      if (!isWireMessage(value, 5) || !('gossip' in value.message)) throw new Error('no gossip');
      const { gossip } = value.message;
      expect(readGossip(gossipBytes(gossip))).toEqual(gossip);
    }
  });

  it('in Jackson CBOR are what an independent decoder saw, and survive being written in another form', () => {
    const cbor = parts.filter(({ serializerId }) => serializerId === 33);
    expect(cbor.length).toBeGreaterThan(4);
    for (const part of cbor) {
      const { type, ...fields } = registry.decode(33, part.manifest, part.bytes) as {
        type: string;
      };
      const plain = Object.entries(fields).map(([key, value]) => [key, plainScalar(value)]);
      expect(part.manifest).toBe(`live.Msgs$${type}`);
      expect(Object.fromEntries(plain)).toEqual(part.decoded.value);
      expect(registry.decode(33, part.manifest, writtenAgain(part))).toEqual({ type, ...fields });
    }
  });

  it('in Jackson JSON are the text, exact beyond 2^53, gzipped or not', () => {
    const json = parts.filter(({ serializerId }) => serializerId === 31);
    expect(json.length).toBeGreaterThan(4);
    for (const part of json) {
      const text = part.decoded.text ?? '';
      const again = writtenAgain(part).toString();
      if (part.decoded.gzip === true) expect(`(${again.length} characters)`).toBe(text);
      else expect(again).toBe(text);
    }
  });
});

describe('Jackson messages of differently configured nodes', () => {
  const names = [
    'AllTypesJson',
    'Empty',
    'ItemAdded',
    'PojoJson',
    'ScalaEnumJson',
    'Single',
    'Text',
  ];
  const cborNames = ['AllTypesCbor', 'CText', 'EmptyC', 'ItemAddedC', 'PojoCbor'];
  const jackson = new SerializerRegistry({
    messageTypes: [...names, ...cborNames].map((name) => ({
      type: name,
      class: `t.App$${name}`,
      format: names.includes(name) ? ('json' as const) : ('cbor' as const),
      ...(name.startsWith('ItemAdded') ? { version: 3 } : {}),
    })),
  });
  const read = ({ bytes }: CapturedFrame): unknown => {
    const { serializerId, manifest, ...envelope } = readEnvelope(bytes.subarray(4));
    return jackson.decode(
      serializerId,
      manifest,
      envelope.bytes,
      envelope.payloadStart,
      envelope.payloadEnd,
    );
  };

  it('read the same, plain, gzipped, LZ4-packed and with a version in the manifest', () => {
    const known = jacksonFrames.filter(({ decoded }) => [31, 33].includes(decoded.serializer));
    const byClass = Map.groupBy(known, ({ decoded }) =>
      String(decoded.manifest).replace(/#3$/, ''),
    );
    expect(byClass.size).toBe(names.length + cborNames.length + 1);
    for (const [name, sent] of byClass) {
      if (name === '' || name.endsWith('Text')) continue;
      const values = sent.map((frame) => {
        // References name the sending node.
        const text = JSON.stringify(read(frame), (_key, value: unknown) => plainScalar(value));
        return text.replaceAll(/127\.0\.0\.1:\d+[^"]*/g, 'node');
      });
      expect(new Set(values).size, name).toBe(1);
    }
    const long = known.filter(({ decoded }) => /Text$/.test(String(decoded.manifest))).map(read);
    for (const value of long)
      expect(value).toEqual({
        type: expect.any(String),
        text: expect.stringMatching(/^(x+|y+|short)$/),
      });
  });

  it('keep every kind of field', () => {
    const all = jacksonFrames.find(({ decoded }) => decoded.manifest === 't.App$AllTypesCbor');
    expect(all).toBeDefined();
    if (all === undefined) return;
    expect(read(all)).toMatchObject({
      type: 'AllTypesCbor',
      s: 'hå€😀',
      i: -7,
      l: 9_007_199_254_740_993n,
      d: 1.5,
      f: 2.5,
      b: true,
      nul: null,
    });
  });
});

it('a frame without recipient cannot be written', () => {
  const writer = new EnvelopeWriter({ uid: 1n, stream: 2 });
  expect(() => writer.begin(20, noText, noText, noText)).toThrow(/recipient/);
});
