// A span that becomes OTLP's JSON when it ends. That of OpenTelemetry's SDK lives on as a dozen objects until its batch is
// sent, and a node that is asked hundreds of thousands of times in a second feels it (`npm run bench -- tracing`).
// Source: OTLP 1.9, `opentelemetry/proto/trace/v1/trace.proto`, in JSON as
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding has it: ids in hexadecimal, times as texts.

import type { Random } from '../runtime/index.ts';
import type { TraceContext } from './trace-context.ts';
import type { SpanAttributes, SpanKind, SpanRecorder, TraceSpan } from './tracing.ts';

const kinds: Readonly<Record<SpanKind, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};

const statusError = 2;

/** What all spans of a node have in common. */
export interface SpanOrigin {
  readonly random: Random;
  /** Milliseconds since the Unix epoch with fractions, which go forward evenly while a span lasts. */
  timeMs(): number;
  /** Takes spans that have ended. */
  ended(json: string): void;
}

export class OtlpSpan implements TraceSpan {
  readonly context: TraceContext;
  readonly #origin: SpanOrigin;
  readonly #name: string;
  readonly #kind: SpanKind;
  readonly #parentSpanId: string | undefined;
  readonly #startMs: number;
  #attributes: SpanAttributes;
  #events = '';
  #status = '';
  #isOver = false;

  constructor(
    origin: SpanOrigin,
    { name, kind, attributes }: Parameters<SpanRecorder['record']>[0],
    parent: TraceContext | undefined,
  ) {
    const { random } = origin;
    const spanId = randomId(random);
    const traceId = parent === undefined ? randomId(random) + randomId(random) : parent.traceId;
    this.context = { traceId, spanId, sampled: true };
    this.#origin = origin;
    this.#name = name;
    this.#kind = kind;
    this.#attributes = attributes;
    this.#parentSpanId = parent?.spanId;
    this.#startMs = origin.timeMs();
  }

  set(attributes: SpanAttributes): void {
    if (!this.#isOver) this.#attributes = { ...this.#attributes, ...attributes };
  }

  /** Told as the conventions have it (https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/). */
  fail({ name, message, stack }: Error): void {
    if (this.#isOver) return;
    const about = { 'exception.type': name, 'exception.message': message };
    const attributes = stack === undefined ? about : { ...about, 'exception.stacktrace': stack };
    const time = nanosText(this.#origin.timeMs());
    const event = `{"name":"exception","timeUnixNano":"${time}","attributes":${attributesJson(attributes)}}`;
    this.#events += this.#events === '' ? event : `,${event}`;
    this.#status = `,"status":{"code":${statusError},"message":${JSON.stringify(message)}}`;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#origin.ended(this.#json());
  }

  #json(): string {
    const { traceId, spanId } = this.context;
    const parentId = this.#parentSpanId;
    const parent = parentId === undefined ? '' : `,"parentSpanId":"${parentId}"`;
    const start = nanosText(this.#startMs);
    // A wall clock that is put right meanwhile must not end a span before it began.
    const end = nanosText(Math.max(this.#startMs, this.#origin.timeMs()));
    const what = `,"name":${quoted(this.#name)},"kind":${kinds[this.#kind]}`;
    const when = `,"startTimeUnixNano":"${start}","endTimeUnixNano":"${end}"`;
    const attributes = `,"attributes":${attributesJson(this.#attributes)}`;
    const events = this.#events === '' ? '' : `,"events":[${this.#events}]`;
    return `{"traceId":"${traceId}","spanId":"${spanId}"${parent}${what}${when}${attributes}${events}${this.#status}}`;
  }
}

/** Attributes as OTLP's list of keys and typed values. */
export function attributesJson(attributes: SpanAttributes): string {
  let list = '';
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined) continue;
    list += `${list === '' ? '' : ','}{"key":${quoted(key)},"value":${valueJson(value)}}`;
  }
  return `[${list}]`;
}

function valueJson(value: string | number | boolean): string {
  if (typeof value === 'string') return `{"stringValue":${JSON.stringify(value)}}`;
  if (typeof value === 'boolean') return `{"boolValue":${value}}`;
  if (Number.isSafeInteger(value)) return `{"intValue":${value}}`;
  // JSON has no number for NaN and infinities; protobuf's mapping writes them as texts.
  return `{"doubleValue":${Number.isFinite(value) ? value : `"${value}"`}}`;
}

let textSecond = 0;
let secondText = '0';

/**
 * To the microsecond, which is as far as a 64-bit float of milliseconds reaches. Numbers beyond 31 bits take long to become
 * text, so that of the second is kept.
 */
function nanosText(epochMs: number): string {
  const micros = Math.round(epochMs * 1000);
  const second = Math.floor(micros / 1e6);
  if (second !== textSecond) {
    textSecond = second;
    secondText = String(second);
  }
  // The leading 1 keeps the zeros behind it.
  return `${secondText}${String(1e6 + micros - second * 1e6).slice(1)}000`;
}

const quotedMax = 256;
const quotedTexts = new Map<string, string>();

/** Names and keys are few, and the same in all spans. */
function quoted(text: string): string {
  const known = quotedTexts.get(text);
  if (known !== undefined) return known;
  const made = JSON.stringify(text);
  if (quotedTexts.size < quotedMax) quotedTexts.set(text, made);
  return made;
}

/** 16 hexadecimal digits. An id of zeros alone is none, so the last digit is never zero. */
function randomId(random: Random): string {
  return hex8(random.uint32()) + hex8(random.uint32() | 1);
}

/** By character: ten times as fast as numbers' own `toString(16)`, which works in floating point beyond 31 bits. */
function hex8(bits: number): string {
  return String.fromCharCode(
    hexDigit(bits >>> 28),
    hexDigit(bits >>> 24),
    hexDigit(bits >>> 20),
    hexDigit(bits >>> 16),
    hexDigit(bits >>> 12),
    hexDigit(bits >>> 8),
    hexDigit(bits >>> 4),
    hexDigit(bits),
  );
}

/** The character of the lowest four bits. */
function hexDigit(bits: number): number {
  const value = bits & 15;
  return value < 10 ? 48 + value : 87 + value;
}
