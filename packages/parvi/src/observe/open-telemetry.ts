// Spans by OpenTelemetry's SDK, sent in batches as OTLP over HTTP with JSON. Loaded by loadTracing alone.

import {
  type Context,
  SpanKind as OtelKind,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { parviVersion } from '../runtime/index.ts';
import { SpanDeliveries } from './span-deliveries.ts';
import type { TraceContext } from './trace-context.ts';
import type { SpanKind, SpanRecorder, TraceSpan } from './tracing.ts';

export interface OtlpOptions {
  readonly endpoint: string;
  /** What the whole is called, and this node of it. */
  readonly serviceName: string;
  readonly instanceId: string;
}

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

/** Spans kept while the receiver is slow or away; further ones are dropped. */
const spansMax = 4096;
const batchDelayMs = 1000;
const closeLimitMs = 3000;

export function otlpRecorder({ endpoint, serviceName, instanceId }: OtlpOptions): SpanRecorder {
  const deliveries = new SpanDeliveries(endpoint);
  const provider = new TracerProvider({
    // The decision is made before; what comes here is to be recorded.
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes({
      'service.name': serviceName,
      'service.instance.id': instanceId,
    }),
    spanProcessors: [
      countedBatches(
        new OTLPTraceExporter({ url: endpoint, timeoutMillis: closeLimitMs }),
        deliveries,
      ),
    ],
  });
  const tracer = provider.getTracer('parvi', parviVersion);
  return {
    record: (start, parent) => recorded(tracer, start, parent),
    close: () => provider.shutdown().catch(() => undefined),
    deliveries,
  };
}

/** Batches whose spans are counted: those that wait here, so that none is dropped unseen, and what became of the others. */
function countedBatches(exporter: SpanExporter, deliveries: SpanDeliveries): SpanProcessor {
  let waiting = 0;
  const counted: SpanExporter = {
    export: (spans, done) => {
      waiting -= spans.length;
      exporter.export(spans, (result) => {
        // 0 is success (ExportResultCode of OpenTelemetry's core).
        if (result.code === 0) deliveries.sent(spans.length);
        else deliveries.dropped(spans.length, result.error ?? new Error('it has not said why'));
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
  const batches = new BatchSpanProcessor({
    exporter: counted,
    maxQueueSize: spansMax,
    scheduledDelayMillis: batchDelayMs,
    exportTimeoutMillis: closeLimitMs,
  });
  return {
    onStart: (span, context) => batches.onStart(span, context),
    onEnd: (span) => {
      if (waiting >= spansMax) {
        deliveries.dropped(1, new Error(`${spansMax} spans are waiting already`));
        return;
      }
      waiting++;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
}

function recorded(
  tracer: Tracer,
  { name, kind, attributes }: Parameters<SpanRecorder['record']>[0],
  parent: TraceContext | undefined,
): TraceSpan {
  const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, contextOf(parent));
  const { traceId, spanId } = span.spanContext();
  return {
    context: { traceId, spanId, sampled: true },
    set: (more) => {
      span.setAttributes(more);
    },
    fail: (error) => {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    },
    end: () => {
      if (span.isRecording()) span.end();
    },
  };
}

function contextOf(parent: TraceContext | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId } = parent;
  const traceFlags = TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
