// The trace of a message in the metadata of its frame, as W3C's `traceparent`. Nodes without tracing use the plain codec;
// JVM nodes without an instrument of that key skip it by its length.

import {
  parseTraceParent,
  type TraceContext,
  type Tracing,
  traceParent,
  traceParentLength,
} from '../observe/index.ts';
import {
  type Envelope,
  type EnvelopeWriter,
  type HeaderText,
  metadataEntry,
  metadataSection,
  rewriteMetadata,
  traceMetadataKey,
} from '../wire/index.ts';
import { MessageCodec, type SerializationOptions } from './message-codec.ts';

export class TracedCodec extends MessageCodec {
  readonly #tracing: Tracing;
  #last: TraceContext | undefined;
  readonly #section = metadataSection(traceMetadataKey, ' '.repeat(traceParentLength));

  constructor(options: SerializationOptions, resolve: (path: string) => unknown, tracing: Tracing) {
    super(options, resolve);
    this.#tracing = tracing;
  }

  override encode(
    writer: EnvelopeWriter,
    message: unknown,
    recipient: HeaderText,
    sender: HeaderText,
  ): void {
    const { current } = this.#tracing;
    if (current === undefined) {
      super.encode(writer, message, recipient, sender);
      return;
    }
    writer.metadata = this.#sectionOf(current);
    try {
      super.encode(writer, message, recipient, sender);
    } finally {
      writer.metadata = undefined;
    }
  }

  /** Messages of one handler follow each other. */
  #sectionOf(context: TraceContext): Uint8Array {
    if (this.#last !== context) {
      this.#last = context;
      rewriteMetadata(this.#section, traceParent(context));
    }
    return this.#section;
  }
}

/** The recorded trace that a frame with metadata belongs to. */
export function traceOf({
  bytes,
  metadataStart,
  metadataEnd,
}: Pick<Envelope, 'bytes' | 'metadataStart' | 'metadataEnd'>): TraceContext | undefined {
  const text = metadataEntry(bytes, [metadataStart, metadataEnd], traceMetadataKey);
  const context = parseTraceParent(text);
  return context?.sampled === true ? context : undefined;
}
