// Refs that have no actor behind them: the dead-letter stand-in at a path where nobody is, and the root of the tree.

import type { DeadLetterReason, DeadLetters } from '../dead-letters.ts';
import { readIdentify, SelectedMessage } from '../protocol.ts';
import { ActorRef, type AskDoor, type SystemMessage, sendSystem } from '../ref.ts';
import { answerIdentify } from './auto-receive.ts';

export interface StandInPlace {
  readonly path: string;
  readonly reason: DeadLetterReason;
}

/** Answers Identify with nobody, and a watch with an end at once; everything else becomes a dead letter. */
export class DeadLetterRef extends ActorRef<unknown> {
  override readonly path: string;
  readonly reason: DeadLetterReason;
  private readonly deadLetters: DeadLetters;

  constructor(asks: AskDoor, deadLetters: DeadLetters, place: StandInPlace) {
    super(asks);
    this.deadLetters = deadLetters;
    this.path = place.path;
    this.reason = place.reason;
  }

  override get isStopped(): boolean {
    return true;
  }

  override tell(message: unknown, sender?: ActorRef<never>): void {
    const identify = readIdentify(message);
    if (identify !== undefined) answerIdentify(identify, undefined, sender);
    else this.deadLetters.publish({ message, recipient: this.path, sender, reason: this.reason });
  }

  override [sendSystem](message: SystemMessage): void {
    if (message.kind !== 'watch') return;
    message.watcher[sendSystem]({
      kind: 'deathWatchNotification',
      actor: this,
      existenceConfirmed: false,
      addressTerminated: false,
    });
  }
}

export interface RootPlace {
  path(): string;
  select(selected: SelectedMessage, sender: ActorRef<never> | undefined): void;
}

/** The root guardian: where selections from other nodes arrive. */
export class RootRef extends ActorRef<unknown> {
  private readonly place: RootPlace;
  private readonly deadLetters: DeadLetters;

  constructor(asks: AskDoor, deadLetters: DeadLetters, place: RootPlace) {
    super(asks);
    this.place = place;
    this.deadLetters = deadLetters;
  }

  override get path(): string {
    return this.place.path();
  }

  override get isStopped(): boolean {
    return false;
  }

  override tell(message: unknown, sender?: ActorRef<never>): void {
    const identify = readIdentify(message);
    if (message instanceof SelectedMessage) this.place.select(message, sender);
    else if (identify !== undefined) answerIdentify(identify, this.path, sender);
    else {
      this.deadLetters.publish({ message, recipient: this, sender, reason: 'unhandled' });
    }
  }

  override [sendSystem](): void {}
}

/** Pekko's name for the ref that swallows everything; it has no address, ever. */
export const ignorePath = 'pekko://local/ignore';

/** For replies that nobody wants: what it is told is gone, and not even a dead letter. */
export class IgnoreRef extends ActorRef<unknown> {
  override readonly path = ignorePath;

  override get isStopped(): boolean {
    return false;
  }

  override tell(): void {}

  override [sendSystem](): void {}
}
