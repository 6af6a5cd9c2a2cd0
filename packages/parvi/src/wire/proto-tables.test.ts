// The tables of fields against the protobuf library: the same .proto files, compiled by it.

import { readFileSync } from 'node:fs';
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  isFieldSet,
  type Message,
  toBinary,
} from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableFiles } from '../../scripts/proto-tables.ts';
import { file_cluster } from './fixtures/proto/cluster_pb.js';
import { file_container } from './fixtures/proto/container_pb.js';
import { file_control } from './fixtures/proto/control_pb.js';
import { file_system } from './fixtures/proto/system_pb.js';
import {
  decodeProto,
  MissingField,
  type ProtoField,
  type ProtoMessage,
  protoBytes,
} from './internal/proto-message.ts';
import * as cluster from './proto/cluster.ts';
import * as container from './proto/container.ts';
import * as control from './proto/control.ts';
import * as system from './proto/system.ts';

type Fields = Record<string, unknown>;
interface Pair {
  readonly name: string;
  readonly desc: DescMessage;
  readonly table: ProtoMessage<object>;
}

const files = [
  [file_cluster, cluster],
  [file_container, container],
  [file_control, control],
  [file_system, system],
] as const;
const pairs: Pair[] = files.flatMap(([file, tables]) =>
  file.messages.map((desc) => {
    const table: unknown = Reflect.get(tables, `${desc.name}Schema`);
    return { name: desc.typeName, desc, table: table as ProtoMessage<object> };
  }),
);

/** `FieldDescriptorProto.Type` by number, and `FeatureSet.FieldPresence.LEGACY_REQUIRED`. */
const scalarNames: Readonly<Record<number, string>> = {
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  18: 'sint64',
};
const requiredPresence = 3;

function describedRow(field: DescField) {
  const single = field.presence === requiredPresence ? 'required' : 'optional';
  return {
    no: field.number,
    name: field.name,
    local: field.localName,
    type:
      field.message?.name ??
      field.enum?.values.map(({ number }) => number) ??
      scalarNames[field.scalar ?? 0],
    label: field.fieldKind === 'list' ? 'repeated' : single,
    packed: field.fieldKind === 'list' && field.packed,
  };
}

function tableRow({ no, name, local, type, label, packed }: ProtoField) {
  const shown = typeof type === 'string' ? type : 'numbers' in type ? type.numbers : type.name;
  return { no, name, local, type: shown, label, packed: packed ?? false };
}

const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  bytes: fc.uint8Array({ maxLength: 8 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  sint64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  string: fc.string({ unit: 'binary', maxLength: 6 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
};

/** Any value of a message; optional fields are sometimes missing. */
function anyValue(table: ProtoMessage<object>): fc.Arbitrary<Fields> {
  const required: Record<string, fc.Arbitrary<unknown>> = {};
  const optional: Record<string, fc.Arbitrary<unknown>> = {};
  for (const { type, label, local } of table.fields) {
    const one =
      typeof type === 'string'
        ? (scalars[type] ?? fc.constant(undefined))
        : 'numbers' in type
          ? fc.constantFrom(...type.numbers)
          : anyValue(type);
    if (label === 'optional') optional[local] = one;
    else required[local] = label === 'repeated' ? fc.array(one, { maxLength: 3 }) : one;
  }
  return fc
    .tuple(fc.record(required), fc.record(optional, { requiredKeys: [] }))
    .map(([must, may]) => ({ ...must, ...may }));
}

/** What the library read, as our values are: missing fields are not there. */
function plain(desc: DescMessage, message: Message): Fields {
  const value: Fields = {};
  for (const field of desc.fields) {
    const given: unknown = Reflect.get(message, field.localName);
    const inner = field.message;
    const one = (item: unknown) => (inner === undefined ? item : plain(inner, item as Message));
    if (field.fieldKind === 'list') value[field.localName] = (given as unknown[]).map(one);
    else if (isFieldSet(message, field)) value[field.localName] = one(given);
  }
  return value;
}

/** The formatter breaks lines and adds commas behind the last item of what it breaks. */
const unformatted = (text: string): string =>
  text.replaceAll(/\s/g, '').replaceAll(/,(?=[)\]}])/g, '');

describe('the tables of protobuf fields', () => {
  it.each([...tableFiles()])('are in %s as the generator writes them', (name, text) => {
    const written = readFileSync(new URL(`./proto/${name}`, import.meta.url), 'utf8');
    expect(unformatted(written)).toBe(unformatted(text));
  });

  it.each(pairs)('say of $name what its .proto file says', ({ desc, table }) => {
    expect(table.name).toBe(desc.name);
    expect(table.fields.map(tableRow)).toEqual(desc.fields.map(describedRow));
  });

  it.each(pairs)('make of $name the bytes that the library makes, and read them', (pair) => {
    const { desc, table } = pair;
    const property = fc.property(anyValue(table), (value) => {
      const bytes = protoBytes(table, value);
      expect(bytes).toEqual(toBinary(desc, create(desc, value as never)));
      expect(decodeProto(table, bytes)).toEqual(plain(desc, fromBinary(desc, bytes)));
    });
    fc.assert(property, { numRuns: 50, seed: 1 });
  });

  it('name the required field that is missing, however deep', () => {
    const address: Partial<cluster.Address> = { system: 's', port: 1 };
    const node = { uid: 1, address: address as cluster.Address };
    const bytes = protoBytes(cluster.JoinSchema, { node, roles: [] });
    expect(() => decodeProto(cluster.JoinSchema, bytes)).toThrow(MissingField);
    expect(() => decodeProto(cluster.JoinSchema, bytes)).toThrow('"node.address.hostname"');
  });

  it('skip fields that are not known, of another type, or enums of no known value', () => {
    const address = { system: 's', hostname: 'h', port: 1 };
    const known = protoBytes(cluster.AddressSchema, address);
    const writer = new BinaryWriter();
    writer.tag(99, WireType.Varint).int32(7).tag(98, WireType.StartGroup);
    writer.tag(1, WireType.Varint).int32(7).tag(98, WireType.EndGroup);
    writer.tag(1, WireType.Varint).int32(7).tag(3, WireType.LengthDelimited).string('x');
    const odd = Buffer.concat([known, writer.finish()]);
    expect(decodeProto(cluster.AddressSchema, odd)).toEqual(address);
    const type = new BinaryWriter().tag(1, WireType.Varint).int32(77).finish();
    expect(() => decodeProto(system.SystemMessageSchema, type)).toThrow('"type" is missing');
  });

  it('merge a message that comes in two parts, and take lists packed or not', () => {
    const part = (field: number, write: (writer: BinaryWriter) => void): Uint8Array => {
      const writer = new BinaryWriter().tag(field, WireType.LengthDelimited).fork();
      write(writer);
      return writer.join().finish();
    };
    const bytes = Buffer.concat([
      part(1, (writer) => writer.tag(1, WireType.LengthDelimited).string('s')),
      part(1, (writer) => {
        writer.tag(2, WireType.LengthDelimited).string('h').tag(3, WireType.Varint).uint32(5);
      }),
      new BinaryWriter().tag(2, WireType.Varint).uint32(8).finish(),
    ]);
    const address = { system: 's', hostname: 'h', port: 5 };
    expect(decodeProto(cluster.UniqueAddressSchema, bytes)).toEqual({ address, uid: 8 });
    const seen = Buffer.concat([
      new BinaryWriter().tag(1, WireType.Varint).int32(4).finish(),
      part(1, (writer) => writer.int32(5).int32(6)),
    ]);
    expect(decodeProto(cluster.GossipOverviewSchema, seen).seen).toEqual([4, 5, 6]);
  });

  it('refuse a message that reaches beyond the one that holds it', () => {
    const bytes = Buffer.from([0x0a, 0x02, 0x0a, 0x05, 0x61, 0x61, 0x61, 0x61, 0x61]);
    expect(() => decodeProto(cluster.UniqueAddressSchema, bytes)).toThrow();
    expect(() => decodeProto(cluster.UniqueAddressSchema, Buffer.from([0x0a, 0x7f]))).toThrow();
  });

  it('end on any bytes, with a value or an error', () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    const property = fc.property(bytes, fc.constantFrom(...pairs), (input, { table }) => {
      try {
        decodeProto(table, input);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    });
    fc.assert(property, { numRuns: 2000, seed: 1 });
  });
});
