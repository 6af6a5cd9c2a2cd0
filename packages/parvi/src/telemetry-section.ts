// The section `telemetry` of a node's configuration.

import { z } from 'zod';
import {
  sampleRatioDefault,
  type TelemetryOptions,
  tracesPerSecondDefault,
} from './observe/index.ts';
import { given, telemetryEndpointTakes } from './start-options.ts';

export const telemetrySection = z
  .object({
    endpoint: z
      .url({ protocol: /^https?$/, error: `must be ${telemetryEndpointTakes}` })
      .optional()
      .describe(
        'Where traces go, as OTLP over HTTP: http://collector:4318/v1/traces; without it nothing is traced',
      ),
    sampleRatio: z
      .number()
      .min(0)
      .max(1)
      .default(sampleRatioDefault)
      .describe(
        'Share of the traces begun at this node that are recorded; others follow who began',
      ),
    tracesPerSecond: z
      .number()
      .positive()
      .default(tracesPerSecondDefault)
      .describe(
        'Traces begun at this node, or by clients before, and recorded in a second, on average; it bounds what tracing costs under load',
      ),
    serviceName: z
      .string()
      .min(1)
      .optional()
      .describe('What the node is called in traces; default the name of the actor system'),
  })
  .describe('Traces by OpenTelemetry');

/** Options of tracing from a node's configuration; nothing when it is off. */
export function telemetryOptionsOf({
  telemetry,
}: {
  readonly telemetry: z.output<typeof telemetrySection>;
}): TelemetryOptions | undefined {
  const { endpoint, serviceName, ...limits } = telemetry;
  return endpoint === undefined ? undefined : { endpoint, ...limits, ...given({ serviceName }) };
}
