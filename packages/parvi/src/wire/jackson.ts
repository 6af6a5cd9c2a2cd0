// Domain messages as Jackson writes and reads them on a JVM: serializer 31 is JSON, 33 is CBOR, and the manifest names the
// class. Messages without a class in the table go as CBOR with their `type` inside and an empty manifest; only nodes
// of this toolkit read those. Source: Pekko `JacksonSerializer.scala`.

import { ByteWriter } from './byte-writer.ts';
import { CborReader } from './cbor-reader.ts';
import { CborWriter } from './cbor-writer.ts';
import { shortText, WireError } from './errors.ts';
import { type HeaderText, noText } from './header-text.ts';
import { gunzip } from './internal/gzip.ts';
import { inflateLz4, isLz4 } from './internal/lz4.ts';
import { jsonFieldsText, jsonText, readJson } from './json.ts';
import type { BoundType, MessageTypeTable } from './message-types.ts';
import type { WireLimits } from './options.ts';
import type { RefResolver } from './ref-text.ts';
import type { Serializer } from './serializer.ts';
import { locatedFault } from './value-fault.ts';

export const jacksonJsonId = 31;
export const jacksonCborId = 33;

export interface JacksonOptions {
  readonly types: MessageTypeTable;
  readonly refs: RefResolver;
  readonly limits: WireLimits;
}

abstract class JacksonSerializer implements Serializer {
  abstract readonly id: number;
  protected readonly types: MessageTypeTable;
  protected readonly limits: WireLimits;
  readonly #refs: RefResolver;

  constructor(options: JacksonOptions) {
    this.types = options.types;
    this.limits = options.limits;
    this.#refs = options.refs;
  }

  manifestOf(value: unknown): HeaderText {
    return this.boundTypeOf(value)?.manifest ?? noText;
  }

  abstract write(value: unknown, out: ByteWriter): void;
  /** The same for a part of a message, which has no class. */
  protected abstract writeValue(value: unknown, out: ByteWriter): void;
  protected abstract readValue(bytes: Uint8Array, start: number, end: number): unknown;
  protected abstract readFieldsOf(
    type: string,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Record<string, unknown>;

  read(manifest: string, bytes: Uint8Array, start: number, end: number): unknown {
    const packed = this.#inflated(bytes, start, end);
    const plain = packed ?? bytes;
    const from = packed === undefined ? start : 0;
    const to = packed === undefined ? end : packed.length;
    if (manifest === '') return this.readValue(plain, from, to);
    const hash = manifest.lastIndexOf('#');
    const bound = this.types.ofClass(hash < 0 ? manifest : manifest.slice(0, hash));
    if (bound === undefined) throw unknownClass(manifest, this.id);
    const version = hash < 0 ? 1 : Number(manifest.slice(hash + 1));
    const message = this.readFieldsOf(bound.type, plain, from, to);
    const current = version === bound.version ? message : migrated(message, bound, version);
    for (const field of bound.refs) this.#resolve(current, field);
    return current;
  }

  protected boundTypeOf(value: unknown): BoundType | undefined {
    return typeof value === 'object' && value !== null ? this.types.ofMessage(value) : undefined;
  }

  located(value: unknown, thrown: unknown): unknown {
    const { depthMax } = this.limits;
    const fieldsOnly = this.boundTypeOf(value) !== undefined;
    const scratch = new ByteWriter();
    const attempt = (part: unknown): void => {
      scratch.position = 0;
      this.writeValue(part, scratch);
    };
    return locatedFault(value, { thrown, depthMax, fieldsOnly, attempt });
  }

  /** Detected by content, whatever the configuration of the sender. */
  #inflated(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    const first = bytes[start];
    if (first !== 0x1f && first !== 0x87) return undefined;
    const payload = bytes.subarray(start, end);
    if (first === 0x1f && payload[1] === 0x8b) {
      return gunzip(payload, this.limits.inflatedBytesMax, 'message');
    }
    return isLz4(payload) ? inflateLz4(payload, this.limits.inflatedBytesMax) : undefined;
  }

  #resolve(message: Record<string, unknown>, field: string): void {
    const value = message[field];
    if (typeof value === 'string') {
      message[field] = this.#refs.resolveRef(value);
    } else if (Array.isArray(value)) {
      message[field] = value.map((item: unknown) =>
        typeof item === 'string' ? this.#refs.resolveRef(item) : item,
      );
    }
  }
}

export class JacksonCborSerializer extends JacksonSerializer {
  readonly id = jacksonCborId;
  readonly #writer: CborWriter;
  readonly #reader: CborReader;

  constructor(options: JacksonOptions) {
    super(options);
    const { depthMax } = options.limits;
    this.#writer = new CborWriter(depthMax);
    this.#reader = new CborReader({ refs: options.refs, depthMax });
  }

  write(value: unknown, out: ByteWriter): void {
    const bound = this.boundTypeOf(value);
    if (bound === undefined) this.#writer.write(value, out);
    else this.#writer.writeFields(value as object, 'type', out);
  }

  protected writeValue(value: unknown, out: ByteWriter): void {
    this.#writer.write(value, out);
  }

  protected readValue(bytes: Uint8Array, start: number, end: number): unknown {
    return this.#reader.read(bytes, start, end);
  }

  protected readFieldsOf(
    type: string,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Record<string, unknown> {
    const message: Record<string, unknown> = { type };
    this.#reader.readFields(message, 'type', bytes, start, end);
    return message;
  }
}

export class JacksonJsonSerializer extends JacksonSerializer {
  readonly id = jacksonJsonId;

  write(value: unknown, out: ByteWriter): void {
    const bound = this.boundTypeOf(value);
    const text =
      bound === undefined
        ? jsonText(value, this.limits.depthMax)
        : jsonFieldsText(value as object, 'type');
    out.utf8(text);
  }

  protected writeValue(value: unknown, out: ByteWriter): void {
    out.utf8(jsonText(value, this.limits.depthMax));
  }

  protected readValue(bytes: Uint8Array, start: number, end: number): unknown {
    return readJson(bytes.subarray(start, end), this.limits.depthMax);
  }

  protected readFieldsOf(
    type: string,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Record<string, unknown> {
    const fields = this.readValue(bytes, start, end);
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
      throw new WireError('PAYLOAD_MALFORMED', 'Cannot read a JSON message: it is not an object');
    }
    return { ...fields, type };
  }
}

function migrated(
  message: Record<string, unknown>,
  bound: BoundType,
  version: number,
): Record<string, unknown> {
  if (!(version <= bound.version)) {
    throw new WireError(
      'MESSAGE_VERSION_UNSUPPORTED',
      `Cannot read version ${version} of the message "${bound.type}": this node knows versions up to ${bound.version}; update it before the senders`,
      { fields: { type: bound.type, version, versionMax: bound.version } },
    );
  }
  return { ...(bound.migrate?.(message, version) ?? message), type: bound.type };
}

function unknownClass(manifest: string, serializerId: number): WireError {
  const shown = shortText(manifest);
  return new WireError(
    'MESSAGE_CLASS_UNKNOWN',
    `Cannot read a message of class "${shown}": it is not in the table of message types; add an entry if this node shall understand it`,
    { fields: { class: shown, serializerId } },
  );
}
