// What one serializer does. Its id is the number that stands in envelopes; both sides of a cluster must agree on it.

import type { ByteWriter } from './byte-writer.ts';
import type { HeaderText } from './header-text.ts';

export interface Serializer {
  /** 0 to 40 are Pekko's own; applications take numbers above 40 or negative ones. */
  readonly id: number;
  /** Text that tells the kinds of messages of one serializer apart; `noText` when there is one kind. */
  manifestOf(value: unknown): HeaderText;
  /** Appends the value. @throws WireError `VALUE_NOT_SERIALIZABLE` */
  write(value: unknown, out: ByteWriter): void;
  /**
   * What {@link write} threw at the value, with the field that it is about. Asked after a failure only, so that writing
   * itself need not know where it is.
   */
  located?(value: unknown, thrown: unknown): unknown;
  /**
   * Reads `bytes[start..end)`; the result shares no memory with the bytes.
   *
   * @throws WireError `MANIFEST_UNKNOWN`, `MESSAGE_CLASS_UNKNOWN`, `PAYLOAD_MALFORMED`, `PAYLOAD_TOO_LARGE`
   */
  read(manifest: string, bytes: Uint8Array, start: number, end: number): unknown;
}

/** A serializer that also says which values are its own; asked before the built-in ones, in the order given. */
export interface ValueSerializer extends Serializer {
  accepts(value: unknown): boolean;
}
