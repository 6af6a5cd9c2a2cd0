// What OTLP's spans are made of, as protobuf. Written by hand, since a node that is asked hundreds of thousands of times in a
// second feels what a general writer allocates (`npm run bench -- tracing`); what is seldom said is left to that one.
// Source of the fields: OTLP 1.9, `opentelemetry/proto/{trace,common}/v1/*.proto`.

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { SpanAttributes } from './tracing.ts';

type AttributeValue = SpanAttributes[string];

const keyValue = { key: 1, value: 2 };
const anyValue = { string: 1, bool: 2, int: 3, double: 4 };

/** Texts and attributes that come again and again are encoded once; so many of each kind. */
const rememberedMax = 256;
const rememberedLengthMax = 256;
const texts = new Map<string, Uint8Array>();
const attributes = new Map<string, Map<AttributeValue, Uint8Array>>();

export function textBytes(given: string): Uint8Array {
  const known = texts.get(given);
  if (known !== undefined) return known;
  const text = textOf(given);
  const bytes = new Uint8Array(Buffer.from(text));
  if (texts.size < rememberedMax && text.length <= rememberedLengthMax) texts.set(text, bytes);
  return bytes;
}

/** A `KeyValue`. */
export function attributeBytes(key: string, value: AttributeValue): Uint8Array {
  const ofKey = attributes.get(key);
  const known = ofKey?.get(value);
  if (known !== undefined) return known;
  const bytes = new BinaryWriter()
    .tag(keyValue.key, WireType.LengthDelimited)
    .string(key)
    .tag(keyValue.value, WireType.LengthDelimited)
    .bytes(valueBytes(value))
    .finish();
  remember(key, value, bytes);
  return bytes;
}

function remember(key: string, value: AttributeValue, bytes: Uint8Array): void {
  if (bytes.length > rememberedLengthMax) return;
  let ofKey = attributes.get(key);
  if (ofKey === undefined && attributes.size < rememberedMax) {
    ofKey = new Map();
    attributes.set(key, ofKey);
  }
  if (ofKey !== undefined && ofKey.size < rememberedMax) ofKey.set(value, bytes);
}

function valueBytes(value: AttributeValue): Uint8Array {
  const writer = new BinaryWriter();
  if (typeof value === 'boolean') {
    return writer.tag(anyValue.bool, WireType.Varint).bool(value).finish();
  }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value)
      ? writer.tag(anyValue.int, WireType.Varint).int64(value).finish()
      : writer.tag(anyValue.double, WireType.Bit64).double(value).finish();
  }
  return writer.tag(anyValue.string, WireType.LengthDelimited).string(textOf(value)).finish();
}

/** Programs without types hand in what they like; it must not end the work that is traced, nor spoil others' spans. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return String(value);
  } catch {
    return `a value that cannot be read as text (${typeof value})`;
  }
}

/** Attributes as a repeated field of that number, each with its tag and length. */
export function attributesBytes(field: number, given: SpanAttributes): Uint8Array {
  const writer = new BinaryWriter();
  for (const [key, value] of Object.entries(given)) {
    writer.tag(field, WireType.LengthDelimited).bytes(attributeBytes(key, value));
  }
  return writer.finish();
}

const varintBits = 7;
const varintMore = 0x80;

/** Bytes of a length or number below 2^31. */
export function varintSize(number: number): number {
  let size = 1;
  for (let rest = number >>> varintBits; rest > 0; rest >>>= varintBits) size++;
  return size;
}

/** These write at a place and say where it ends. */
export function writeVarint(bytes: Uint8Array, at: number, number: number): number {
  let end = at;
  let rest = number;
  for (; rest >= varintMore; rest >>>= varintBits) bytes[end++] = (rest & 0x7f) | varintMore;
  bytes[end++] = rest;
  return end;
}

/** Byte by byte: what is copied here is short. */
export function writeBytes(bytes: Uint8Array, at: number, part: Uint8Array): number {
  for (let i = 0; i < part.length; i++) bytes[at + i] = part[i] as number;
  return at + part.length;
}

/** The highest byte first. */
export function writeBigEndian(bytes: Uint8Array, at: number, number: number): number {
  bytes[at] = number >>> 24;
  bytes[at + 1] = number >>> 16;
  bytes[at + 2] = number >>> 8;
  bytes[at + 3] = number;
  return at + 4;
}

function writeLittleEndian(bytes: Uint8Array, at: number, number: number): number {
  bytes[at] = number;
  bytes[at + 1] = number >>> 8;
  bytes[at + 2] = number >>> 16;
  bytes[at + 3] = number >>> 24;
  return at + 4;
}

/** Milliseconds since the epoch as a `fixed64` of nanoseconds: to the microsecond, as far as a float of them reaches. */
export function writeNanos(bytes: Uint8Array, at: number, epochMs: number): number {
  const micros = Math.round(epochMs * 1000);
  // In halves, since the product has more bits than a float keeps.
  const high = Math.floor(micros / 2 ** 32);
  const low = (micros - high * 2 ** 32) * 1000;
  const carry = Math.floor(low / 2 ** 32);
  const end = writeLittleEndian(bytes, at, (low - carry * 2 ** 32) | 0);
  return writeLittleEndian(bytes, end, high * 1000 + carry);
}
