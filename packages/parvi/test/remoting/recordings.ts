// Recorded streams of Pekko nodes and recorded input that makes one complain or fall over, as bytes to play to a node of
// ours.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Random, seededRandom } from '../../src/runtime/index.ts';
import { type Address, EnvelopeWriter, streamIds, writeControl } from '../../src/wire/index.ts';

const fixtures = new URL('../../src/wire/fixtures/', import.meta.url);

export interface Line {
  readonly from: string;
  readonly to: string;
  readonly stream: number;
  readonly conn: number;
  readonly event?: string;
  readonly hex?: string;
  readonly decoded?: { readonly uid: string; readonly manifest: unknown };
}

export interface BadInput {
  readonly name: string;
  readonly stream: number;
  readonly magic: string;
  readonly hex: string | null;
}

export function readLines<T>(name: string): T[] {
  const text = gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, fixtures))).toString('utf8');
  return text
    .trim()
    .split('\n')
    .map((line): T => JSON.parse(line));
}

/** Gives a wanted system uid first, then chance. */
export function randomWithUid(uid: bigint): Random {
  const bits = BigInt.asUintN(64, uid);
  const first = [Number(bits >> 32n), Number(bits & 0xffffffffn)];
  const rest = seededRandom(5);
  return { uint32: () => first.shift() ?? rest.uint32() };
}

export function addressOf(host = ''): Address {
  return { protocol: 'pekko', system: 'sys', host, port: 25520 };
}

/** A HandshakeReq as one frame. */
export function introduction(from: Address, to: Address, uid: bigint): Uint8Array {
  const writer = new EnvelopeWriter({ uid, stream: streamIds.control });
  writeControl(writer, { kind: 'handshakeReq', from: { address: from, uid }, to }, { peer: to });
  return new Uint8Array(writer.take()?.filled ?? []);
}

export const closesItsConnection = new Set([
  'wrong magic',
  'wrong magic HTTP',
  'unknown stream id 0',
  'unknown stream id 4',
  'unknown stream id 255',
  'frame length 1 GiB, 1 MiB sent',
  'HARM frame length negative',
  'frame of 300000 bytes on ordinary',
  'frame of 300000 bytes on control',
  'frame of 3 MB on large',
]);

export const saysNothing = new Set(['magic PEKK', 'truncated frame then close']);

/** Dead letters, which have a log of their own, and what the protocol has an answer for. */
export const warnsOfNothing = new Set([
  ...saysNothing,
  'selection to root without trailing slash',
  'selection without wildcardFanOut',
  'recipient without address',
  'recipient pekko://sys/ form',
  'recipient not a URI',
  'recipient akka://',
  'recipient with stale #uid',
  'recipient of another system name',
  'sender akka:// unaccepted',
  'handshake from other system name',
  'handshake from akka protocol',
  'system message gap: seq 5 first',
  'system message seq 1 again',
  'watch of a missing actor',
  'HARM duplicate uid',
]);

const stranger = addressOf('127.0.7.5');
const node7 = addressOf('127.0.7.1');

/** What stands behind the bad frame on the same connection and must still arrive. */
export const readOnAfterwards: Readonly<Record<string, string>> = {
  'magic PEKK': 'via PEKK',
  'frame length 0': 'after zero',
  'frame length 10 (short header)': 'after short',
  'envelope version 1': 'after v1',
  'unknown serializer id': 'after unknown ser',
};

/** The recorded bytes, or what the recording describes where they were too long to keep. */
export function bytesOf(input: BadInput): Buffer {
  if (input.hex !== null) return Buffer.from(input.hex, 'hex');
  const hello = introduction(stranger, node7, 777n);
  const length = Buffer.alloc(4);
  if (input.name.startsWith('frame length 1 GiB')) {
    length.writeUInt32LE(2 ** 30);
    return Buffer.concat([hello, length, Buffer.alloc(1024 * 1024)]);
  }
  const size = input.name.includes('3 MB') ? 3_000_000 : 300_000;
  length.writeUInt32LE(size);
  const recipient = Buffer.from('pekko://sys@127.0.7.1:25520/user/echo');
  const frame = Buffer.alloc(size, 'z');
  frame.fill(0, 0, 28 + 6 + recipient.length);
  frame.writeBigInt64LE(777n, 4);
  frame.writeInt32LE(20, 12);
  frame.writeUInt16LE(recipient.length, 30);
  recipient.copy(frame, 32);
  return Buffer.concat([hello, length, frame]);
}
