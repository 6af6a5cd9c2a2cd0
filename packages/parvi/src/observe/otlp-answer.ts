// What a receiver of traces says to a request that it has accepted: it may have refused some of the spans.
// Source: OTLP 1.9, `opentelemetry/proto/collector/trace/v1/trace_service.proto`; in JSON from those that have no other.

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

export interface OtlpAnswer {
  /** How many spans were not taken. */
  readonly rejected: number;
  readonly reason: string;
}

export const allTaken: OtlpAnswer = { rejected: 0, reason: '' };

const responseFields = { partialSuccess: 1 };
const partialSuccessFields = { rejectedSpans: 1, errorMessage: 2 };

const foreign: OtlpAnswer = {
  rejected: Number.POSITIVE_INFINITY,
  reason: 'its answer is none of a receiver of traces; see that telemetry.endpoint names one',
};

/** Never throws: what stands there comes from outside. */
export function readAnswer(body: Uint8Array): OtlpAnswer {
  try {
    return body[0] === brace ? ofJson(Buffer.from(body).toString()) : ofProtobuf(body);
  } catch {
    // A page for people means that nobody here takes traces. What else cannot be read, a receiver has still accepted.
    return Buffer.from(body).toString().trimStart().startsWith('<') ? foreign : allTaken;
  }
}

/** No field of protobuf begins with it. */
const brace = '{'.charCodeAt(0);

function ofProtobuf(body: Uint8Array): OtlpAnswer {
  const partial = fieldOf(body, responseFields.partialSuccess);
  if (!(partial instanceof Uint8Array)) return allTaken;
  const rejected = fieldOf(partial, partialSuccessFields.rejectedSpans);
  const reason = fieldOf(partial, partialSuccessFields.errorMessage);
  return answerOf(
    Number(typeof rejected === 'bigint' ? BigInt.asIntN(64, rejected) : 0n),
    reason instanceof Uint8Array ? Buffer.from(reason).toString() : '',
  );
}

function ofJson(text: string): OtlpAnswer {
  const { partialSuccess } = JSON.parse(text) as { readonly partialSuccess?: unknown };
  if (typeof partialSuccess !== 'object' || partialSuccess === null) return allTaken;
  const reason: unknown = Reflect.get(partialSuccess, 'errorMessage');
  // Integers of 64 bits are texts in the JSON of protobuf.
  return answerOf(
    Number(Reflect.get(partialSuccess, 'rejectedSpans') ?? 0),
    typeof reason === 'string' ? reason : '',
  );
}

function answerOf(rejected: number, reason: string): OtlpAnswer {
  if (!Number.isSafeInteger(rejected) || rejected <= 0) return allTaken;
  return { rejected, reason: reason === '' ? 'it has not said why' : reason };
}

/** The last one of that number: bytes, or a number. */
function fieldOf(bytes: Uint8Array, wanted: number): Uint8Array | bigint | undefined {
  const reader = new BinaryReader(bytes);
  let found: Uint8Array | bigint | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field !== wanted) reader.skip(type, field);
    else if (type === WireType.LengthDelimited) found = reader.bytes();
    else if (type === WireType.Varint) found = BigInt(reader.uint64());
    else reader.skip(type, field);
  }
  return found;
}
