import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parts, registry } from './fixtures/capture-parts.ts';
import { type CapturedFrame, jacksonFrames } from './fixtures/captures.ts';
import { plainScalar } from './fixtures/plain-proto.ts';
import {
  ByteWriter,
  gossipBytes,
  isWireMessage,
  type Payload,
  readEnvelope,
  readGossip,
  SerializerRegistry,
  WireMessage,
} from './index.ts';

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
