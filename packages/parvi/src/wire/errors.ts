// What can go wrong between bytes and values. Bad bytes are never an exception of another kind: whoever reads
// from a socket catches `WireError` and nothing else.

import { type ErrorFields, ParviError } from '../runtime/index.ts';

/** The stable codes of this layer and what each means to the person who reads it. */
export const wireErrorCodes = {
  ADDRESS_INVALID: 'A text is not the address of an actor system',
  ACTOR_PATH_INVALID: 'A text is not an actor path',
  FRAME_MAGIC_WRONG:
    'A connection does not start with AKKA or PEKK: the other side speaks another protocol',
  FRAME_STREAM_UNKNOWN: 'A connection announces a stream other than control, ordinary or large',
  FRAME_TOO_LARGE: 'A frame is longer than the configured limit',
  ENVELOPE_MALFORMED: 'A frame is cut short or its literals do not fit into it',
  ENVELOPE_VERSION_UNSUPPORTED: 'A frame has an envelope version that is not known here',
  COMPRESSION_TABLE_INVALID: 'A peer advertised a compression table with gaps or doubled entries',
  SERIALIZER_UNKNOWN: 'A message has a serializer id that is not registered here',
  MANIFEST_UNKNOWN: 'A message has a manifest that its serializer does not know',
  MESSAGE_CLASS_UNKNOWN: 'A message has a class name that is not in the table of message types',
  MESSAGE_VERSION_UNSUPPORTED: 'A message is of a newer version than its type supports',
  PAYLOAD_MALFORMED: 'The bytes of a message do not decode',
  PAYLOAD_TOO_LARGE: 'A message exceeds a size, depth or decompression limit',
  VALUE_NOT_SERIALIZABLE: 'A value cannot cross the wire',
} as const;

export type WireErrorCode = keyof typeof wireErrorCodes;

export interface WireErrorOptions {
  readonly fields?: ErrorFields;
  readonly cause?: unknown;
}

/** Bytes or values that this layer refuses; `code` is one of {@link wireErrorCodes}. */
export class WireError extends ParviError {
  declare readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string, options: WireErrorOptions = {}) {
    super(code, message, options);
  }
}

/** A text from outside, cut to what a log line can bear. */
export function shortText(text: string, charactersMax = 120): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}…`;
}
