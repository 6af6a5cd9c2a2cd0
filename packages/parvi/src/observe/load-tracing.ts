// Tracing by option: OpenTelemetry is loaded only here, and only when somebody wants it.

import type { Clock, Random, Timers } from '../runtime/index.ts';
import { Tracing } from './tracing.ts';

export interface TelemetryOptions {
  /** Where spans go: OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly endpoint: string;
  /** Share of the traces begun here that are recorded, 0 to 1. Default 0.01. */
  readonly sampleRatio?: number;
  /**
   * Traces begun here and recorded in a second, on average, whatever their share; it bounds what tracing costs a node under
   * load. Those that clients began before they came here count, too. Default 100, as in Datadog's tracers
   * (`DD_TRACE_RATE_LIMIT`); by 1 % that is reached at 10,000 requests in a second.
   */
  readonly tracesPerSecond?: number;
  /** What this node is called in traces. Default: the name of the actor system. */
  readonly serviceName?: string;
}

export const sampleRatioDefault = 0.01;
export const tracesPerSecondDefault = 100;

export async function loadTracing(
  options: TelemetryOptions,
  ports: {
    readonly random: Random;
    readonly clock: Clock;
    readonly timers: Timers;
    readonly instanceId: string;
  },
): Promise<Tracing> {
  const { endpoint, serviceName = 'parvi' } = options;
  const { sampleRatio = sampleRatioDefault, tracesPerSecond = tracesPerSecondDefault } = options;
  const { otlpRecorder } = await import('./open-telemetry.ts');
  const { random, clock } = ports;
  const recorder = otlpRecorder({ endpoint, serviceName, ...ports });
  return new Tracing({ recorder, random, clock, sampleRatio, tracesPerSecond });
}
