// The trace of a message in the metadata of its frame, as W3C's `traceparent`. Nodes without tracing use the plain codec;
// JVM nodes without an instrument of that key skip it by its length.

import {
  readTraceParent,
  rewriteTraceParent,
  type TraceContext,
  TraceIds,
  type Tracing,
  traceParent,
} from '../observe/index.ts';
import {
  type Envelope,
  type EnvelopeWriter,
  type HeaderText,
  metadataDataStart,
  metadataEntry,
  metadataSection,
  traceMetadataKey,
} from '../wire/index.ts';
import { MessageCodec, type SerializationOptions } from './message-codec.ts';

export class TracedCodec extends MessageCodec {
  readonly #tracing: Tracing;
  #last: TraceContext | undefined;
  readonly #section = metadataSection(traceMetadataKey, traceParent(new TraceIds()));

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
    if (current === undefined) super.encode(writer, message, recipient, sender);
    else this.#encodeTraced(current, writer, [message, recipient, sender]);
  }

  #encodeTraced(
    context: TraceContext,
    writer: EnvelopeWriter,
    [message, recipient, sender]: readonly [unknown, HeaderText, HeaderText],
  ): void {
    writer.metadata = this.#sectionOf(context);
    try {
      super.encode(writer, message, recipient, sender);
    } finally {
      writer.metadata = undefined;
    }
  }

  /** Messages of one handler follow each other. A context whose ids are none has no frame carry anything. */
  #sectionOf(context: TraceContext): Uint8Array | undefined {
    if (this.#last !== context) {
      const ids = TraceIds.of(context);
      if (ids === undefined) return undefined;
      this.#last = context;
      rewriteTraceParent(this.#section, metadataDataStart, ids);
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
  const section = { start: metadataStart, end: metadataEnd };
  const place = metadataEntry(bytes, section, traceMetadataKey);
  if (place === undefined) return undefined;
  const context = readTraceParent(bytes, place.start, place.end);
  return context?.sampled === true ? context : undefined;
}
