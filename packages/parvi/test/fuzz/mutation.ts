// Changes of inputs, as blind and as manifold as possible: bits, bytes, numbers of all widths, parts doubled, removed and
// taken from other inputs.

import { type Random, randomInt, randomPick } from '../../src/runtime/index.ts';

const telling = [0, 1, 2, 0x0a, 0x12, 0x18, 0x1f, 0x20, 0x3f, 0x60, 0x7f, 0x80, 0x9f, 0xa0, 0xbf];
const tellingBytes = [...telling, 0xc2, 0xc4, 0xd8, 0xf6, 0xf9, 0xfb, 0xfe, 0xff];
const tellingNumbers = [0, 1, -1, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff];

type Mutation = (input: Buffer, random: Random, other: Uint8Array) => Buffer;

/** A place in the input, the end included. */
const place = (input: Uint8Array, random: Random): number => randomInt(random, input.length + 1);

/** Mostly short, now and then any length up to the bound. */
function lengthUpTo(bound: number, random: Random): number {
  const most = randomInt(random, 4) === 0 ? bound : Math.min(bound, 16);
  return most < 1 ? 0 : 1 + randomInt(random, most);
}

function inPlace(change: (bytes: Buffer, at: number, random: Random) => void): Mutation {
  return (input, random) => {
    const bytes = Buffer.from(input);
    if (bytes.length > 0) change(bytes, randomInt(random, bytes.length), random);
    return bytes;
  };
}

const mutations: readonly Mutation[] = [
  inPlace((bytes, at, random) => {
    bytes[at] = (bytes[at] as number) ^ (1 << randomInt(random, 8));
  }),
  inPlace((bytes, at, random) => {
    bytes[at] = randomInt(random, 256);
  }),
  inPlace((bytes, at, random) => {
    bytes[at] = randomPick(random, tellingBytes);
  }),
  inPlace((bytes, at, random) => {
    bytes[at] = (bytes[at] as number) + randomInt(random, 33) - 16;
  }),
  inPlace((bytes, at, random) => {
    const value = randomPick(random, tellingNumbers) + randomInt(random, 3) - 1;
    if (at + 2 > bytes.length) return;
    if (at + 4 > bytes.length || randomInt(random, 3) === 0)
      bytes.writeUInt16LE(value & 0xffff, at);
    else if (randomInt(random, 2) === 0) bytes.writeInt32LE(value | 0, at);
    else bytes.writeInt32BE(value | 0, at);
  }),
  (input, random) => {
    const from = place(input, random);
    const length = lengthUpTo(input.length - from, random);
    return Buffer.concat([input.subarray(0, from), input.subarray(from + length)]);
  },
  (input, random) => {
    const at = place(input, random);
    const more = Buffer.alloc(lengthUpTo(64, random), randomInt(random, 256));
    return Buffer.concat([input.subarray(0, at), more, input.subarray(at)]);
  },
  (input, random) => {
    const from = place(input, random);
    const part = input.subarray(from, from + lengthUpTo(input.length - from, random));
    const at = place(input, random);
    const times = 1 + randomInt(random, randomInt(random, 8) === 0 ? 64 : 4);
    const parts = new Array<Uint8Array>(times).fill(part);
    return Buffer.concat([input.subarray(0, at), ...parts, input.subarray(at)]);
  },
  (input, random, other) => {
    const from = place(other, random);
    const part = other.subarray(from, from + lengthUpTo(other.length - from, random));
    const at = place(input, random);
    const gone = randomInt(random, 2) * lengthUpTo(input.length - at, random);
    return Buffer.concat([input.subarray(0, at), part, input.subarray(at + gone)]);
  },
  (input, random, other) =>
    Buffer.concat([input.subarray(0, place(input, random)), other.subarray(place(other, random))]),
  // Wraps a part between two others, which nests what can be nested.
  (input, random) => {
    const at = place(input, random);
    const head = input.subarray(0, lengthUpTo(Math.min(input.length, 8), random));
    const tail = input.subarray(input.length - lengthUpTo(Math.min(input.length, 8), random));
    return Buffer.concat([head, input.subarray(0, at), input.subarray(at), tail]);
  },
];

/** A changed copy, at most `bytesMax` long. `other` is an input whose parts may be used. */
export function mutated(
  input: Uint8Array,
  other: Uint8Array,
  random: Random,
  bytesMax: number,
): Buffer {
  let bytes = Buffer.from(input);
  const times = 1 + randomInt(random, randomInt(random, 4) === 0 ? 16 : 4);
  for (let i = 0; i < times; i++) {
    bytes = randomPick(random, mutations)(bytes, random, other) as typeof bytes;
    if (bytes.length > bytesMax) bytes = bytes.subarray(0, bytesMax);
  }
  return bytes;
}
