import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ByteWriter,
  clusterMessage,
  EnvelopeReader,
  EnvelopeWriter,
  HeaderText,
  isWireMessage,
  type MessageType,
  miscMessage,
  noText,
  type RefLike,
  refText,
  SerializerRegistry,
  selectionElements,
  selectionMessage,
  type ValueSerializer,
  WireError,
  wireErrorCodes,
  writeControl,
  writeMessage,
} from './index.ts';

interface Ref extends RefLike {
  readonly path: string;
}
const refOf = (path: string): Ref => ({ path, [refText]: () => path });
const refs = { resolveRef: refOf };

const messageTypes: MessageType[] = [
  { type: 'increment', class: 'com.acme.Counter$Increment', refs: ['replyTo', 'watchers'] },
  {
    type: 'added',
    class: 'com.acme.Added',
    format: 'json',
    version: 3,
    migrate: (fields, version) => ({ ...fields, from: version }),
  },
];
const registry = new SerializerRegistry({ messageTypes, refs });

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof WireError ? error.code : String(error);
  }
  return undefined;
}

function written(value: unknown): { id: number; manifest: string; bytes: Buffer } {
  const { serializerId, manifest, bytes } = registry.payloadOf(value);
  return { id: serializerId, manifest, bytes: Buffer.from(bytes) };
}

function roundTrip(value: unknown): unknown {
  return registry.valueOf(registry.payloadOf(value));
}

describe('the registry of serializers', () => {
  it('chooses by the kind of value', () => {
    for (const [value, id] of [
      ['text', 20],
      [42, 19],
      [-(2 ** 31), 19],
      [2 ** 31, 33],
      [1.5, 33],
      [-0, 33],
      [7n, 18],
      [2n ** 63n, 33],
      [true, 35],
      [Uint8Array.of(1), 4],
      [Buffer.from([1]), 4],
      [null, 33],
      [undefined, 33],
      [{ type: 'free' }, 33],
      [[1, 2], 33],
      [{ type: 'increment', by: 1 }, 33],
      [{ type: 'added' }, 31],
      [
        clusterMessage({
          kind: 'leave',
          address: { protocol: 'pekko', system: 's', host: 'h', port: 1 },
        }),
        5,
      ],
      [miscMessage({ kind: 'poisonPill' }), 16],
    ] as const) {
      expect(registry.select(value).id).toBe(id);
      expect(roundTrip(value)).toEqual(value instanceof Buffer ? Uint8Array.from(value) : value);
    }
  });

  it('keeps primitives whole', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.integer(),
          fc.double(),
          fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
          fc.boolean(),
          fc.uint8Array(),
        ),
        (value) => {
          const again = roundTrip(value);
          expect(typeof value === 'bigint' ? BigInt(again as bigint) : again).toEqual(value);
        },
      ),
    );
  });

  it('writes mapped messages as their class, without the type', () => {
    const message = { type: 'increment', by: 2, replyTo: refOf('pekko://s@h:1/user/a#1') };
    const { manifest, bytes } = written(message);
    expect(manifest).toBe('com.acme.Counter$Increment');
    expect(bytes.includes('type')).toBe(false);
    expect(written({ type: 'added', n: 1 })).toMatchObject({
      manifest: 'com.acme.Added#3',
      bytes: Buffer.from('{"n":1}'),
    });
  });

  it('gives mapped messages their type and their refs back, also from plain texts of a JVM', () => {
    const out = new ByteWriter();
    registry.byId(33).write({ replyTo: 'path', watchers: ['a', 'b'], by: 3 }, out);
    const message = registry.decode(33, 'com.acme.Counter$Increment', out.toBytes());
    expect(message).toMatchObject({
      type: 'increment',
      by: 3,
      replyTo: { path: 'path' },
      watchers: [{ path: 'a' }, { path: 'b' }],
    });
    const json = Buffer.from('{"replyTo":"path","type":"forged"}');
    expect(registry.decode(31, 'com.acme.Counter$Increment', json)).toMatchObject({
      type: 'increment',
      replyTo: { path: 'path' },
    });
  });

  it('carries refs in unmapped messages and as whole messages', () => {
    const ref = refOf('pekko://s@h:1/user/a#1');
    expect(roundTrip({ type: 'free', deep: [{ ref }] })).toMatchObject({
      deep: [{ ref: { path: ref.path } }],
    });
    expect(written(ref)).toMatchObject({ id: 24, manifest: 'a' });
    expect(roundTrip(ref)).toMatchObject({ path: ref.path });
    const classic = registry.payloadOf(miscMessage({ kind: 'actorRef', path: ref.path }));
    expect(registry.valueOf(classic)).toMatchObject({ path: ref.path });
  });

  it('migrates older versions and refuses newer ones', () => {
    const read = (manifest: string): unknown =>
      registry.decode(31, manifest, Buffer.from('{"n":1}'));
    expect(read('com.acme.Added#3')).toEqual({ type: 'added', n: 1 });
    expect(read('com.acme.Added#2')).toEqual({ type: 'added', n: 1, from: 2 });
    expect(read('com.acme.Added')).toEqual({ type: 'added', n: 1, from: 1 });
    expect(codeOf(() => read('com.acme.Added#4'))).toBe('MESSAGE_VERSION_UNSUPPORTED');
    expect(codeOf(() => read('com.acme.Added#x'))).toBe('MESSAGE_VERSION_UNSUPPORTED');
  });

  it('gives a typed error when a migration of the application fails', () => {
    const migrate = (): never => {
      throw new TypeError('no such field');
    };
    const failing = new SerializerRegistry({
      messageTypes: [{ type: 'a', class: 'A', version: 2, migrate }],
    });
    expect(codeOf(() => failing.decode(33, 'A', Uint8Array.of(0xa0)))).toBe('PAYLOAD_MALFORMED');
  });

  it('refuses serializers, manifests and classes that it does not know', () => {
    const empty = new Uint8Array(0);
    expect(codeOf(() => registry.decode(999, 'x', empty))).toBe('SERIALIZER_UNKNOWN');
    expect(codeOf(() => registry.decode(1, '', empty))).toBe('SERIALIZER_UNKNOWN');
    for (const id of [5, 16, 17, 24]) {
      for (const manifest of ['ZZ', '', 'toString', 'constructor', '__proto__', 'oldHB']) {
        expect(
          codeOf(() => registry.decode(id, manifest, empty)),
          `${id} ${manifest}`,
        ).toBe('MANIFEST_UNKNOWN');
      }
    }
    for (const manifest of ['com.acme.Unknown', '#3', 'toString', '__proto__']) {
      expect(codeOf(() => registry.decode(33, manifest, Uint8Array.of(0xa0)))).toBe(
        'MESSAGE_CLASS_UNKNOWN',
      );
    }
  });

  it('refuses primitives of the wrong size', () => {
    for (const [id, hex] of [
      [18, '01'],
      [19, '0102030405'],
      [35, '02'],
      [35, ''],
    ] as const) {
      expect(codeOf(() => registry.decode(id, '', Buffer.from(hex, 'hex')))).toBe(
        'PAYLOAD_MALFORMED',
      );
    }
  });

  it('limits what gossip inflates to: nought bytes of a kilobyte would be members by the million', async () => {
    const { gzipSync } = await import('node:zlib');
    const welcome = gzipSync(new Uint8Array(5_000_000));
    expect(welcome.length).toBeLessThan(6000);
    expect(codeOf(() => new SerializerRegistry().decode(5, 'W', welcome))).toBe(
      'PAYLOAD_TOO_LARGE',
    );
  });

  it('limits what compressed payloads inflate to', async () => {
    const { gzipSync } = await import('node:zlib');
    const small = new SerializerRegistry({ limits: { inflatedBytesMax: 1000 } });
    const json = (length: number): Uint8Array => gzipSync(JSON.stringify('x'.repeat(length)));
    expect(small.decode(31, '', json(500))).toBe('x'.repeat(500));
    expect(codeOf(() => small.decode(31, '', json(5000)))).toBe('PAYLOAD_TOO_LARGE');
    const lz4 = Buffer.from('87d96df67fffffff00', 'hex');
    expect(codeOf(() => small.decode(31, '', lz4))).toBe('PAYLOAD_TOO_LARGE');
    expect(codeOf(() => small.decode(31, '', Buffer.from('1f8b0000', 'hex')))).toBe(
      'PAYLOAD_MALFORMED',
    );
  });

  it('takes serializers of the application', () => {
    class Point {
      readonly x: number;
      constructor(x: number) {
        this.x = x;
      }
    }
    const points: ValueSerializer = {
      id: 1001,
      accepts: (value) => value instanceof Point,
      manifestOf: () => noText,
      write: (value, out) => out.int32((value as Point).x),
      read: (_manifest, bytes, start) => new Point(Buffer.from(bytes).readInt32LE(start)),
    };
    const own = new SerializerRegistry({ serializers: [points] });
    expect(own.valueOf(own.payloadOf(new Point(7)))).toEqual(new Point(7));
    expect(() => new SerializerRegistry({ serializers: [{ ...points, id: 20 }] })).toThrow(
      'registered once',
    );
  });

  it('never throws anything but typed errors, whatever the bytes', () => {
    const manifests = [
      '',
      'A',
      'B',
      'C',
      'D',
      'F',
      'H',
      'AD',
      'UD',
      'TNSEX',
      'AIEX',
      'SM',
      'RS',
      'CF',
      'IJ',
      'IJA',
      'J',
      'W',
      'HB',
      'HBR',
      'GS',
      'GE',
      'EC',
      'L',
      ...'abcdefghijklnp',
      'com.acme.Added',
      'com.acme.Counter$Increment',
    ];
    const ids = [4, 5, 6, 16, 17, 18, 19, 20, 21, 22, 24, 31, 33, 35];
    fc.assert(
      fc.property(
        fc.constantFrom(...ids),
        fc.constantFrom(...manifests),
        fc.uint8Array({ maxLength: 80 }),
        (id, manifest, bytes) => {
          const code = codeOf(() => registry.decode(id, manifest, bytes));
          expect(code === undefined || code in wireErrorCodes, code).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe('whole messages', () => {
  const writer = new EnvelopeWriter({ uid: -9n, stream: 2 });
  const route = { sender: new HeaderText('/s'), recipient: new HeaderText('/r') };
  const control = new EnvelopeWriter({ uid: -9n, stream: 1 });
  const self = { address: { protocol: 'pekko', system: 's', host: 'a', port: 1 }, uid: -9n };
  const peer = { ...self.address, host: 'b' };

  it('go into frames one after the other', () => {
    const sent = ['text', { type: 'increment', by: 1 }, 5];
    for (const value of sent) writeMessage(writer, registry, value, route);
    const bytes = Buffer.from(writer.take()?.filled ?? []);
    const reader = new EnvelopeReader();
    const received: unknown[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 4 + bytes.readInt32LE(at);
      const { serializerId, manifest, payloadStart, payloadEnd } = reader.read(bytes, at + 4, end);
      received.push(registry.decode(serializerId, manifest, bytes, payloadStart, payloadEnd));
      at = end;
    }
    expect(received).toEqual(sent);
  });

  it('that cannot be written leave no trace', () => {
    writeMessage(writer, registry, 'first', route);
    const before = writer.pendingBytes;
    const trap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new RangeError('no');
      },
    });
    for (const value of [() => 1, { a: [() => 1] }, trap]) {
      expect(codeOf(() => writeMessage(writer, registry, value, route))).toBe(
        'VALUE_NOT_SERIALIZABLE',
      );
    }
    expect(writer.pendingBytes).toBe(before);
    writer.take();
  });

  it('of control are never a handshake that gives the receiver its own address', () => {
    const handshake = { kind: 'handshakeReq', from: self, to: peer } as const;
    writeControl(control, handshake, { peer });
    expect(() => writeControl(control, handshake, { peer: self.address })).toThrow('same address');
    const response = { kind: 'handshakeRsp', from: self } as const;
    expect(() => writeControl(control, response, { peer: { ...self.address } })).toThrow(
      'same address',
    );
    expect(control.pendingFrames).toBe(1);
  });

  it('to selections carry what they wrap', () => {
    const message = registry.payloadOf(
      miscMessage({ kind: 'identify', messageId: registry.payloadOf('id') }),
    );
    const elements = selectionElements('/user/../system/wor*/a?');
    expect(elements.map(({ kind }) => kind)).toEqual([
      'name',
      'parent',
      'name',
      'pattern',
      'pattern',
    ]);
    const again = roundTrip(
      selectionMessage({ kind: 'selection', elements, wildcardFanOut: true, message }),
    );
    if (!isWireMessage(again, 6)) throw new Error('a selection was expected');
    expect(again.message).toEqual({ kind: 'selection', elements, wildcardFanOut: true, message });
    const identify = registry.valueOf(again.message.message);
    if (!isWireMessage(identify, 16) || identify.message.kind !== 'identify')
      throw new Error('Identify was expected');
    expect(registry.valueOf(identify.message.messageId)).toBe('id');
  });
});
