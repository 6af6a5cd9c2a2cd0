// What a converter of an adapted ref, or of a piped outcome, gave: handled as the message that it is.

import { isPromiseLike } from '../callbacks.ts';
import type { ActorRef } from '../ref.ts';
import type { Cell } from './cell.ts';

/** A converter that failed after it had returned, and who is to hear of it. */
interface Converting {
  failed(thrown: unknown): void;
}

/** Handles what a converter gave; where that is a promise, the mailbox waits for it as for an asynchronous handler. */
export function invokeConverted(
  cell: Cell,
  converted: unknown,
  sender: ActorRef<never> | undefined,
  converting?: Converting,
): unknown {
  if (!isPromiseLike(converted)) return cell.invoke(converted, sender);
  return Promise.resolve(converted).then(
    (message) => cell.invoke(message, sender),
    (thrown: unknown) => {
      converting?.failed(thrown);
      throw thrown;
    },
  );
}
