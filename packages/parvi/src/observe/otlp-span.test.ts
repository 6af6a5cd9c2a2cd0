import { SpanKind as OtelKind, type SpanContext, SpanStatusCode } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { parviVersion, seededRandom } from '../runtime/index.ts';
import { ManualTime } from '../testkit/manual-time.ts';
import { type ReadSpan, readSpans } from '../testkit/read-spans.ts';
import { RequestHead, spanTag } from './otlp-request.ts';
import { OtlpSpan } from './otlp-span.ts';
import { SpanBatches } from './span-batches.ts';
import { SpanDeliveries } from './span-deliveries.ts';
import type { TraceContext } from './trace-context.ts';
import type { SpanAttributes } from './tracing.ts';

const parent: TraceContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  sampled: true,
};
const about = { 'service.name': 'pricing', 'service.instance.id': 'a-1' };

/** Spans whose time goes on by a quarter of a millisecond each time it is asked for, and what has been sent of them. */
function spans() {
  const requests: Uint8Array[] = [];
  const head = new RequestHead(about);
  const batches = new SpanBatches({
    timers: new ManualTime().timers,
    deliveries: new SpanDeliveries('http://traces:4318/v1/traces'),
    send: ({ body }, done) => {
      requests.push(body);
      done({ taken: 1 });
      return () => undefined;
    },
    head: (spansBytes) => head.bytes(spansBytes),
    spanTag,
  });
  const time = { ms: Date.UTC(2026, 0, 1) };
  const origin = {
    random: seededRandom(7),
    timeMs: () => {
      time.ms += 0.25;
      return time.ms;
    },
    ended: (span: OtlpSpan) => batches.add(span),
  };
  const begin = (attributes: SpanAttributes = {}, of?: TraceContext, name = 'a "b"\n') =>
    new OtlpSpan(origin, { name, kind: 'client', attributes }, of);
  const read = async (): Promise<ReadSpan[]> => {
    await batches.flush();
    return requests.flatMap(readSpans);
  };
  return { begin, time, read, head };
}

/** The same span by OpenTelemetry's own exporter. */
function byOpenTelemetry(own: OtlpSpan, given: Partial<ReadableSpan>): ReadSpan[] {
  const { traceId, spanId } = own.context;
  const context: SpanContext = { traceId, spanId, traceFlags: 1 };
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
    resource: resourceFromAttributes(about),
    instrumentationScope: { name: 'parvi', version: parviVersion },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...given,
  };
  return readSpans(ProtobufTraceSerializer.serializeRequest([span]) ?? new Uint8Array());
}

describe('a span as OTLP has it', () => {
  it("says what OpenTelemetry's own exporter says of it", async () => {
    const { begin, read } = spans();
    const attributes = {
      text: 'ü \u{1f426} "',
      whole: -7,
      far: 2 ** 40,
      part: 0.5,
      big: 1e300,
      none: Number.NaN,
      all: Number.NEGATIVE_INFINITY,
      yes: true,
      no: false,
    };
    const span = begin(attributes, parent);
    span.end();
    const parentSpanContext = { ...parent, traceFlags: 1, isRemote: true };
    const sent = await read();
    expect(sent).toEqual(byOpenTelemetry(span, { attributes, parentSpanContext }));
    expect(sent[0]?.attributes).toEqual(attributes);
  });

  it('says why it failed', async () => {
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
    expect(await read()).toEqual(same);
  });

  it.each<[string, unknown]>([
    [
      'a cycle',
      (() => {
        const it: unknown[] = [];
        it.push(it);
        return it;
      })(),
    ],
    ['a large integer', 7n],
    ['a symbol', Symbol('why')],
    ['nothing', undefined],
    ['what is no text', Object.create(null)],
  ])(
    'that fails with %s for a message is sent all the same, and so are others',
    async (_what, message) => {
      const { begin, read } = spans();
      const strange = Object.assign(new Error('x'), { message });
      const span = begin({ strange: message as string }, undefined, message as string);
      span.fail(strange);
      span.end();
      begin({}, undefined, 'other').end();
      expect(await read()).toMatchObject([{ status: { code: 2 } }, { name: 'other' }]);
    },
  );

  it('that fails with an error nobody can look at is sent all the same', async () => {
    const { begin, read } = spans();
    const span = begin();
    span.fail(
      new Proxy(new Error('x'), {
        get: () => {
          throw new Error('closed');
        },
      }),
    );
    span.end();
    expect(await read()).toMatchObject([{ events: [{ name: 'exception' }] }]);
  });

  it('ends once, and what is said of it afterwards is not heard', async () => {
    const { begin, read } = spans();
    const span = begin();
    span.end();
    span.set({ late: true });
    span.fail(new Error('late'));
    span.end();
    expect(await read()).toMatchObject([{ attributes: {}, events: [], status: {} }]);
  });

  it('never ends before it began, though a clock be put back', async () => {
    const { begin, read, time } = spans();
    const span = begin();
    time.ms -= 60_000;
    span.end();
    const [sent] = await read();
    expect(sent?.endTimeUnixNano).toBe(sent?.startTimeUnixNano);
  });

  it('tells its times to the microsecond', async () => {
    const { begin, read, time } = spans();
    time.ms = 1_767_225_599_999.748;
    begin().end();
    const [sent] = await read();
    expect(sent?.startTimeUnixNano).toBe(1_767_225_599_999_998_000n);
    expect(sent?.endTimeUnixNano).toBe(1_767_225_600_000_248_000n);
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

  it('begins a trace of its own where its parent has no ids', async () => {
    const { begin, read } = spans();
    const span = begin({}, { traceId: 'nobody', spanId: '', sampled: true });
    expect(span.context.traceId).toMatch(/^[0-9a-f]{32}$/);
    span.end();
    expect((await read())[0]).not.toHaveProperty('parentSpanId');
  });

  it('arrives whole among thousands, whatever its texts', async () => {
    const { begin, read } = spans();
    const names = Array.from({ length: 5000 }, (_, i) => `${'ü'.repeat(i % 300)} ${i}`);
    for (const [i, name] of names.entries()) begin({ i, even: i % 2 === 0 }, undefined, name).end();
    const sent = await read();
    expect(sent.map(({ name }) => name)).toEqual(names);
    expect(sent.map(({ attributes }) => attributes.i)).toEqual(names.map((_, i) => i));
    expect(sent.every(({ resource }) => resource['service.name'] === 'pricing')).toBe(true);
  });

  it('is sent with what has become known of its node meanwhile', async () => {
    const { begin, read, head } = spans();
    begin().end();
    await read();
    head.describe({ 'parvi.member': 'pekko://shop@127.0.0.1:25520', 'service.name': 'shop' });
    begin().end();
    expect((await read()).map(({ resource }) => resource)).toEqual([
      about,
      { ...about, 'service.name': 'shop', 'parvi.member': 'pekko://shop@127.0.0.1:25520' },
    ]);
  });

  it('with half a surrogate in its texts arrives with a replacement for that', async () => {
    const { begin, read } = spans();
    begin({ text: 'a\ud800b' }, undefined, '\udc00').end();
    expect(await read()).toMatchObject([{ name: '\ufffd', attributes: { text: 'a\ufffdb' } }]);
  });
});
