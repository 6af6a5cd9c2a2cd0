// Protobuf messages as tables of fields, and the one walk over them that reads and one that writes. The tables are
// generated from the .proto files; bytes are cut by the library's reader and writer. Its own message types are used
// in tests only, as the judge: what they load to describe themselves is memory that every node would hold for ever.

import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** The scalar types that Pekko's layouts use. 64-bit numbers are `bigint`. */
export type ProtoScalar =
  | 'bool'
  | 'bytes'
  | 'int32'
  | 'int64'
  | 'sint64'
  | 'string'
  | 'uint32'
  | 'uint64';

/** The numbers an enum knows; a field with another one counts as unknown, as proto2 has it. */
export interface ProtoEnum {
  readonly numbers: readonly number[];
}

export interface ProtoField {
  readonly no: number;
  /** As the .proto file spells it. */
  readonly name: string;
  /** As the value spells it. */
  readonly local: string;
  readonly type: ProtoScalar | ProtoEnum | ProtoMessage<object>;
  readonly label: 'required' | 'optional' | 'repeated';
  readonly packed?: true;
}

/** `T` is the shape of the message's value. Fields stand in the order of their numbers. */
export interface ProtoMessage<T extends object> {
  readonly name: string;
  readonly fields: readonly ProtoField[];
  readonly byNumber: ReadonlyMap<number, ProtoField>;
  /** Never there; binds `T`. */
  readonly shape?: T;
}

type Fields = Record<string, unknown>;

export function message<T extends object>(
  name: string,
  fields: readonly ProtoField[],
): ProtoMessage<T> {
  return { name, fields, byNumber: new Map(fields.map((field) => [field.no, field])) };
}

/** Bytes of a message, the fields in the order of their numbers; those that are `undefined` are left out. */
export function protoBytes<T extends object>(schema: ProtoMessage<T>, value: T): Uint8Array {
  const writer = new BinaryWriter();
  writeFields(writer, schema, value as Fields);
  return writer.finish();
}

/**
 * A field that comes twice counts as its last value, or merges when it is a message. Unknown fields are skipped.
 *
 * @throws Error of the library when the bytes are no protobuf; MissingField when a required field is not there
 */
export function decodeProto<T extends object>(schema: ProtoMessage<T>, bytes: Uint8Array): T {
  const value = emptyValue(schema);
  const reader = new BinaryReader(bytes);
  readFields(reader, reader.len, schema, value);
  const missing = missingField(schema, value);
  if (missing !== undefined) throw new MissingField(missing);
  return value as T;
}

/** A required field was not in the bytes. */
export class MissingField extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`the required field "${path}" is missing`);
    this.path = path;
  }
}

function emptyValue(schema: ProtoMessage<object>): Fields {
  const value: Fields = {};
  for (const { label, local } of schema.fields) if (label === 'repeated') value[local] = [];
  return value;
}

function writeFields(writer: BinaryWriter, schema: ProtoMessage<object>, value: Fields): void {
  for (const field of schema.fields) {
    const given = value[field.local];
    if (given === undefined) continue;
    if (field.label !== 'repeated') {
      writeTagged(writer, field, given);
    } else if (field.packed === undefined) {
      for (const item of given as unknown[]) writeTagged(writer, field, item);
    } else if ((given as unknown[]).length > 0) {
      writer.tag(field.no, WireType.LengthDelimited).fork();
      for (const item of given as unknown[]) writeBare(writer, field.type, item);
      writer.join();
    }
  }
}

function writeTagged(writer: BinaryWriter, field: ProtoField, value: unknown): void {
  writeBare(writer.tag(field.no, wireTypeOf(field.type)), field.type, value);
}

function writeBare(writer: BinaryWriter, type: ProtoField['type'], value: unknown): void {
  if (typeof type === 'string') {
    writer[type](value as never);
  } else if ('numbers' in type) {
    writer.int32(value as number);
  } else {
    writer.fork();
    writeFields(writer, type, value as Fields);
    writer.join();
  }
}

function wireTypeOf(type: ProtoField['type']): WireType {
  if (type === 'string' || type === 'bytes') return WireType.LengthDelimited;
  return typeof type === 'string' || 'numbers' in type ? WireType.Varint : WireType.LengthDelimited;
}

function readFields(
  reader: BinaryReader,
  end: number,
  schema: ProtoMessage<object>,
  into: Fields,
): void {
  while (reader.pos < end) {
    const [no, wireType] = reader.tag();
    const field = schema.byNumber.get(no);
    if (field === undefined) reader.skip(wireType, no);
    else if (wireType === wireTypeOf(field.type)) keep(field, readBare(reader, field, into), into);
    else if (field.label === 'repeated' && wireType === WireType.LengthDelimited) {
      const itemsEnd = endOfNext(reader);
      while (reader.pos < itemsEnd) keep(field, readBare(reader, field, into), into);
    } else reader.skip(wireType, no);
  }
  if (reader.pos !== end) throw new RangeError('a field reaches beyond its message');
}

/** Where what is announced by a length ends. */
function endOfNext(reader: BinaryReader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('a length reaches beyond the bytes');
  return end;
}

function readBare(reader: BinaryReader, field: ProtoField, into: Fields): unknown {
  const { type, label, local, name } = field;
  if (typeof type !== 'string') {
    if ('numbers' in type) {
      const number = reader.int32();
      return type.numbers.includes(number) ? number : undefined;
    }
    const known = label === 'repeated' ? undefined : (into[local] as Fields | undefined);
    const inner = known ?? emptyValue(type);
    readFields(reader, endOfNext(reader), type, inner);
    // An item of a list is whole now, unlike a field that may come again: a list of nothings ends at its first.
    const missing = label === 'repeated' ? missingField(type, inner) : undefined;
    if (missing !== undefined) throw new MissingField(`${name}.${missing}`);
    return inner;
  }
  const value = reader[type]();
  // The reader gives text for 64-bit numbers where there is no `bigint`.
  return type.endsWith('64') ? BigInt(value as bigint | string) : value;
}

function keep(field: ProtoField, value: unknown, into: Fields): void {
  if (value === undefined) return;
  if (field.label === 'repeated') (into[field.local] as unknown[]).push(value);
  else into[field.local] = value;
}

function missingField(schema: ProtoMessage<object>, value: Fields): string | undefined {
  for (const { name, local, label, type } of schema.fields) {
    const given = value[local];
    if (given === undefined) {
      if (label === 'required') return name;
      continue;
    }
    if (typeof type === 'string' || 'numbers' in type) continue;
    for (const one of label === 'repeated' ? (given as Fields[]) : [given as Fields]) {
      const missing = missingField(type, one);
      if (missing !== undefined) return `${name}.${missing}`;
    }
  }
  return undefined;
}
