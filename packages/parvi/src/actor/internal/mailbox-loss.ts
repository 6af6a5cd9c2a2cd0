// What happens to messages that a mailbox cannot hold or that its actor did not live to take.

import type { ActorRef } from '../ref.ts';
import type { Cell } from './cell.ts';
import type { Mailbox } from './mailbox.ts';
import { type Envelope, internalSender } from './signals.ts';

/** Entries looked at for one that may go, so that a full mailbox of the actor's own entries costs little. */
const lookedAtMax = 256;

/** Makes room in a full mailbox, or drops the arriving message and says `false`. */
export function makeRoom(
  cell: Cell,
  message: unknown,
  sender: ActorRef<never> | undefined,
): boolean {
  const dropsOldest = cell.options.mailbox?.overflow === 'dropOldest';
  const before = dropsOldest ? entriesBeforeOldest(cell.mailbox) : undefined;
  if (before === undefined) {
    cell.drop(message, sender, 'mailboxFull');
    return false;
  }
  const oldest = cell.mailbox.takeBehind(before);
  const from = cell.mailbox.sender;
  if (from === internalSender) (oldest as Envelope).makeRoom?.(cell);
  else cell.drop(oldest, from as ActorRef<never> | undefined, 'mailboxFull');
  return true;
}

/** Entries before the oldest message that may go; the actor's own, such as ticks of its timers, do not. */
function entriesBeforeOldest({ slots, head, size }: Mailbox): number | undefined {
  const mask = slots.length - 1;
  for (let i = 0; i < size && i < lookedAtMax; i++) {
    const at = (head + i * 2) & mask;
    if (slots[at + 1] !== internalSender) return i;
    if ((slots[at] as Envelope).makeRoom !== undefined) return i;
  }
  return undefined;
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
