// Protobuf with the manners of Pekko's parser: a message without one of its required fields is malformed, and
// whatever is wrong with the bytes becomes one kind of error.

import {
  create,
  type DescMessage,
  fromBinary,
  isFieldSet,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { assert } from '../../runtime/index.ts';
import { WireError } from '../errors.ts';

/** `FeatureSet.FieldPresence.LEGACY_REQUIRED`; its module is not imported because it loads all of descriptor.proto. */
const requiredPresence = 3;

/** Bytes of a message; the fields come in the order of their numbers. */
export function protoBytes<D extends DescMessage>(
  schema: D,
  init: MessageInitShape<D>,
): Uint8Array {
  return toBinary(schema, create(schema, init));
}

/** @throws WireError `PAYLOAD_MALFORMED` */
export function readProto<D extends DescMessage>(schema: D, bytes: Uint8Array): MessageShape<D> {
  const message = tryProto(schema, bytes);
  if (message instanceof WireError) throw message;
  return message;
}

/** Like {@link readProto}, but gives the error back, for messages that have two forms. */
export function tryProto<D extends DescMessage>(
  schema: D,
  bytes: Uint8Array,
): MessageShape<D> | WireError {
  try {
    const message = fromBinary(schema, bytes);
    const missing = missingField(schema, message);
    return missing === undefined
      ? message
      : malformed(schema.name, `the required field "${missing}" is missing`);
  } catch (error) {
    return malformed(schema.name, 'the bytes are not valid protobuf', error);
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

/** Narrows a field that was checked for presence already. */
export function present<T>(value: T | undefined): T {
  assert(value !== undefined, 'a required field is present in a message that was checked');
  return value;
}

function missingField(schema: DescMessage, message: MessageShape<DescMessage>): string | undefined {
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) {
      if (field.presence === requiredPresence) return field.name;
      continue;
    }
    const value: unknown = Reflect.get(message, field.localName);
    if (field.message === undefined) continue;
    const inner = field.fieldKind === 'list' ? (value as unknown[]) : [value];
    for (const one of inner) {
      const missing = missingField(field.message, one as MessageShape<DescMessage>);
      if (missing !== undefined) return `${field.name}.${missing}`;
    }
  }
  return undefined;
}
