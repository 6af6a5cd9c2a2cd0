// Tracing by option: OpenTelemetry is loaded only here, and only when somebody wants it.

import type { Random } from '../runtime/index.ts';
import { Tracing } from './tracing.ts';

export interface TelemetryOptions {
  /** Where spans go: OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly endpoint: string;
  /** Share of the traces begun here that are recorded, 0 to 1. Default 0.01. */
  readonly sampleRatio?: number;
  /** What this node is called in traces. Default: the name of the actor system. */
  readonly serviceName?: string;
}

export const sampleRatioDefault = 0.01;

export async function loadTracing(
  { endpoint, sampleRatio = sampleRatioDefault, serviceName = 'parvi' }: TelemetryOptions,
  { random, instanceId }: { readonly random: Random; readonly instanceId: string },
): Promise<Tracing> {
  const { otlpRecorder } = await import('./open-telemetry.ts');
  const recorder = otlpRecorder({ endpoint, serviceName, instanceId });
  return new Tracing({ recorder, random, sampleRatio });
}
