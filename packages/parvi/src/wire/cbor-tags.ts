// Which CBOR tags are written and understood, and the typed arrays that travel as they lie in memory.
// Sources: RFC 8949 (2 to 4), RFC 8746 (typed arrays), IANA registry of CBOR tags (258, 259).

/**
 * A ref: the tagged text is its path. The number is in the first-come-first-served range and not registered. Jackson
 * skips tags it does not know, so a JVM reads a plain string.
 */
export const refTag = 38_917;
export const positiveBignumTag = 2;
export const negativeBignumTag = 3;
export const decimalTag = 4;
export const setTag = 258;
export const mapTag = 259;

export type NumberArray =
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface NumberArrayKind {
  readonly tag: number;
  readonly bytesPerElement: number;
  readonly is: (value: object) => value is NumberArray;
  readonly of: (buffer: ArrayBuffer) => NumberArray;
}

/** Little-endian kinds only: what every machine that runs this has in memory. */
const numberArrayKinds: readonly NumberArrayKind[] = [
  {
    tag: 69,
    bytesPerElement: 2,
    is: (v) => v instanceof Uint16Array,
    of: (b) => new Uint16Array(b),
  },
  {
    tag: 70,
    bytesPerElement: 4,
    is: (v) => v instanceof Uint32Array,
    of: (b) => new Uint32Array(b),
  },
  {
    tag: 71,
    bytesPerElement: 8,
    is: (v) => v instanceof BigUint64Array,
    of: (b) => new BigUint64Array(b),
  },
  { tag: 72, bytesPerElement: 1, is: (v) => v instanceof Int8Array, of: (b) => new Int8Array(b) },
  { tag: 77, bytesPerElement: 2, is: (v) => v instanceof Int16Array, of: (b) => new Int16Array(b) },
  { tag: 78, bytesPerElement: 4, is: (v) => v instanceof Int32Array, of: (b) => new Int32Array(b) },
  {
    tag: 79,
    bytesPerElement: 8,
    is: (v) => v instanceof BigInt64Array,
    of: (b) => new BigInt64Array(b),
  },
  {
    tag: 85,
    bytesPerElement: 4,
    is: (v) => v instanceof Float32Array,
    of: (b) => new Float32Array(b),
  },
  {
    tag: 86,
    bytesPerElement: 8,
    is: (v) => v instanceof Float64Array,
    of: (b) => new Float64Array(b),
  },
];

/** The tag and bytes of a typed array of numbers; `undefined` for anything else. */
export function numberArrayBytes(value: object): { tag: number; bytes: Uint8Array } | undefined {
  for (const kind of numberArrayKinds) {
    if (kind.is(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return { tag: kind.tag, bytes };
    }
  }
  return undefined;
}

/** The typed array of a tag over its own copy of the bytes; `undefined` when the tag or the length does not fit. */
export function numberArrayOf(
  tag: number,
  bytes: Uint8Array<ArrayBuffer>,
): NumberArray | undefined {
  const kind = numberArrayKinds.find((known) => known.tag === tag);
  if (kind === undefined || bytes.length % kind.bytesPerElement !== 0) return undefined;
  return kind.of(bytes.buffer);
}
