// Messages that an actor set aside until it is ready for them.

import { ActorError } from '../errors.ts';
import { stashCapacity } from '../options.ts';
import type { ActorRef } from '../ref.ts';
import type { Cell } from './cell.ts';
import { noMessage } from './signals.ts';

interface Stashed {
  readonly message: unknown;
  readonly sender: ActorRef<never> | undefined;
}

export class Stash {
  private readonly cell: Cell;
  private readonly capacity: number;
  private stashed: Stashed[] = [];

  constructor(cell: Cell) {
    this.cell = cell;
    this.capacity = stashCapacity(cell.options);
  }

  get size(): number {
    return this.stashed.length;
  }

  /** Sets the message being handled aside. */
  add(): void {
    const { cell } = this;
    const { message, sender, localPath } = cell;
    if (message === noMessage) {
      throw new ActorError(
        'ACTOR_STASH_EMPTY',
        `Cannot stash in "${localPath}": it is not handling a message`,
        { fields: { actor: localPath } },
      );
    }
    const { capacity } = this;
    if (this.stashed.length >= capacity) {
      cell.drop(message, sender, 'stashFull');
      throw new ActorError(
        'ACTOR_STASH_FULL',
        `Cannot stash more than ${capacity} messages in "${localPath}": raise stashCapacity, or unstash earlier`,
        { fields: { actor: localPath, capacity } },
      );
    }
    this.stashed.push({ message, sender });
  }

  /** Puts everything in front of the mailbox, in its old order. */
  release(): void {
    const { stashed } = this;
    if (stashed.length === 0) return;
    this.stashed = [];
    for (const { message, sender } of stashed.reverse()) this.cell.mailbox.unshift(message, sender);
  }
}
