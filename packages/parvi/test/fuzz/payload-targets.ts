// The payload decoders as fuzz targets. Where a serializer has manifests, the first byte of an input chooses one.

import { gunzipSync } from 'node:zlib';
import { messageFromWire, messageToWire } from '../../src/cluster/messages.ts';
import {
  ByteWriter,
  CborReader,
  CborWriter,
  clusterBytes,
  controlBytes,
  gossipBytes,
  jsonText,
  readCluster,
  readControl,
  readGossip,
  readJson,
  readSystemMessage,
  SerializerRegistry,
  systemMessageBytes,
  wireLimitsDefaults,
} from '../../src/wire/index.ts';
import { miscBytes, readMisc } from '../../src/wire/misc-codec.ts';
import { readSelection, selectionBytes } from '../../src/wire/selection.ts';
import { payloadsOf } from './seeds.ts';
import {
  type FuzzTarget,
  isRefusal,
  mustAgree,
  mustSettle,
  plainMemoryMax,
  valueOrRefusal,
} from './target.ts';

const inflatedBytesMax = 65_536;
/** What comes out of a compressed input is held to the same measure as an input of that size. */
const inflatingMemoryMax = (inputBytes: number): number =>
  plainMemoryMax(inputBytes) + plainMemoryMax(inflatedBytesMax);

/** A target whose inputs have the number of a manifest in front. */
function manifestTarget<T>(options: {
  readonly name: string;
  readonly serializerId: number;
  readonly manifests: readonly string[];
  readonly read: (manifest: string, bytes: Uint8Array) => T;
  readonly write: (value: T) => Uint8Array;
}): FuzzTarget {
  const { name, serializerId, manifests, read, write } = options;
  return {
    name,
    seeds: () => [
      ...payloadsOf(serializerId).map(({ manifest, bytes }) =>
        Buffer.concat([Buffer.of(Math.max(0, manifests.indexOf(manifest))), bytes]),
      ),
      ...manifests.map((_, i) => Buffer.of(i)),
    ],
    run: (input) => {
      const manifest = manifests[(input[0] ?? 0) % manifests.length] ?? '';
      mustSettle((bytes) => read(manifest, bytes), write, input.subarray(1));
    },
    memoryMax: inflatingMemoryMax,
  };
}

const control = manifestTarget({
  name: 'control',
  serializerId: 17,
  manifests: [...'abcdefghijklmnop', 'q'],
  read: readControl,
  write: controlBytes,
});

const cluster = manifestTarget({
  name: 'cluster',
  serializerId: 5,
  manifests: ['IJ', 'IJA', 'IJN', 'J', 'W', 'L', 'D', 'EC', 'HB', 'HBR', 'GS', 'GE', 'X'],
  read: (manifest, bytes) => readCluster(manifest, bytes, inflatedBytesMax),
  // Through the form of the state machine, as gossip goes that is passed on.
  write: (message) => clusterBytes(messageToWire(messageFromWire(message))),
});

const misc = manifestTarget({
  name: 'misc',
  serializerId: 16,
  manifests: 'A B C D E F G H P K DONE NU AD UD AIEX TNSEX S SM SE SA LS RS CF X'.split(' '),
  read: readMisc,
  write: miscBytes,
});

/** Gossip without its compression, which would hide the bytes from small changes. */
const gossip: FuzzTarget = {
  name: 'gossip',
  seeds: () =>
    payloadsOf(5).flatMap(({ manifest, bytes }) => {
      if (manifest !== 'GE') return [];
      const at = Buffer.from(bytes).indexOf(Buffer.of(0x1f, 0x8b));
      try {
        return at < 0 ? [] : [gunzipSync(bytes.subarray(at))];
      } catch {
        return [];
      }
    }),
  run: (input) => {
    mustSettle(
      readGossip,
      (value) => {
        const envelope = {
          kind: 'gossipEnvelope',
          from: nobody,
          to: nobody,
          gossip: value,
        } as const;
        const passedOn = messageToWire(messageFromWire(envelope));
        return passedOn.kind === 'gossipEnvelope'
          ? gossipBytes(passedOn.gossip)
          : new Uint8Array(0);
      },
      input,
    );
  },
  memoryMax: plainMemoryMax,
};
const nobody = { address: { protocol: 'pekko', system: 's', host: 'h', port: 1 }, uid: 1n };

const system: FuzzTarget = {
  name: 'system',
  seeds: () =>
    payloadsOf(17)
      .filter(({ manifest }) => manifest === 'j')
      .flatMap(({ bytes }) => {
        const envelope = readControl('j', bytes);
        const readable =
          envelope.kind === 'systemMessageEnvelope' && envelope.message.kind !== 'unreadable';
        return readable ? [systemMessageBytes(envelope.message)] : [];
      }),
  run: (input) => mustSettle(readSystemMessage, systemMessageBytes, input),
  memoryMax: plainMemoryMax,
};

const selection: FuzzTarget = {
  name: 'selection',
  seeds: () => payloadsOf(6).map(({ bytes }) => bytes),
  run: (input) => mustSettle(readSelection, selectionBytes, input),
  memoryMax: plainMemoryMax,
};

const warmReader = new CborReader({ depthMax: 64 });
const out = new ByteWriter();

function cborBytes(value: unknown): Uint8Array {
  out.position = 0;
  new CborWriter(64).write(value, out);
  return out.toBytes();
}

const cbor: FuzzTarget = {
  name: 'cbor',
  seeds: () => [
    ...payloadsOf(33).map(({ bytes }) => bytes),
    ...cborSamples.map((value) => cborBytes(value)),
    Buffer.from('9fbf616101ff5f4101ff7f6161ffff', 'hex'),
    Buffer.from('c48221196ab3c249010000000000000000d9010281f97e00fa3f800000', 'hex'),
  ],
  run: (input, thorough) => {
    if (thorough) {
      const fresh = valueOrRefusal(() => new CborReader({ depthMax: 64 }).read(input));
      const again = valueOrRefusal(() => warmReader.read(input));
      mustAgree(again, fresh, 'what was read before does not change what is read now');
    }
    mustSettle((bytes) => warmReader.read(bytes), cborBytes, input);
  },
  memoryMax: (inputBytes) => 3 * plainMemoryMax(inputBytes),
};
const cborSamples = [
  {
    type: 'increment',
    by: 2,
    text: 'aä😀',
    list: [1, -1, 1.5, null, true],
    nested: { a: { b: {} } },
  },
  new Map<unknown, unknown>([
    [1, 'one'],
    [{ a: 1 }, new Set([1, 'x'])],
  ]),
  [2n ** 70n, -(2n ** 70n), 2 ** 40, Uint8Array.of(1, 2), new Float64Array([1, 2]), undefined],
];

const json: FuzzTarget = {
  name: 'json',
  seeds: () => [
    ...payloadsOf(31).map(({ bytes }) => bytes),
    ...[
      '{"a":[1,-0.0,1e400,"\\u0000\\ud800",null,true],"__proto__":{}}',
      '12345678901234567890',
      '[[[]]]',
    ].map((text) => Buffer.from(text)),
  ],
  run: (input) =>
    mustSettle(
      (bytes) => readJson(bytes, 64),
      (value) => Buffer.from(jsonText(value, 64)),
      input,
    ),
  memoryMax: plainMemoryMax,
};

const registry = new SerializerRegistry({
  limits: { ...wireLimitsDefaults, inflatedBytesMax, depthMax: 64 },
  messageTypes: [
    { type: 'ping', class: 'live.Msgs$Ping', refs: ['replyTo'] },
    {
      type: 'zoo',
      class: 'live.Msgs$CZoo',
      version: 3,
      migrate: (fields, version) => ({ ...fields, version }),
    },
    { type: 'json', class: 'live.Msgs$JZoo', format: 'json', refs: ['self', 'others'] },
  ],
});
const routes: readonly (readonly [number, string])[] = [
  [33, ''],
  [33, 'live.Msgs$Ping'],
  [33, 'live.Msgs$CZoo#2'],
  [33, 'live.Msgs$CZoo#x'],
  [33, 'other'],
  [31, ''],
  [31, 'live.Msgs$JZoo'],
  [31, 'live.Msgs$CZoo#1'],
  [4, ''],
  [18, ''],
  [19, ''],
  [20, ''],
  [21, ''],
  [24, 'a'],
  [24, 'b'],
  [35, ''],
  [16, 'G'],
  [6, ''],
  [1, ''],
];

/** Payloads as they come in a frame: compressed or not, with classes and versions; and the single values. */
const payloadTarget: FuzzTarget = {
  name: 'payload',
  seeds: () => [
    ...routes.map((_, i) => Buffer.of(i, 0)),
    ...routes.flatMap(([serializerId, manifest], i) =>
      payloadsOf(serializerId)
        .filter((seed) => seed.manifest === manifest || serializerId > 30)
        .slice(0, 40)
        .map(({ bytes }) => Buffer.concat([Buffer.of(i), bytes])),
    ),
  ],
  run: (input) => {
    const [serializerId, manifest] = routes[(input[0] ?? 0) % routes.length] ?? [0, ''];
    const value = valueOrRefusal(() =>
      registry.decode(serializerId, manifest, input, Math.min(1, input.length)),
    );
    if (isRefusal(value)) return;
    out.position = 0;
    const written = valueOrRefusal(() => registry.encode(value, out));
    if (isRefusal(written)) return;
    const again = valueOrRefusal(() =>
      registry.decode(written.serializerId, written.manifest, out.toBytes()),
    );
    // Writing may add a level, as for a map that came without its tag.
    if (isRefusal(again) && again.refusedWith === 'PAYLOAD_TOO_LARGE') return;
    mustAgree(typeof again, typeof value, 'a value keeps its type on its way out and in');
  },
  memoryMax: inflatingMemoryMax,
};

export const payloadTargets: readonly FuzzTarget[] = [
  cbor,
  json,
  payloadTarget,
  control,
  cluster,
  gossip,
  system,
  selection,
  misc,
];
