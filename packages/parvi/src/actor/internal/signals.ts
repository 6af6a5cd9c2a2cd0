// What a cell is told outside its mailbox: the system messages of death watch and termination, and what parents and
// children tell each other. All of it overtakes ordinary messages.

import type { SystemMessage } from '../ref.ts';
import type { Cell } from './cell.ts';

export type CellSignal =
  | SystemMessage
  | { readonly kind: 'create' }
  | { readonly kind: 'childStopped'; readonly child: Cell }
  | { readonly kind: 'childFailed'; readonly child: Cell; readonly error: Error }
  | { readonly kind: 'resume' }
  | { readonly kind: 'restartDue' };

/** Stands in the sender's place of a mailbox entry whose message is an {@link Envelope}. */
export const internalSender: unique symbol = Symbol('parvi.internalSender');

/** What an actor is at between messages. */
export const noMessage: unique symbol = Symbol('parvi.noMessage');

/** A mailbox entry that is not a plain message: a timer's tick, a converted message, the end of a watched actor. */
export interface Envelope {
  /** Handles itself inside the actor's turn; the value is what the handler returned. */
  deliver(cell: Cell): unknown;
  /** The actor ended before it got here. */
  discard(cell: Cell): void;
  /** It goes to make room for another message. Without this, it stays: it is the actor's own, such as a timer's tick. */
  makeRoom?(cell: Cell): void;
}

export const statusStarting = 0;
export const statusRunning = 1;
/** Failed and waiting for the parent's decision. */
export const statusSuspended = 2;
export const statusRestarting = 3;
export const statusStopping = 4;
export const statusStopped = 5;
