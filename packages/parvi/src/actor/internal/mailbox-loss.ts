// What happens to messages that a mailbox cannot hold or that its actor did not live to take.

import type { ActorRef } from '../ref.ts';
import type { Cell } from './cell.ts';
import { type Envelope, internalSender } from './signals.ts';

/** Makes room in a full mailbox, or drops the arriving message and says `false`. */
export function makeRoom(
  cell: Cell,
  message: unknown,
  sender: ActorRef<never> | undefined,
): boolean {
  const { mailbox } = cell;
  const oldestIsOwn = mailbox.slots[mailbox.head + 1] === internalSender;
  if (cell.options.mailbox?.overflow !== 'dropOldest' || oldestIsOwn) {
    cell.drop(message, sender, 'mailboxFull');
    return false;
  }
  const oldest = mailbox.shift();
  cell.drop(oldest, mailbox.sender as ActorRef<never> | undefined, 'mailboxFull');
  return true;
}

/** The actor has ended; what it did not get to becomes dead letters. */
export function discardMailbox(cell: Cell): void {
  const { mailbox } = cell;
  while (mailbox.size > 0) {
    const message = mailbox.shift();
    const { sender } = mailbox;
    if (sender === internalSender) (message as Envelope).discard(cell);
    else cell.drop(message, sender as ActorRef<never> | undefined, 'recipientStopped');
  }
}
