// Values that are one piece: texts, whole numbers, booleans, bytes, refs. Source: Pekko `PrimitiveSerializers.scala`,
// actor-typed `MiscMessageSerializer`.

import type { ByteWriter } from './byte-writer.ts';
import { WireError } from './errors.ts';
import { HeaderText, noText } from './header-text.ts';
import { copyBytes } from './internal/copy-bytes.ts';
import { isRefLike, type RefResolver, refText } from './ref-text.ts';
import type { Serializer } from './serializer.ts';

export const primitiveIds = {
  bytes: 4,
  long: 18,
  int: 19,
  text: 20,
  byteString: 21,
  typedRef: 24,
  boolean: 35,
} as const;

interface PrimitiveCodec<T> {
  readonly id: number;
  readonly is: (value: unknown) => value is T;
  readonly write: (value: T, out: ByteWriter) => void;
  readonly read: (bytes: Uint8Array, start: number, end: number) => T;
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

const textCodec: PrimitiveCodec<string> = {
  id: primitiveIds.text,
  is: (value) => typeof value === 'string',
  write: (value, out) => {
    out.utf8(value);
  },
  read: (bytes, start, end) => bufferOf(bytes).toString('utf8', start, end),
};

const bytesCodec = (id: number): PrimitiveCodec<Uint8Array> => ({
  id,
  is: isBytes,
  write: (value, out) => out.raw(value),
  read: copyBytes,
});

const longCodec: PrimitiveCodec<bigint> = {
  id: primitiveIds.long,
  is: (value): value is bigint => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  write: (value, out) => out.int64(value),
  read: (bytes, start, end) => {
    expectLength('long', 8, end - start);
    return bufferOf(bytes).readBigInt64LE(start);
  },
};

const intCodec: PrimitiveCodec<number> = {
  id: primitiveIds.int,
  is: (value): value is number => typeof value === 'number' && value === (value | 0),
  write: (value, out) => out.int32(value),
  read: (bytes, start, end) => {
    expectLength('int', 4, end - start);
    return bufferOf(bytes).readInt32LE(start);
  },
};

const booleanCodec: PrimitiveCodec<boolean> = {
  id: primitiveIds.boolean,
  is: (value) => typeof value === 'boolean',
  write: (value, out) => out.byte(value ? 1 : 0),
  read: (bytes, start, end) => {
    expectLength('boolean', 1, end - start);
    const byte = bytes[start];
    if (byte !== 0 && byte !== 1) throw malformed('boolean', `${byte} is neither 0 nor 1`);
    return byte === 1;
  },
};

const typedRefManifest = new HeaderText('a');

/** A ref as the whole message, as Pekko's typed actors write it. */
function typedRefSerializer(refs: RefResolver): Serializer {
  return {
    id: primitiveIds.typedRef,
    manifestOf: () => typedRefManifest,
    write(value, out) {
      if (!isRefLike(value)) throw notOfKind(primitiveIds.typedRef, value);
      out.utf8(value[refText]());
    },
    read(manifest, bytes, start, end) {
      if (manifest !== 'a') {
        throw new WireError(
          'MANIFEST_UNKNOWN',
          `Cannot read a message of serializer 24: its manifest "${manifest}" is not known`,
          { fields: { serializerId: primitiveIds.typedRef, manifest } },
        );
      }
      return refs.resolveRef(bufferOf(bytes).toString('utf8', start, end));
    },
  };
}

function serializerOf<T>(codec: PrimitiveCodec<T>): Serializer {
  const { id, is, write, read } = codec;
  return {
    id,
    manifestOf: () => noText,
    write(value, out) {
      if (!is(value)) throw notOfKind(id, value);
      write(value, out);
    },
    read: (_manifest, bytes, start, end) => read(bytes, start, end),
  };
}

export function primitiveSerializers(refs: RefResolver): Serializer[] {
  return [
    serializerOf(textCodec),
    serializerOf(bytesCodec(primitiveIds.bytes)),
    serializerOf(bytesCodec(primitiveIds.byteString)),
    serializerOf(longCodec),
    serializerOf(intCodec),
    serializerOf(booleanCodec),
    typedRefSerializer(refs),
  ];
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function expectLength(what: string, expected: number, length: number): void {
  if (length !== expected) throw malformed(what, `it has ${length} bytes instead of ${expected}`);
}

function malformed(what: string, reason: string): WireError {
  return new WireError('PAYLOAD_MALFORMED', `Cannot read a ${what}: ${reason}`);
}

function notOfKind(id: number, value: unknown): WireError {
  return new WireError(
    'VALUE_NOT_SERIALIZABLE',
    `Cannot write a ${typeof value} with serializer ${id}: it is for values of another kind`,
    { fields: { serializerId: id } },
  );
}
