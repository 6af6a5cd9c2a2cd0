// Layer 1: metrics, health checks and the log port; written to by all layers, shown by those above.

export { contextLogger } from './context-log.ts';
export { ObserveError, type ObserveErrorCode } from './errors.ts';
export {
  type HealthAnswer,
  type HealthAspect,
  type HealthCheckOptions,
  type HealthCheckResult,
  type HealthOutcome,
  HealthRegistry,
  type HealthReport,
  healthTimeLimitMsDefault,
} from './health.ts';
export {
  Counter,
  durationBucketsSeconds,
  Gauge,
  Histogram,
  sizeBucketsBytes,
} from './instruments.ts';
export { type JsonSinkOptions, jsonLines, jsonSink } from './json-log.ts';
export {
  loadTracing,
  sampleRatioDefault,
  type TelemetryOptions,
  tracesPerSecondDefault,
} from './load-tracing.ts';
export { type PlainError, plainError } from './log-error.ts';
export { LogLimiter, type LogLimiterOptions, logOnce } from './log-limiter.ts';
export {
  createLogger,
  type LogControl,
  type LogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  type LogLine,
  type LogSink,
  logLevels,
  silentLogger,
} from './logger.ts';
export { type MemoryLog, memoryLog } from './memory-log.ts';
export { MetricFamily, overflowLabel, seriesMaxDefault } from './metric-family.ts';
export {
  type HistogramOptions,
  type HistogramSample,
  type LabelledMetricOptions,
  type MetricKind,
  type MetricOptions,
  type MetricSnapshot,
  MetricsRegistry,
  type ReadMetricOptions,
  type ReadSample,
  type ValueSample,
} from './metrics.ts';
export { type Log, type LogOptions, logOptions, openLog } from './options.ts';
export { type OtelVariables, otelVariables } from './otel-variables.ts';
export { registerProcessMetrics } from './process-metrics.ts';
export type { DeliveryPorts, SpanDeliveries } from './span-deliveries.ts';
export { type TerminalSinkOptions, terminalSink } from './terminal-log.ts';
export {
  parseTraceParent,
  readTraceParent,
  rewriteTraceParent,
  type TraceContext,
  TraceIds,
  traceParent,
} from './trace-context.ts';
export {
  type SpanAttributes,
  type SpanKind,
  type SpanRecorder,
  type SpanStart,
  type TraceSpan,
  Tracing,
  type TracingOptions,
} from './tracing.ts';
