// Protobuf with the manners of Pekko's parser: a message without one of its required fields is malformed, and
// whatever is wrong with the bytes becomes one kind of error.

import { WireError } from '../errors.ts';
import { decodeProto, MissingField, type ProtoMessage } from './proto-message.ts';

/** @throws WireError `PAYLOAD_MALFORMED` */
export function readProto<T extends object>(schema: ProtoMessage<T>, bytes: Uint8Array): T {
  const message = tryProto(schema, bytes);
  if (message instanceof WireError) throw message;
  return message;
}

/** Like {@link readProto}, but gives the error back, for messages that have two forms. */
export function tryProto<T extends object>(
  schema: ProtoMessage<T>,
  bytes: Uint8Array,
): T | WireError {
  try {
    return decodeProto(schema, bytes);
  } catch (error) {
    return error instanceof MissingField
      ? malformed(schema.name, error.message)
      : malformed(schema.name, 'the bytes are not valid protobuf', error);
  }
}

export function malformed(what: string, reason: string, cause?: unknown): WireError {
  return new WireError('PAYLOAD_MALFORMED', `Cannot read a ${what} message: ${reason}`, {
    fields: { message: what },
    cause,
  });
}

/** The safe number in a 64-bit field that counts something. */
export function countOf(value: bigint, what: string): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count)) throw malformed(what, `the number ${value} is out of range`);
  return count;
}
