// Stock messages to bytes and back (serializer 16). Source: Pekko `MiscMessageSerializer`.

import { WireError } from './errors.ts';
import { HeaderText } from './header-text.ts';
import { readProto } from './internal/proto.ts';
import {
  addressInit,
  addressOf,
  controlNodeInit,
  controlNodeOf,
} from './internal/proto-addresses.ts';
import { protoBytes } from './internal/proto-message.ts';
import { payloadInit, payloadOf } from './internal/proto-payload.ts';
import type { MiscMessage } from './misc-messages.ts';
import type { Payload } from './payload.ts';
import {
  ActorIdentitySchema,
  ActorInitializationExceptionSchema,
  ActorRefSchema,
  AddressDataSchema,
  IdentifySchema,
  OptionSchema,
  PayloadSchema,
  RemoteScopeSchema,
  StatusReplyErrorMessageSchema,
  ThrowableNotSerializableSchema,
  ThrowableSchema,
} from './proto/container.ts';
import { UniqueAddressSchema } from './proto/control.ts';

export const miscSerializerId = 16;

const manifests: Readonly<Record<MiscMessage['kind'], HeaderText>> = {
  identify: new HeaderText('A'),
  actorIdentity: new HeaderText('B'),
  option: new HeaderText('C'),
  statusSuccess: new HeaderText('D'),
  statusFailure: new HeaderText('E'),
  throwable: new HeaderText('F'),
  actorRef: new HeaderText('G'),
  optional: new HeaderText('H'),
  poisonPill: new HeaderText('P'),
  kill: new HeaderText('K'),
  done: new HeaderText('DONE'),
  notUsed: new HeaderText('NU'),
  address: new HeaderText('AD'),
  uniqueAddress: new HeaderText('UD'),
  actorInitializationException: new HeaderText('AIEX'),
  throwableNotSerializable: new HeaderText('TNSEX'),
  statusReplySuccess: new HeaderText('S'),
  statusReplyErrorText: new HeaderText('SM'),
  statusReplyError: new HeaderText('SE'),
  statusReplyAck: new HeaderText('SA'),
  localScope: new HeaderText('LS'),
  remoteScope: new HeaderText('RS'),
  config: new HeaderText('CF'),
};

const nothing = new Uint8Array(0);
const encoder = new TextEncoder();

export function miscManifest(message: MiscMessage): HeaderText {
  return manifests[message.kind];
}

export function miscBytes(message: MiscMessage): Uint8Array {
  switch (message.kind) {
    case 'identify':
      return protoBytes(IdentifySchema, { messageId: payloadInit(message.messageId) });
    case 'actorIdentity': {
      const correlationId = payloadInit(message.correlationId);
      const { ref } = message;
      const found = ref === undefined ? {} : { ref: { path: ref } };
      return protoBytes(ActorIdentitySchema, { correlationId, ...found });
    }
    case 'option':
    case 'optional': {
      const { value } = message;
      return protoBytes(OptionSchema, value === undefined ? {} : { value: payloadInit(value) });
    }
    case 'statusSuccess':
    case 'statusReplySuccess':
      return protoBytes(PayloadSchema, payloadInit(message.value));
    case 'statusFailure':
    case 'statusReplyError':
      return protoBytes(PayloadSchema, payloadInit(message.cause));
    case 'statusReplyErrorText':
      return protoBytes(StatusReplyErrorMessageSchema, { errorMessage: message.text });
    case 'actorRef':
      return protoBytes(ActorRefSchema, { path: message.path });
    case 'address':
      return protoBytes(AddressDataSchema, addressInit(message.address));
    case 'uniqueAddress':
      return protoBytes(UniqueAddressSchema, controlNodeInit(message.node));
    case 'remoteScope':
      return protoBytes(RemoteScopeSchema, { node: addressInit(message.node) });
    case 'config':
      return encoder.encode(message.json);
    case 'throwable':
    case 'throwableNotSerializable':
    case 'actorInitializationException':
      return throwableBytes(message);
    case 'poisonPill':
    case 'kill':
    case 'done':
    case 'notUsed':
    case 'statusReplyAck':
    case 'localScope':
      return nothing;
  }
}

type ThrowableMessage = Extract<
  MiscMessage,
  { kind: 'throwable' | 'throwableNotSerializable' | 'actorInitializationException' }
>;

function throwableBytes(message: ThrowableMessage): Uint8Array {
  switch (message.kind) {
    case 'throwable': {
      const { className, message: text, cause, stackTrace } = message;
      return protoBytes(ThrowableSchema, {
        className,
        ...(text === undefined ? {} : { message: text }),
        ...(cause === undefined ? {} : { cause: payloadInit(cause) }),
        stackTrace: [...stackTrace],
      });
    }
    case 'throwableNotSerializable': {
      const { kind, ...texts } = message;
      return protoBytes(ThrowableNotSerializableSchema, texts);
    }
    case 'actorInitializationException': {
      const { actor, message: text, cause } = message;
      return protoBytes(ActorInitializationExceptionSchema, {
        ...(actor === undefined ? {} : { actor: { path: actor } }),
        message: text,
        cause: payloadInit(cause),
      });
    }
  }
}

/** @throws WireError `MANIFEST_UNKNOWN`, `PAYLOAD_MALFORMED` */
export function readMisc(manifest: string, bytes: Uint8Array): MiscMessage {
  const read = Object.hasOwn(readers, manifest) ? readers[manifest] : undefined;
  if (read === undefined) {
    throw new WireError(
      'MANIFEST_UNKNOWN',
      `Cannot read a message of serializer ${miscSerializerId}: its manifest "${manifest}" is not known`,
      { fields: { serializerId: miscSerializerId, manifest } },
    );
  }
  return read(bytes);
}

const readers: Readonly<Record<string, (bytes: Uint8Array) => MiscMessage>> = {
  A: (bytes) => ({
    kind: 'identify',
    messageId: payloadOf(readProto(IdentifySchema, bytes).messageId),
  }),
  B: (bytes) => {
    const { correlationId, ref } = readProto(ActorIdentitySchema, bytes);
    return {
      kind: 'actorIdentity',
      correlationId: payloadOf(correlationId),
      ref: ref?.path,
    };
  },
  C: (bytes) => ({ kind: 'option', value: optionOf(bytes) }),
  H: (bytes) => ({ kind: 'optional', value: optionOf(bytes) }),
  D: (bytes) => ({ kind: 'statusSuccess', value: bareOf(bytes) }),
  S: (bytes) => ({ kind: 'statusReplySuccess', value: bareOf(bytes) }),
  E: (bytes) => ({ kind: 'statusFailure', cause: bareOf(bytes) }),
  SE: (bytes) => ({ kind: 'statusReplyError', cause: bareOf(bytes) }),
  SM: (bytes) => ({
    kind: 'statusReplyErrorText',
    text: readProto(StatusReplyErrorMessageSchema, bytes).errorMessage,
  }),
  F: readThrowable,
  G: (bytes) => ({ kind: 'actorRef', path: readProto(ActorRefSchema, bytes).path }),
  AD: (bytes) => ({ kind: 'address', address: addressOf(readProto(AddressDataSchema, bytes)) }),
  UD: (bytes) => ({
    kind: 'uniqueAddress',
    node: controlNodeOf(readProto(UniqueAddressSchema, bytes)),
  }),
  RS: (bytes) => ({
    kind: 'remoteScope',
    node: addressOf(readProto(RemoteScopeSchema, bytes).node),
  }),
  CF: (bytes) => ({ kind: 'config', json: new TextDecoder().decode(bytes) }),
  TNSEX: (bytes) => {
    const fields = readProto(ThrowableNotSerializableSchema, bytes);
    const { message, originalMessage, originalClassName } = fields;
    return { kind: 'throwableNotSerializable', message, originalMessage, originalClassName };
  },
  AIEX: (bytes) => {
    const { actor, message, cause } = readProto(ActorInitializationExceptionSchema, bytes);
    return {
      kind: 'actorInitializationException',
      actor: actor?.path,
      message,
      cause: payloadOf(cause),
    };
  },
  P: () => ({ kind: 'poisonPill' }),
  K: () => ({ kind: 'kill' }),
  DONE: () => ({ kind: 'done' }),
  NU: () => ({ kind: 'notUsed' }),
  SA: () => ({ kind: 'statusReplyAck' }),
  LS: () => ({ kind: 'localScope' }),
};

function bareOf(bytes: Uint8Array): Payload {
  return payloadOf(readProto(PayloadSchema, bytes));
}

function optionOf(bytes: Uint8Array): Payload | undefined {
  const { value } = readProto(OptionSchema, bytes);
  return value === undefined ? undefined : payloadOf(value);
}

function readThrowable(bytes: Uint8Array): MiscMessage {
  const fields = readProto(ThrowableSchema, bytes);
  const { className, cause } = fields;
  return {
    kind: 'throwable',
    className,
    message: fields.message,
    cause: cause === undefined ? undefined : payloadOf(cause),
    stackTrace: fields.stackTrace.map((element) => ({
      className: element.className,
      methodName: element.methodName,
      fileName: element.fileName,
      lineNumber: element.lineNumber,
    })),
  };
}
