// What stands around payloads, as fuzz targets: connections cut into frames, envelopes, paths and compression tables, and
// a whole node that a stranger speaks to.

import {
  actorPathText,
  addressText,
  EnvelopeReader,
  FrameCutter,
  HeaderText,
  OutboundTable,
  parseActorPath,
  parseAddress,
  readControl,
} from '../../src/wire/index.ts';
import { TestNetwork, type TestNode } from '../remoting/nodes.ts';
import { connectionSeeds, envelopeSeeds, pathSeeds, payloadsOf } from './seeds.ts';
import {
  type FuzzTarget,
  isRefusal,
  mustAgree,
  mustHold,
  mustSettle,
  plainMemoryMax,
  valueOrRefusal,
} from './target.ts';

const frameBytesMax = 32_768;

/** All frames of a connection whose bytes come in chunks of that size, and how it ended. */
function framesOf(input: Uint8Array, chunkBytes: number): string[] {
  const cutter = new FrameCutter({ frameBytesMax: (stream) => frameBytesMax * stream });
  const seen: string[] = [];
  for (let at = 0; at < input.length; at += chunkBytes) {
    const chunk = input.subarray(at, at + chunkBytes);
    const end = valueOrRefusal(() => {
      cutter.push(chunk);
      while (cutter.next()) seen.push(Buffer.from(cutter.frame()).toString('latin1'));
    });
    mustHold(cutter.heldBytes <= input.length, 'a cutter holds no more than it was given');
    mustHold(
      cutter.heldMemoryBytes <= 2 * input.length + 66_000,
      'an announced length costs little memory before its bytes come',
    );
    if (isRefusal(end)) return [...seen, end.refusedWith];
  }
  return seen;
}

const stream: FuzzTarget = {
  name: 'stream',
  seeds: connectionSeeds,
  run: (input) => {
    const whole = framesOf(input, Math.max(1, input.length));
    const chunk = 1 + ((input[input.length >>> 1] ?? 0) % 37);
    mustAgree(framesOf(input, chunk), whole, 'frames do not depend on how their bytes arrive');
  },
  memoryMax: (inputBytes) => 4 * plainMemoryMax(inputBytes),
};

const warm = new EnvelopeReader();

function fieldsOf(reader: EnvelopeReader, input: Uint8Array): unknown {
  return valueOrRefusal(() => {
    const { bytes, ...envelope } = reader.read(input, 0, input.length);
    mustHold(
      envelope.payloadStart <= envelope.payloadEnd,
      'a payload does not end before it begins',
    );
    mustHold(envelope.payloadEnd <= bytes.length, 'a payload ends in its frame');
    return { ...envelope, uid: reader.envelope.uid };
  });
}

const envelope: FuzzTarget = {
  name: 'envelope',
  seeds: envelopeSeeds,
  run: (input, thorough) => {
    const again = fieldsOf(warm, input);
    if (!thorough) return;
    const fresh = fieldsOf(new EnvelopeReader(), input);
    mustAgree(again, fresh, 'what was read before does not change what is read now');
  },
  // A reader of its own each time, whose memory of texts is of fixed size.
  memoryMax: (inputBytes) => plainMemoryMax(inputBytes),
};

const paths: FuzzTarget = {
  name: 'paths',
  seeds: pathSeeds,
  run: (input) => {
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
    mustSettle(
      (bytes) => parseActorPath(text(bytes)),
      (path) => Buffer.from(actorPathText(path), 'latin1'),
      input,
    );
    mustSettle(
      (bytes) => parseAddress(text(bytes), { system: 'sys', port: 1 }),
      (address) => Buffer.from(addressText(address), 'latin1'),
      input,
    );
  },
  memoryMax: plainMemoryMax,
};

/** Tables that a peer advertises: either refused, or numbered as the peer says. */
const compression: FuzzTarget = {
  name: 'compression',
  seeds: () =>
    payloadsOf(17).flatMap(({ manifest, bytes }) =>
      manifest === 'f' || manifest === 'h' ? [bytes] : [],
    ),
  run: (input) => {
    const message = valueOrRefusal(() => readControl('f', input));
    if (isRefusal(message) || message.kind !== 'compressionAdvertisement') return;
    const table = valueOrRefusal(() => OutboundTable.of(message));
    if (isRefusal(table)) return;
    mustHold(table.size === message.keys.length, 'a table has all its keys');
    for (const [i, key] of message.keys.entries()) {
      const header = valueOrRefusal(() => new HeaderText(key));
      if (isRefusal(header) || key === '') continue;
      mustHold(table.indexOf(header) === message.indexes[i], 'both sides number alike');
    }
  },
  memoryMax: plainMemoryMax,
};

/** Inputs that one node gets before another takes its place. */
const inputsPerNode = 512;

/** A node that a stranger dials and sends the input to: nothing may be thrown and the node must answer others. */
function nodeTarget(): FuzzTarget {
  let network = new TestNetwork();
  let node: TestNode | undefined;
  let inputs = 0;
  return {
    name: 'node',
    seeds: connectionSeeds,
    prepare: async () => {
      if (node !== undefined && inputs < inputsPerNode) return;
      inputs = 0;
      network = new TestNetwork();
      node = await network.start('alpha');
    },
    run: (input) => {
      inputs++;
      let closed = false;
      const link = network.net.transport('stranger').dial(
        { host: 'alpha', port: 2550, timeoutMs: 1000 },
        {
          onOpen: () => undefined,
          onDrain: () => undefined,
          onClose: () => {
            closed = true;
          },
        },
      );
      network.time.advance(2);
      link.write(input);
      network.time.advance(5);
      if (!closed) link.close(false);
      network.time.advance(1);
    },
    memoryMax: (inputBytes) => 8 * plainMemoryMax(inputBytes),
  };
}

export const frameTargets: readonly FuzzTarget[] = [
  stream,
  envelope,
  paths,
  compression,
  nodeTarget(),
];
