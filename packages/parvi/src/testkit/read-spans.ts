// Reads a request of OTLP's traces as a receiver does, for tests of what a node records: protobuf, field by field.
// Source: OTLP 1.9, `opentelemetry/proto/{trace,common,resource}/v1/*.proto`.

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

type AttributeValues = Readonly<Record<string, string | number | boolean>>;

/** A span that a receiver was sent. */
export interface ReadSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: AttributeValues;
  readonly events: readonly ReadEvent[];
  readonly status: { readonly code?: number; readonly message?: string };
  /** Of the node that sent it. */
  readonly resource: AttributeValues;
  /** Name and version of the program. */
  readonly scope: string;
}

interface ReadEvent {
  readonly name: string;
  readonly timeUnixNano: bigint;
  readonly attributes: AttributeValues;
}

/** What stands in a message, by the number of its field: bytes, and numbers of any width. */
type Fields = ReadonlyMap<number, readonly (Uint8Array | bigint)[]>;

/**
 * All spans of a request's body, unzipped; times are nanoseconds since the Unix epoch.
 * @throws Error for bytes that are no protobuf
 */
export function readSpans(request: Uint8Array): ReadSpan[] {
  return partsOf(fieldsOf(request), 1).flatMap((ofResource) => {
    const resource = attributesOf(partsOf(ofResource, 1)[0], 1);
    return partsOf(ofResource, 2).flatMap((ofScope) => {
      const scope = partsOf(ofScope, 1)[0];
      const program = `${textOf(scope, 1)} ${textOf(scope, 2)}`;
      return partsOf(ofScope, 2).map((span) => spanOf(span, resource, program));
    });
  });
}

function spanOf(span: Fields, resource: AttributeValues, scope: string): ReadSpan {
  const parent = bytesOf(span, 4);
  const status = partsOf(span, 15).at(-1);
  return {
    traceId: hexOf(bytesOf(span, 1)),
    spanId: hexOf(bytesOf(span, 2)),
    ...(parent === undefined ? {} : { parentSpanId: hexOf(parent) }),
    name: textOf(span, 5),
    kind: Number(numberOf(span, 6)),
    startTimeUnixNano: numberOf(span, 7),
    endTimeUnixNano: numberOf(span, 8),
    attributes: attributesOf(span, 9),
    events: partsOf(span, 11).map((event) => ({
      timeUnixNano: numberOf(event, 1),
      name: textOf(event, 2),
      attributes: attributesOf(event, 3),
    })),
    status:
      numberOf(status, 3) === 0n
        ? {}
        : { message: textOf(status, 2), code: Number(numberOf(status, 3)) },
    resource,
    scope,
  };
}

function attributesOf(owner: Fields | undefined, field: number): AttributeValues {
  if (owner === undefined) return {};
  return Object.fromEntries(
    partsOf(owner, field).map((one) => [textOf(one, 1), anyValueOf(partsOf(one, 2)[0])]),
  );
}

function anyValueOf(value: Fields | undefined): string | number | boolean {
  if (value?.has(2)) return numberOf(value, 2) === 1n;
  if (value?.has(3)) return Number(BigInt.asIntN(64, numberOf(value, 3)));
  if (value?.has(4)) {
    return new Float64Array(BigUint64Array.of(numberOf(value, 4)).buffer)[0] as number;
  }
  return textOf(value, 1);
}

function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, (Uint8Array | bigint)[]>();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const all = fields.get(field) ?? [];
    all.push(contentOf(reader, type));
    fields.set(field, all);
  }
  return fields;
}

function contentOf(reader: BinaryReader, type: WireType): Uint8Array | bigint {
  switch (type) {
    case WireType.LengthDelimited:
      return reader.bytes();
    case WireType.Varint:
      return BigInt(reader.uint64());
    case WireType.Bit64:
      return BigInt(reader.fixed64());
    case WireType.Bit32:
      return BigInt(reader.fixed32());
    default:
      throw new Error(`No field of OTLP is of the wire type ${type}`);
  }
}

function partsOf(owner: Fields | undefined, field: number): Fields[] {
  const all = owner?.get(field) ?? [];
  return all.filter((one) => one instanceof Uint8Array).map(fieldsOf);
}

function bytesOf(owner: Fields | undefined, field: number): Uint8Array | undefined {
  const last = owner?.get(field)?.at(-1);
  return last instanceof Uint8Array ? last : undefined;
}

const textOf = (owner: Fields | undefined, field: number): string =>
  Buffer.from(bytesOf(owner, field) ?? []).toString();

const hexOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

function numberOf(owner: Fields | undefined, field: number): bigint {
  const last = owner?.get(field)?.at(-1);
  return typeof last === 'bigint' ? last : 0n;
}
