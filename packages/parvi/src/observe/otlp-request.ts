// What stands around the spans of a request: from which node and by which program they are.
// Source: OTLP 1.9, `opentelemetry/proto/collector/trace/v1/trace_service.proto` and what it names.

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { parviVersion } from '../runtime/index.ts';
import { attributesBytes, varintSize } from './otlp-bytes.ts';
import type { SpanBatchOptions } from './span-batches.ts';
import type { SpanAttributes } from './tracing.ts';

const requestFields = { resourceSpans: 1 };
const resourceSpansFields = { resource: 1, scopeSpans: 2 };
const resourceFields = { attribute: 1 };
const scopeSpansFields = { scope: 1, span: 2 };
const scopeFields = { name: 1, version: 2 };

/** A length in front of more than two gigabytes would take as many. */
const lengthBytesMax = 5;

/** For all batches of a node that these attributes describe. */
export function requestHead(
  about: SpanAttributes,
): Pick<SpanBatchOptions, 'head' | 'headBytesMax' | 'spanTag'> {
  const { LengthDelimited } = WireType;
  const resource = part(
    resourceSpansFields.resource,
    attributesBytes(resourceFields.attribute, about),
  );
  const program = new BinaryWriter()
    .tag(scopeFields.name, LengthDelimited)
    .string('parvi')
    .tag(scopeFields.version, LengthDelimited)
    .string(parviVersion)
    .finish();
  const scope = part(scopeSpansFields.scope, program);
  return {
    headBytesMax: 2 * (1 + lengthBytesMax) + resource.length + scope.length,
    spanTag: (scopeSpansFields.span << 3) | LengthDelimited,
    head(spansBytes) {
      const ofScope = scope.length + spansBytes;
      const ofResource = resource.length + 1 + varintSize(ofScope) + ofScope;
      return new BinaryWriter()
        .tag(requestFields.resourceSpans, LengthDelimited)
        .uint32(ofResource)
        .raw(resource)
        .tag(resourceSpansFields.scopeSpans, LengthDelimited)
        .uint32(ofScope)
        .raw(scope)
        .finish();
    },
  };
}

function part(field: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
}
