import { SpanKind as OtelKind, type SpanContext, SpanStatusCode } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { OtlpSpan } from './otlp-span.ts';
import type { TraceContext } from './trace-context.ts';
import type { SpanAttributes } from './tracing.ts';

const parent: TraceContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  sampled: true,
};

/** Spans whose time goes on by a quarter of a millisecond each time it is asked for. */
function spans() {
  const texts: string[] = [];
  const time = { ms: Date.UTC(2026, 0, 1) };
  const origin = {
    random: seededRandom(7),
    timeMs: () => {
      time.ms += 0.25;
      return time.ms;
    },
    ended: (json: string) => void texts.push(json),
  };
  const begin = (attributes: SpanAttributes = {}, of?: TraceContext) =>
    new OtlpSpan(origin, { name: 'a "b"\n', kind: 'client', attributes }, of);
  return { begin, time, texts, read: () => texts.map((text) => JSON.parse(text)) };
}

/** The same span by OpenTelemetry's own exporter. */
function byOpenTelemetry(own: OtlpSpan, given: Partial<ReadableSpan>): unknown {
  const context: SpanContext = { ...own.context, traceFlags: 1 };
  const start = Date.UTC(2026, 0, 1) / 1000;
  const span: ReadableSpan = {
    name: 'a "b"\n',
    kind: OtelKind.CLIENT,
    spanContext: () => context,
    startTime: [start, 250_000],
    endTime: [start, 500_000],
    duration: [0, 250_000],
    ended: true,
    attributes: {},
    events: [],
    links: [],
    status: { code: SpanStatusCode.UNSET },
    resource: resourceFromAttributes({}),
    instrumentationScope: { name: 'parvi' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...given,
  };
  const bytes = JsonTraceSerializer.serializeRequest([span]);
  return JSON.parse(Buffer.from(bytes ?? []).toString()).resourceSpans[0].scopeSpans[0].spans[0];
}

describe('a span as OTLP has it', () => {
  it("says what OpenTelemetry's own exporter says of it", () => {
    const { begin, read } = spans();
    const attributes = {
      text: 'ü \u{1f426} "',
      whole: -7,

      part: 0.5,
      yes: true,
      no: false,
    };
    const span = begin(attributes, parent);
    span.end();
    const parentSpanContext = { ...parent, traceFlags: 1, isRemote: true };
    expect(byOpenTelemetry(span, { attributes, parentSpanContext })).toMatchObject(read()[0]);
  });

  it('says why it failed', () => {
    const { begin, read, time } = spans();
    const span = begin();
    const error = new TypeError('no "such" thing');
    time.ms -= 0.25;
    span.fail(error);
    span.end();
    const attributes = {
      'exception.type': 'TypeError',
      'exception.message': error.message,
      'exception.stacktrace': error.stack ?? '',
    };
    const at = Date.UTC(2026, 0, 1) / 1000;
    const same = byOpenTelemetry(span, {
      status: { code: SpanStatusCode.ERROR, message: error.message },
      events: [{ name: 'exception', time: [at, 250_000], attributes, droppedAttributesCount: 0 }],
    });
    expect(same).toMatchObject(read()[0]);
  });

  it('ends once, and what is said of it afterwards is not heard', () => {
    const { begin, texts } = spans();
    const span = begin();
    span.end();
    span.set({ late: true });
    span.fail(new Error('late'));
    span.end();
    expect(texts).toHaveLength(1);
    expect(texts[0]).not.toContain('late');
  });

  it('never ends before it began, though a clock be put back', () => {
    const { begin, read, time } = spans();
    const span = begin();
    time.ms -= 60_000;
    span.end();
    expect(read()[0].endTimeUnixNano).toBe(read()[0].startTimeUnixNano);
  });

  it('has an id of its own, and a trace of its own unless it is part of one', () => {
    const { begin } = spans();
    const all = Array.from({ length: 1000 }, () => begin().context);
    for (const { traceId, spanId } of all) {
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    }
    expect(new Set(all.map(({ spanId }) => spanId)).size).toBe(1000);
    expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(1000);
    expect(begin({}, parent).context.traceId).toBe(parent.traceId);
  });

  it('tells numbers beyond 64-bit integers as floating ones, and those that JSON does not have as texts', () => {
    const { begin, read } = spans();
    begin({ big: 1e300, none: Number.NaN, all: Number.POSITIVE_INFINITY }).end();
    expect(read()[0].attributes).toEqual([
      { key: 'big', value: { doubleValue: 1e300 } },
      { key: 'none', value: { doubleValue: 'NaN' } },
      { key: 'all', value: { doubleValue: 'Infinity' } },
    ]);
  });
});
