// Replies of classic JVM actors come in envelopes that say success or failure; an ask takes them off.

import { ActorError } from '../errors.ts';
import type { MiscMessage } from './wire-port.ts';

/** The value of a reply, or the error to reject the ask with. */
export function unwrapReply(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return message;
  const reply = message as MiscMessage;
  switch (reply.kind) {
    case 'statusReplyErrorText':
      return rejected(reply.text, reply);
    case 'statusFailure':
    case 'statusReplyError':
      return rejected(`${reply.cause.manifest} of serializer ${reply.cause.serializerId}`, reply);
    default:
      return message;
  }
}

function rejected(text: string, reply: MiscMessage): ActorError {
  return new ActorError('ASK_REJECTED', `The other side answered with a failure: ${text}`, {
    fields: { reply },
  });
}
