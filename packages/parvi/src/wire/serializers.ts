// Finds the serializer for a value and for an id. The set is fixed when the registry is built: what is not in it is
// refused with a typed error, and the message becomes a dead letter.

import { AssertionFailedError, assert } from '../runtime/index.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  clusterBytes,
  clusterManifest,
  clusterSerializerId,
  readCluster,
} from './cluster-codec.ts';
import {
  controlBytes,
  controlManifest,
  controlSerializerId,
  readControl,
} from './control-codec.ts';
import { neverSent } from './envelope-writer.ts';
import { shortText, WireError } from './errors.ts';
import { type HeaderText, noText } from './header-text.ts';
import { JacksonCborSerializer, JacksonJsonSerializer } from './jackson.ts';
import { type MessageType, MessageTypeTable } from './message-types.ts';
import { miscBytes, miscManifest, miscSerializerId, readMisc } from './misc-codec.ts';
import { type WireLimits, wireLimitsDefaults } from './options.ts';
import type { Payload } from './payload.ts';
import { primitiveIds, primitiveSerializers } from './primitives.ts';
import { isRefLike, type RefResolver, textRefs } from './ref-text.ts';
import { readSelection, selectionBytes, selectionSerializerId } from './selection.ts';
import type { Serializer, ValueSerializer } from './serializer.ts';
import { readSystemMessage, systemMessageBytes, systemSerializerId } from './system-codec.ts';
import { WireMessage, type WireMessages } from './wire-message.ts';

export interface SerializerRegistryOptions {
  /** Messages that a JVM knows as classes. */
  readonly messageTypes?: readonly MessageType[];
  /** Turns path texts into refs. Default: they stay texts. */
  readonly refs?: RefResolver;
  readonly limits?: Partial<WireLimits>;
  /** The application's own; asked first. Their ids must not be taken. */
  readonly serializers?: readonly ValueSerializer[];
}

export class SerializerRegistry {
  readonly limits: WireLimits;
  readonly #byId = new Map<number, Serializer>();
  readonly #own: readonly ValueSerializer[];
  readonly #types: MessageTypeTable;
  readonly #cbor: JacksonCborSerializer;
  readonly #json: JacksonJsonSerializer;
  readonly #scratch = new ByteWriter();

  constructor(options: SerializerRegistryOptions = {}) {
    const refs = options.refs ?? textRefs;
    this.limits = { ...wireLimitsDefaults, ...options.limits };
    this.#types = new MessageTypeTable(options.messageTypes ?? []);
    const jackson = { types: this.#types, refs, limits: this.limits };
    this.#cbor = new JacksonCborSerializer(jackson);
    this.#json = new JacksonJsonSerializer(jackson);
    this.#own = options.serializers ?? [];
    for (const serializer of [
      ...primitiveSerializers(refs),
      ...protocolSerializers(refs, this.limits),
      this.#cbor,
      this.#json,
      ...this.#own,
    ]) {
      assert(!this.#byId.has(serializer.id), `serializer ${serializer.id} is registered once`);
      assert(
        !neverSent.includes(serializer.id),
        `serializer ${serializer.id} is none of the application's: no node reads what has that id`,
      );
      this.#byId.set(serializer.id, serializer);
    }
  }

  /**
   * The serializer of a value: texts 20, whole numbers of 32 bits 19, bigints of 64 bits 18, booleans 35, bytes 4, refs 24,
   * messages of Pekko's own protocols as they say, mapped messages 31 or 33 as the table says, all else 33.
   *
   * @throws WireError `VALUE_NOT_SERIALIZABLE`
   */
  select(value: unknown): Serializer {
    for (const own of this.#own) {
      if (own.accepts(value)) return own;
    }
    switch (typeof value) {
      case 'object':
        return value === null ? this.#cbor : this.#ofObject(value);
      case 'string':
        return this.byId(primitiveIds.text);
      case 'number':
        return value === (value | 0) && !Object.is(value, -0)
          ? this.byId(primitiveIds.int)
          : this.#cbor;
      case 'boolean':
        return this.byId(primitiveIds.boolean);
      case 'bigint':
        return BigInt.asIntN(64, value) === value ? this.byId(primitiveIds.long) : this.#cbor;
      default:
        return this.#cbor;
    }
  }

  /** @throws WireError `SERIALIZER_UNKNOWN` */
  byId(serializerId: number): Serializer {
    const serializer = this.#byId.get(serializerId);
    if (serializer === undefined) throw unknownSerializer(serializerId);
    return serializer;
  }

  /** Appends the value and says how it was written. */
  encode(value: unknown, out: ByteWriter): { serializerId: number; manifest: string } {
    const serializer = this.select(value);
    const manifest = serializer.manifestOf(value).text;
    serializer.write(value, out);
    return { serializerId: serializer.id, manifest };
  }

  /**
   * Reads `bytes[start..end)`. The value shares no memory with the bytes.
   *
   * @throws WireError `SERIALIZER_UNKNOWN` and those of {@link Serializer.read}; nothing else
   */
  decode(
    serializerId: number,
    manifest: string,
    bytes: Uint8Array,
    start = 0,
    end = bytes.length,
  ): unknown {
    const serializer = this.byId(serializerId);
    try {
      return serializer.read(manifest, bytes, start, end);
    } catch (error) {
      if (error instanceof WireError || error instanceof AssertionFailedError) throw error;
      // Migrations and serializers of the application may throw anything.
      throw new WireError(
        'PAYLOAD_MALFORMED',
        `Cannot read a message of serializer ${serializerId} and manifest "${shortText(manifest)}": its reader failed`,
        { fields: { serializerId, manifest: shortText(manifest) }, cause: error },
      );
    }
  }

  /** The value as a payload inside another message. */
  payloadOf(value: unknown): Payload {
    const out = this.#scratch;
    out.position = 0;
    try {
      const { serializerId, manifest } = this.encode(value, out);
      const bytes = out.toBytes();
      return { serializerId, manifest, bytes };
    } catch (thrown) {
      throw this.select(value).located?.(value, thrown) ?? thrown;
    }
  }

  valueOf(payload: Payload): unknown {
    return this.decode(payload.serializerId, payload.manifest, payload.bytes);
  }

  #ofObject(value: object): Serializer {
    if (value instanceof WireMessage) return this.byId(value.serializerId);
    if (value instanceof Uint8Array) return this.byId(primitiveIds.bytes);
    if (isRefLike(value)) return this.byId(primitiveIds.typedRef);
    return this.#types.ofMessage(value)?.json === true ? this.#json : this.#cbor;
  }
}

interface ProtocolCodec<Id extends keyof WireMessages> {
  readonly id: Id;
  readonly manifestOf: (message: WireMessages[Id]) => HeaderText;
  readonly bytesOf: (message: WireMessages[Id]) => Uint8Array;
  readonly read: (manifest: string, bytes: Uint8Array) => WireMessages[Id];
}

function protocolSerializers(refs: RefResolver, limits: WireLimits): Serializer[] {
  const misc = protocolSerializer({
    id: miscSerializerId,
    manifestOf: miscManifest,
    bytesOf: miscBytes,
    read: readMisc,
  });
  return [
    protocolSerializer({
      id: clusterSerializerId,
      manifestOf: clusterManifest,
      bytesOf: clusterBytes,
      read: (manifest, bytes) => readCluster(manifest, bytes, limits.inflatedGossipBytesMax),
    }),
    protocolSerializer({
      id: selectionSerializerId,
      manifestOf: () => noText,
      bytesOf: selectionBytes,
      read: (_manifest, bytes) => readSelection(bytes),
    }),
    protocolSerializer({
      id: controlSerializerId,
      manifestOf: controlManifest,
      bytesOf: controlBytes,
      read: readControl,
    }),
    protocolSerializer({
      id: systemSerializerId,
      manifestOf: () => noText,
      bytesOf: systemMessageBytes,
      read: (_manifest, bytes) => readSystemMessage(bytes),
    }),
    {
      ...misc,
      read: (manifest, bytes, start, end) =>
        unwrapRef(misc.read(manifest, bytes, start, end), refs),
    },
  ];
}

/** A classic ref as the whole message is handed out as a ref. */
function unwrapRef(value: unknown, refs: RefResolver): unknown {
  if (!(value instanceof WireMessage) || !('kind' in value.message)) return value;
  return value.message.kind === 'actorRef' ? refs.resolveRef(value.message.path) : value;
}

function protocolSerializer<Id extends keyof WireMessages>(codec: ProtocolCodec<Id>): Serializer {
  const { id, manifestOf, bytesOf, read } = codec;
  const messageOf = (value: unknown): WireMessages[Id] => {
    assert(
      value instanceof WireMessage && value.serializerId === id,
      `serializer ${id} writes messages of its own protocol`,
    );
    return (value as WireMessage<Id>).message;
  };
  return {
    id,
    manifestOf: (value) => manifestOf(messageOf(value)),
    write: (value, out) => out.raw(bytesOf(messageOf(value))),
    read: (manifest, bytes, start, end) =>
      new WireMessage(id, read(manifest, bytes.subarray(start, end))),
  };
}

function unknownSerializer(serializerId: number): WireError {
  const java = serializerId === 1 ? ' (Java serialization, which is never read)' : '';
  return new WireError(
    'SERIALIZER_UNKNOWN',
    `Cannot read a message of serializer ${serializerId}${java}: no such serializer is registered here`,
    { fields: { serializerId } },
  );
}
