// Spans sent in batches as OTLP over HTTP with protobuf, by what OpenTelemetry's own exporter sends with: its retries, time
// limits and variables of the environment (`OTEL_EXPORTER_OTLP_HEADERS` and so on). Loaded by loadTracing alone.

import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import { type Clock, fastRandom, type Random, type Timers } from '../runtime/index.ts';
import { allTaken, type OtlpAnswer, readAnswer } from './otlp-answer.ts';
import { RequestHead, spanTag } from './otlp-request.ts';
import { OtlpSpan } from './otlp-span.ts';
import {
  type EncodedSpan,
  type SendBatch,
  type SendOutcome,
  type SpanBatch,
  SpanBatches,
} from './span-batches.ts';
import { SpanDeliveries } from './span-deliveries.ts';
import type { SpanRecorder } from './tracing.ts';

export interface OtlpOptions {
  readonly endpoint: string;
  /** What the whole is called, and this node of it. */
  readonly serviceName: string;
  readonly instanceId: string;
  readonly random: Random;
  readonly clock: Clock;
  readonly timers: Timers;
}

const sendLimitMs = 3000;
/** Clocks of a machine that is put right drift so far from its monotonic one before spans follow it. */
const driftMaxMs = 50;
/** How often both are compared. */
const driftLookMs = 10;

export function otlpRecorder(options: OtlpOptions): SpanRecorder {
  const { endpoint, serviceName, instanceId, timers } = options;
  const deliveries = new SpanDeliveries(endpoint);
  const head = new RequestHead({
    'service.name': serviceName,
    'service.instance.id': instanceId,
  });
  const batches = new SpanBatches({
    timers,
    send: sender(endpoint),
    deliveries,
    head: (spansBytes) => head.bytes(spansBytes),
    spanTag,
  });
  const origin = {
    random: fastRandom(options.random),
    timeMs: evenTime(options.clock),
    ended: (span: EncodedSpan) => batches.add(span),
  };
  return {
    record: (start, parent) => new OtlpSpan(origin, start, parent),
    describe: (about) => head.describe(about),
    close: () => batches.flush(),
    deliveries,
  };
}

function sender(endpoint: string): SendBatch {
  const settings = { url: endpoint, timeoutMillis: sendLimitMs };
  const headers = { 'Content-Type': 'application/x-protobuf' };
  const options = convertLegacyHttpOptions(settings, 'TRACES', 'v1/traces', headers);
  // Whoever holds the agent can close its connections, which nothing else of the delegate does.
  let agent: Awaited<ReturnType<typeof options.agentFactory>> | undefined;
  const agentFactory: typeof options.agentFactory = async (protocol) => {
    agent = await options.agentFactory(protocol);
    return agent;
  };
  // The delegate keeps what an answer says to itself; it is read for one batch at a time.
  let answer: OtlpAnswer = allTaken;
  const delegate = createOtlpHttpExportDelegate<SpanBatch, undefined>(
    { ...options, agentFactory },
    {
      serializeRequest: ({ body }) => body,
      deserializeResponse: (data) => {
        answer = readAnswer(data);
        return undefined;
      },
    },
    'otlp_http_span_exporter',
    { name: 'span', countItems: ({ spans }) => spans },
    undefined,
  );
  return (batch, done) => {
    answer = allTaken;
    delegate.export(batch, ({ code, error }) => {
      // 0 is success (ExportResultCode of OpenTelemetry's core).
      done(
        code === 0
          ? outcomeOf(answer, batch.spans)
          : { taken: 0, error: error ?? new Error('it has not said why') },
      );
    });
    return () => agent?.destroy();
  };
}

function outcomeOf({ rejected, reason }: OtlpAnswer, spans: number): SendOutcome {
  if (rejected === 0) return { taken: spans };
  const count = Math.min(rejected, spans);
  return {
    taken: spans - count,
    error: new Error(`the receiver has refused ${count} of ${spans} spans: ${reason}`),
  };
}

/** Time of the wall that goes as evenly as the monotonic clock, and to the microsecond. */
function evenTime(clock: Clock): () => number {
  let offsetMs = clock.wallMs() - clock.nowMs();
  let comparedMs = clock.nowMs();
  return () => {
    const nowMs = clock.nowMs();
    if (nowMs - comparedMs >= driftLookMs) {
      comparedMs = nowMs;
      const driftMs = clock.wallMs() - nowMs - offsetMs;
      if (Math.abs(driftMs) > driftMaxMs) offsetMs += driftMs;
    }
    return nowMs + offsetMs;
  };
}
