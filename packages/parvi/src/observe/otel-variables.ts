// What the environment says of a node in OpenTelemetry's own variables, which its operator sets for programs of all kinds
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).

import { variableText } from '../runtime/index.ts';
import type { SpanAttributes } from './tracing.ts';

export interface OtelVariables {
  /** `OTEL_SERVICE_NAME`, or else `service.name` of the attributes. */
  readonly serviceName: string | undefined;
  /** Of `OTEL_RESOURCE_ATTRIBUTES`, without that name. */
  readonly attributes: SpanAttributes;
  /** What of that variable cannot be read; then, as the specification has it, none of it counts. */
  readonly unreadable: { readonly variable: string; readonly part: string } | undefined;
}

const attributesVariable = 'OTEL_RESOURCE_ATTRIBUTES';

export function otelVariables(
  environment: Readonly<Record<string, string | undefined>>,
): OtelVariables {
  const { attributes, unreadable } = resourceAttributes(
    variableText(environment, attributesVariable) ?? '',
  );
  const { 'service.name': named, ...others } = attributes;
  const serviceName = variableText(environment, 'OTEL_SERVICE_NAME') ?? named;
  return { serviceName, attributes: others, unreadable };
}

/** `key=value` pairs behind commas, their texts percent-encoded as in W3C Baggage. */
function resourceAttributes(text: string): {
  readonly attributes: Record<string, string>;
  readonly unreadable: OtelVariables['unreadable'];
} {
  const attributes: Record<string, string> = {};
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const pair = readPair(part);
    if (pair === undefined) {
      return { attributes: {}, unreadable: { variable: attributesVariable, part } };
    }
    attributes[pair.key] = pair.value;
  }
  return { attributes, unreadable: undefined };
}

function readPair(part: string): { readonly key: string; readonly value: string } | undefined {
  const equals = part.indexOf('=');
  if (equals < 0) return undefined;
  try {
    const key = decodeURIComponent(part.slice(0, equals).trim());
    const value = decodeURIComponent(part.slice(equals + 1).trim());
    return key === '' ? undefined : { key, value };
  } catch {
    return undefined;
  }
}
