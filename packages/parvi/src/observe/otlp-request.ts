// What stands around the spans of a request: from which node and by which program they are.
// Source: OTLP 1.9, `opentelemetry/proto/collector/trace/v1/trace_service.proto` and what it names.

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { parviVersion } from '../runtime/index.ts';
import { attributesBytes, varintSize } from './otlp-bytes.ts';
import type { SpanAttributes } from './tracing.ts';

const requestFields = { resourceSpans: 1 };
const resourceSpansFields = { resource: 1, scopeSpans: 2 };
const resourceFields = { attribute: 1 };
const scopeSpansFields = { scope: 1, span: 2 };
const scopeFields = { name: 1, version: 2 };

const { LengthDelimited } = WireType;
export const spanTag = (scopeSpansFields.span << 3) | LengthDelimited;

export class RequestHead {
  #about: SpanAttributes;
  readonly #scope: Uint8Array;

  constructor(about: SpanAttributes) {
    this.#about = about;
    const program = new BinaryWriter()
      .tag(scopeFields.name, LengthDelimited)
      .string('parvi')
      .tag(scopeFields.version, LengthDelimited)
      .string(parviVersion)
      .finish();
    this.#scope = part(scopeSpansFields.scope, program);
  }

  /** Said of the node from now on, besides what is said already. */
  describe(about: SpanAttributes): void {
    this.#about = { ...this.#about, ...about };
  }

  /** What stands before spans of so many bytes together. */
  bytes(spansBytes: number): Uint8Array {
    const resource = part(
      resourceSpansFields.resource,
      attributesBytes(resourceFields.attribute, this.#about),
    );
    const ofScope = this.#scope.length + spansBytes;
    const ofResource = resource.length + 1 + varintSize(ofScope) + ofScope;
    return new BinaryWriter()
      .tag(requestFields.resourceSpans, LengthDelimited)
      .uint32(ofResource)
      .raw(resource)
      .tag(resourceSpansFields.scopeSpans, LengthDelimited)
      .uint32(ofScope)
      .raw(this.#scope)
      .finish();
  }
}

function part(field: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(field, LengthDelimited).bytes(bytes).finish();
}
