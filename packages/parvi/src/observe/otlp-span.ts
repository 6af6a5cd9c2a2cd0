// A span that becomes OTLP's bytes when it ends. That of OpenTelemetry's SDK lives on as a dozen objects each until its batch
// is sent, and a node that is asked hundreds of thousands of times in a second feels it (`npm run bench -- tracing`).
// Source: OTLP 1.9, `opentelemetry/proto/trace/v1/trace.proto`.

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { errorLine, type Random } from '../runtime/index.ts';
import {
  attributeBytes,
  attributesBytes,
  textBytes,
  textOf,
  varintSize,
  writeBigEndian,
  writeBytes,
  writeNanos,
  writeVarint,
} from './otlp-bytes.ts';
import type { EncodedSpan } from './span-batches.ts';
import { type TraceContext, TraceIds } from './trace-context.ts';
import type { SpanAttributes, SpanKind, SpanRecorder, TraceSpan } from './tracing.ts';

const kinds: Readonly<Record<SpanKind, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};

const fields = {
  traceId: 1,
  spanId: 2,
  parentSpanId: 4,
  name: 5,
  kind: 6,
  start: 7,
  end: 8,
  attribute: 9,
  event: 11,
  status: 15,
};
const eventFields = { time: 1, name: 2, attribute: 3 };
const statusFields = { message: 2, code: 3 };
const statusError = 2;

/** All of these are below 16, so that a tag is a byte. */
const tag = (field: number, type: WireType): number => (field << 3) | type;
const traceIdTag = tag(fields.traceId, WireType.LengthDelimited);
const spanIdTag = tag(fields.spanId, WireType.LengthDelimited);
const parentSpanIdTag = tag(fields.parentSpanId, WireType.LengthDelimited);
const nameTag = tag(fields.name, WireType.LengthDelimited);
const kindTag = tag(fields.kind, WireType.Varint);
const startTag = tag(fields.start, WireType.Bit64);
const endTag = tag(fields.end, WireType.Bit64);
const attributeTag = tag(fields.attribute, WireType.LengthDelimited);

const traceIdBytes = 16;
const spanIdBytes = 8;
/** The ids of trace and span, the kind and both times, with their tags. */
const fixedBytes = 2 + traceIdBytes + 2 + spanIdBytes + 2 + 9 + 9;
const parentBytes = 2 + spanIdBytes;
const nothing = new Uint8Array(0);

/** What all spans of a node have in common. */
export interface SpanOrigin {
  readonly random: Random;
  /** Milliseconds since the Unix epoch with fractions, which go forward evenly while a span lasts. */
  timeMs(): number;
  /** Takes spans that have ended. */
  ended(span: EncodedSpan): void;
}

export class OtlpSpan implements TraceSpan, EncodedSpan {
  readonly context: TraceIds;
  readonly #origin: SpanOrigin;
  readonly #name: Uint8Array;
  readonly #kind: number;
  readonly #parent: TraceIds | undefined;
  readonly #startMs: number;
  #endMs = 0;
  #attributes: SpanAttributes;
  /** Events and status, with their tags: most spans have none. */
  #outcome = nothing;
  #isOver = false;

  constructor(
    origin: SpanOrigin,
    { name, kind, attributes }: Parameters<SpanRecorder['record']>[0],
    parent: TraceContext | undefined,
  ) {
    this.#parent = parent === undefined ? undefined : TraceIds.of(parent);
    this.context = TraceIds.random(origin.random, this.#parent);
    this.#origin = origin;
    this.#name = textBytes(name);
    this.#kind = kinds[kind];
    this.#attributes = attributes;
    this.#startMs = origin.timeMs();
  }

  set(attributes: SpanAttributes): void {
    if (!this.#isOver) this.#attributes = { ...this.#attributes, ...attributes };
  }

  /** Told as the conventions have it (https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/). */
  fail(error: Error): void {
    if (this.#isOver) return;
    const texts = textsOf(error);
    const event = exceptionEvent(texts, this.#origin.timeMs());
    // Of several statuses a reader keeps the last.
    this.#outcome = Buffer.concat([this.#outcome, event, failedStatus(texts.message)]);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // A wall clock that is put right meanwhile must not end a span before it began.
    this.#endMs = Math.max(this.#startMs, this.#origin.timeMs());
    this.#origin.ended(this);
  }

  byteLength(): number {
    let size = fixedBytes + sizeWithLength(this.#name.length) + this.#outcome.length;
    if (this.#parent !== undefined) size += parentBytes;
    const attributes = this.#attributes;
    for (const key in attributes) {
      const value = attributes[key];
      if (value !== undefined) size += sizeWithLength(attributeBytes(key, value).length);
    }
    return size;
  }

  write(bytes: Uint8Array, start: number): void {
    let at = this.#writeIds(bytes, start);
    at = writePart(bytes, at, nameTag, this.#name);
    bytes[at++] = kindTag;
    bytes[at++] = this.#kind;
    bytes[at++] = startTag;
    at = writeNanos(bytes, at, this.#startMs);
    bytes[at++] = endTag;
    at = writeNanos(bytes, at, this.#endMs);
    const attributes = this.#attributes;
    for (const key in attributes) {
      const value = attributes[key];
      if (value !== undefined) {
        at = writePart(bytes, at, attributeTag, attributeBytes(key, value));
      }
    }
    if (this.#outcome.length > 0) bytes.set(this.#outcome, at);
  }

  #writeIds(bytes: Uint8Array, start: number): number {
    const { trace0, trace1, trace2, trace3 } = this.context;
    let at = start;
    bytes[at++] = traceIdTag;
    bytes[at++] = traceIdBytes;
    at = writeBigEndian(bytes, at, trace0);
    at = writeBigEndian(bytes, at, trace1);
    at = writeBigEndian(bytes, at, trace2);
    at = writeBigEndian(bytes, at, trace3);
    at = writeSpanId(bytes, at, spanIdTag, this.context);
    const parent = this.#parent;
    return parent === undefined ? at : writeSpanId(bytes, at, parentSpanIdTag, parent);
  }
}

function writeSpanId(
  bytes: Uint8Array,
  start: number,
  idTag: number,
  { span0, span1 }: TraceIds,
): number {
  bytes[start] = idTag;
  bytes[start + 1] = spanIdBytes;
  return writeBigEndian(bytes, writeBigEndian(bytes, start + 2, span0), span1);
}

/** A tag, the length, and a part that has it. */
function writePart(bytes: Uint8Array, start: number, partTag: number, part: Uint8Array): number {
  bytes[start] = partTag;
  return writeBytes(bytes, writeVarint(bytes, start + 1, part.length), part);
}

const sizeWithLength = (length: number): number => 1 + varintSize(length) + length;

type ErrorTexts = Readonly<Record<'name' | 'message', string>> & {
  readonly stack: string | undefined;
};

/** What an error says, though its class has made other things than texts of it. */
function textsOf(error: Error): ErrorTexts {
  try {
    const { name, message, stack } = error;
    return {
      name: textOf(name),
      message: textOf(message),
      stack: stack === undefined ? undefined : textOf(stack),
    };
  } catch {
    return { name: 'Error', message: errorLine(error), stack: undefined };
  }
}

function exceptionEvent({ name, message, stack }: ErrorTexts, timeMs: number): Uint8Array {
  const time = new Uint8Array(8);
  writeNanos(time, 0, timeMs);
  const about = { 'exception.type': name, 'exception.message': message };
  const attributes = stack === undefined ? about : { ...about, 'exception.stacktrace': stack };
  const event = new BinaryWriter()
    .tag(eventFields.time, WireType.Bit64)
    .raw(time)
    .tag(eventFields.name, WireType.LengthDelimited)
    .string('exception')
    .raw(attributesBytes(eventFields.attribute, attributes))
    .finish();
  return new BinaryWriter().tag(fields.event, WireType.LengthDelimited).bytes(event).finish();
}

function failedStatus(message: string): Uint8Array {
  const status = new BinaryWriter()
    .tag(statusFields.message, WireType.LengthDelimited)
    .string(message)
    .tag(statusFields.code, WireType.Varint)
    .int32(statusError)
    .finish();
  return new BinaryWriter().tag(fields.status, WireType.LengthDelimited).bytes(status).finish();
}
