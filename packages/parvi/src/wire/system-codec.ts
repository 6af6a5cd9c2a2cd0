// System messages to bytes and back (serializer 22). Source: Pekko `SystemMessageSerializer`.

import { malformed, readProto } from './internal/proto.ts';
import { protoBytes } from './internal/proto-message.ts';
import { payloadInit, payloadOf } from './internal/proto-payload.ts';
import type { Payload } from './payload.ts';
import {
  type SystemMessage as Fields,
  SystemMessageSchema,
  SystemMessage_Type as Type,
} from './proto/system.ts';
import type { SystemMessage } from './system-messages.ts';

export const systemSerializerId = 22;

export function systemMessageBytes(message: SystemMessage): Uint8Array {
  return protoBytes(SystemMessageSchema, systemMessageInit(message));
}

/** @throws WireError `PAYLOAD_MALFORMED` */
export function readSystemMessage(bytes: Uint8Array): SystemMessage {
  const fields = readProto(SystemMessageSchema, bytes);
  switch (fields.type) {
    case Type.CREATE:
      return { kind: 'create', ...causeOf(fields) };
    case Type.RECREATE:
      return { kind: 'recreate', ...causeOf(fields) };
    case Type.RESUME:
      return { kind: 'resume', ...causeOf(fields) };
    case Type.SUSPEND:
      return { kind: 'suspend' };
    case Type.TERMINATE:
      return { kind: 'terminate' };
    case Type.SUPERVISE: {
      const { child, async } = needed(fields.superviseData, 'superviseData');
      return { kind: 'supervise', child: pathOf(child), async };
    }
    case Type.WATCH:
      return { kind: 'watch', ...watchOf(fields) };
    case Type.UNWATCH:
      return { kind: 'unwatch', ...watchOf(fields) };
    case Type.FAILED: {
      const { child, uid } = needed(fields.failedData, 'failedData');
      return { kind: 'failed', child: pathOf(child), uid, ...causeOf(fields) };
    }
    case Type.DEATH_WATCH_NOTIFICATION: {
      const data = needed(fields.dwNotificationData, 'dwNotificationData');
      const { existenceConfirmed, addressTerminated } = data;
      const actor = pathOf(data.actor);
      return { kind: 'deathWatchNotification', actor, existenceConfirmed, addressTerminated };
    }
  }
}

function systemMessageInit(message: SystemMessage): Fields {
  switch (message.kind) {
    case 'create':
      return { type: Type.CREATE, ...causeInit(message.cause) };
    case 'recreate':
      return { type: Type.RECREATE, ...causeInit(message.cause) };
    case 'resume':
      return { type: Type.RESUME, ...causeInit(message.cause) };
    case 'suspend':
      return { type: Type.SUSPEND };
    case 'terminate':
      return { type: Type.TERMINATE };
    case 'supervise': {
      const { child, async } = message;
      return { type: Type.SUPERVISE, superviseData: { child: { path: child }, async } };
    }
    case 'watch':
      return { type: Type.WATCH, ...watchInit(message) };
    case 'unwatch':
      return { type: Type.UNWATCH, ...watchInit(message) };
    case 'failed': {
      const { child, uid, cause } = message;
      const failedData = { child: { path: child }, uid: BigInt.asUintN(64, uid) };
      return { type: Type.FAILED, failedData, ...causeInit(cause) };
    }
    case 'deathWatchNotification': {
      const { actor, existenceConfirmed, addressTerminated } = message;
      return {
        type: Type.DEATH_WATCH_NOTIFICATION,
        dwNotificationData: { actor: { path: actor }, existenceConfirmed, addressTerminated },
      };
    }
  }
}

function watchInit(message: { watchee: string; watcher: string }): {
  watchData: { watchee: { path: string }; watcher: { path: string } };
} {
  const { watchee, watcher } = message;
  return { watchData: { watchee: { path: watchee }, watcher: { path: watcher } } };
}

function watchOf(fields: Fields): { watchee: string; watcher: string } {
  const { watchee, watcher } = needed(fields.watchData, 'watchData');
  return { watchee: pathOf(watchee), watcher: pathOf(watcher) };
}

function causeInit(cause: Payload | undefined): {
  causeData?: ReturnType<typeof payloadInit>;
} {
  return cause === undefined ? {} : { causeData: payloadInit(cause) };
}

function causeOf(fields: Fields): { cause?: Payload } {
  return fields.causeData === undefined ? {} : { cause: payloadOf(fields.causeData) };
}

function pathOf(ref: { path: string } | undefined): string {
  return needed(ref, 'ref').path;
}

function needed<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw malformed('SystemMessage', `the field "${name}" is missing`);
  return value;
}
