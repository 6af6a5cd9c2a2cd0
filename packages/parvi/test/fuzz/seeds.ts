// Where fuzzing starts from: what real nodes have sent, taken apart for each decoder.

import {
  badInputs,
  type CapturedFrame,
  capturedFrames,
  jacksonFrames,
} from '../../src/wire/fixtures/captures.ts';
import { connectionPreamble, readEnvelope, type StreamId } from '../../src/wire/index.ts';

const frames: readonly CapturedFrame[] = [...capturedFrames, ...jacksonFrames];

/** Enough of each kind; the rest only differs in its values. */
const eachKindMax = 6;

function fewOfEach<T>(items: readonly T[], kindOf: (item: T) => string): T[] {
  const counts = new Map<string, number>();
  return items.filter((item) => {
    const count = (counts.get(kindOf(item)) ?? 0) + 1;
    counts.set(kindOf(item), count);
    return count <= eachKindMax;
  });
}

export interface SeedPayload {
  readonly serializerId: number;
  readonly manifest: string;
  readonly bytes: Uint8Array;
}

/** Payloads of real frames by serializer. Those with a compressed manifest are left out. */
const payloads: readonly SeedPayload[] = fewOfEach(
  frames.flatMap((frame): SeedPayload[] => {
    const envelope = readEnvelope(frame.bytes.subarray(4));
    if (envelope.manifestIndex >= 0) return [];
    const { serializerId, manifest } = envelope;
    return [{ serializerId, manifest, bytes: Buffer.from(envelope.payload()) }];
  }),
  ({ serializerId, manifest, bytes }) => `${serializerId} ${manifest} ${bytes.length >>> 6}`,
);

export function payloadsOf(serializerId: number): readonly SeedPayload[] {
  return payloads.filter((payload) => payload.serializerId === serializerId);
}

/** Whole frames without their length field. */
export function envelopeSeeds(): Uint8Array[] {
  const kinds = fewOfEach(
    frames,
    (frame) => `${frame.decoded.serializer} ${frame.bytes.length >>> 7}`,
  );
  return kinds.filter(({ bytes }) => bytes.length < 4096).map(({ bytes }) => bytes.subarray(4));
}

/** Connections from their first byte on: the frames of one connection in a row, and the faulty inputs. */
export function connectionSeeds(): Uint8Array[] {
  const connections = Map.groupBy(capturedFrames, ({ file, connection, stream }) =>
    [file, connection, stream].join(' '),
  );
  const recorded = [...connections.values()].map((own) => {
    const stream = own[0]?.stream as StreamId;
    const bytes = own.slice(0, 8).map((frame) => frame.bytes);
    return Buffer.concat([connectionPreamble(stream), ...bytes]);
  });
  const faulty = badInputs.map(({ magic, stream, hex }) =>
    Buffer.concat([
      Buffer.from(magic, 'hex').subarray(0, 4),
      Buffer.of(stream),
      Buffer.from(hex ?? '', 'hex'),
    ]),
  );
  return [...recorded, ...faulty].filter(({ length }) => length < 16_384);
}

/** Texts of the headers: paths of actors, and addresses. */
export function pathSeeds(): Uint8Array[] {
  const paths = frames.flatMap(({ decoded: { sender, recipient } }) => [sender, recipient]);
  const texts = new Set(paths.filter((path) => typeof path === 'string'));
  return [...texts, 'akka.tcp://Sys@[::1]:1', 'host:25520', '/user/a%20b#-77', 'pekko://s@h:1/']
    .slice(0, 200)
    .map((text) => Buffer.from(text));
}
