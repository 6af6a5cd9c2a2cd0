// Values of messages as JSON: an object whose only key names the kind. The node of the JVM reads and writes the same.

import { ActorRef, systemProcess } from 'parvi';
import type { MessageType, ValueSerializer } from 'parvi/wire';
import { noText } from 'parvi/wire';

/** A value on its way to a node or back. */
export interface RecordFields {
  readonly text: string;
  /** Whole number of 64 bits, as text. */
  readonly n: string;
  readonly x: number;
  readonly flag: boolean;
  readonly list: readonly string[];
  /** Path text of a ref. */
  readonly ref?: string;
  /** Base64; of `cbor` only. */
  readonly bytes?: string;
}

export type Value =
  | { readonly text: string }
  | { readonly textOf: number }
  | { readonly int: number }
  | { readonly long: string }
  | { readonly boolean: boolean }
  | { readonly bytes: string }
  | { readonly ref: string }
  | { readonly cbor: RecordFields }
  | { readonly json: RecordFields }
  /** A message of a class, or of a serializer, that the other kind of node does not have. */
  | { readonly foreign: true }
  | { readonly odd: true }
  | { readonly other: string };

/** The classes of Messages.java. `Foreign` is left out on purpose. */
export const messageTypes: readonly MessageType[] = [
  { type: 'cborRecord', class: 'parvi.interop.Messages$CborRecord', refs: ['ref'] },
  {
    type: 'jsonRecord',
    class: 'parvi.interop.Messages$JsonRecord',
    format: 'json',
    refs: ['ref'],
  },
  { type: 'ping', class: 'parvi.interop.Messages$Ping', refs: ['replyTo'] },
  { type: 'pong', class: 'parvi.interop.Messages$Pong' },
  {
    type: 'jsonPing',
    class: 'parvi.interop.Messages$JsonPing',
    format: 'json',
    refs: ['replyTo'],
  },
  { type: 'jsonPong', class: 'parvi.interop.Messages$JsonPong', format: 'json' },
  { type: 'stranger', class: 'parvi.interop.NoSuchClass' },
];

class Odd {}

/** The counterpart of OddSerializer.java under a number that the JVM does not have. */
export const oddSerializer: ValueSerializer = {
  id: 123_456,
  accepts: (value) => value instanceof Odd,
  manifestOf: () => noText,
  write: (_value, out) => out.raw(new Uint8Array([1, 2, 3])),
  read: () => new Odd(),
};

type Resolve = (path: string) => ActorRef<unknown>;

export function fromJson(value: Value, resolve: Resolve): unknown {
  if ('text' in value) return value.text;
  if ('textOf' in value) return 'x'.repeat(value.textOf);
  if ('int' in value) return value.int;
  if ('long' in value) return BigInt(value.long);
  if ('boolean' in value) return value.boolean;
  if ('bytes' in value) return new Uint8Array(Buffer.from(value.bytes, 'base64'));
  if ('ref' in value) return resolve(value.ref);
  if ('cbor' in value) {
    const bytes = new Uint8Array(Buffer.from(value.cbor.bytes ?? '', 'base64'));
    return { type: 'cborRecord', ...fields(value.cbor, resolve), bytes };
  }
  if ('json' in value) return { type: 'jsonRecord', ...fields(value.json, resolve) };
  if ('foreign' in value) return { type: 'stranger', text: 'foreign' };
  if ('odd' in value) return new Odd();
  throw new Error(`Cannot make a value of ${JSON.stringify(value)}: its kind is not known`);
}

function fields(record: RecordFields, resolve: Resolve): Record<string, unknown> {
  const { text, n, x, flag, list, ref } = record;
  const more = ref === undefined ? {} : { ref: resolve(ref) };
  return { text, n: BigInt(n), x, flag, list, ...more };
}

export function toJson(value: unknown): Value {
  switch (typeof value) {
    case 'string': {
      const isFiller = value.length > 1000 && value === 'x'.repeat(value.length);
      return isFiller ? { textOf: value.length } : { text: value };
    }
    case 'number':
      return { int: value };
    case 'bigint':
      return { long: String(value) };
    case 'boolean':
      return { boolean: value };
    default:
      return objectToJson(value);
  }
}

function objectToJson(value: unknown): Value {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (value instanceof ActorRef) return { ref: value.path };
  const record = value as Readonly<Record<string, unknown>>;
  if (record.type === 'jsonRecord') return { json: fieldsToJson(record) };
  if (record.type === 'cborRecord') {
    const bytes = Buffer.from(record.bytes as Uint8Array).toString('base64');
    return { cbor: { ...fieldsToJson(record), bytes } };
  }
  return { other: typeof record.type === 'string' ? record.type : record.constructor.name };
}

function fieldsToJson(record: Readonly<Record<string, unknown>>): RecordFields {
  const { text, n, x, flag, list, ref } = record;
  return {
    text: String(text),
    n: String(n),
    x: Number(x),
    flag: flag === true,
    list: list as readonly string[],
    ...(ref instanceof ActorRef ? { ref: ref.path } : {}),
  };
}

/** One JSON object a line on standard output. */
export function writeLine(line: Readonly<Record<string, unknown>>): void {
  systemProcess.writeOut(`${JSON.stringify(line)}\n`);
}
