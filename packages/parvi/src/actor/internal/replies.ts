// Replies of classic JVM actors come in envelopes that say success or failure; an ask takes them off.

import { type MiscMessage, type Payload, WireMessage } from '../../wire/index.ts';
import { ActorError } from '../errors.ts';
import { readMisc } from '../protocol.ts';

/** The value of a reply, or the error to reject the ask with. `readPayload` reads what is inside an envelope. */
export function unwrapReply(message: unknown, readPayload: (payload: Payload) => unknown): unknown {
  const misc = message instanceof WireMessage ? readMisc(message) : undefined;
  switch (misc?.kind) {
    case 'statusSuccess':
    case 'statusReplySuccess':
      return readPayload(misc.value);
    case 'statusReplyErrorText':
      return rejected(misc.text, misc);
    case 'statusFailure':
    case 'statusReplyError':
      return rejected(failureText(readPayload(misc.cause)), misc);
    default:
      return message;
  }
}

function failureText(cause: unknown): string {
  const misc = readMisc(cause);
  if (misc?.kind === 'throwable') return `${misc.className}: ${misc.message ?? 'no message'}`;
  if (misc?.kind === 'throwableNotSerializable') {
    return `${misc.originalClassName}: ${misc.originalMessage}`;
  }
  return 'of a kind that is not known here';
}

function rejected(text: string, reply: MiscMessage): ActorError {
  return new ActorError('ASK_REJECTED', `The other side answered the ask with a failure: ${text}`, {
    fields: { reply },
  });
}
