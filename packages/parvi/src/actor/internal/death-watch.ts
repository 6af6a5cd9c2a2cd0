// Who watches this actor, and whom it watches. The end of a watched actor takes its place in the mailbox behind what
// that actor had sent before, and is told once for each watch.

import { ActorError } from '../errors.ts';
import { type ActorRef, refKey, sendSystem, type Termination } from '../ref.ts';
import type { Cell } from './cell.ts';
import { guarded } from './guarded.ts';
import { type Envelope, noMessage, statusStopped } from './signals.ts';

export interface WatchChoice {
  readonly message?: unknown;
  readonly deathPact?: boolean;
}

/** One watch; also the mailbox entry that tells of its end. */
class Watch implements Envelope {
  readonly ref: ActorRef<never>;
  choice: WatchChoice;
  ended: Termination | undefined = undefined;

  constructor(ref: ActorRef<never>, choice: WatchChoice) {
    this.ref = ref;
    this.choice = choice;
  }

  deliver(cell: Cell): unknown {
    if (this.ended === undefined || !cell.deathWatch.forget(this)) return undefined;
    cell.message = noMessage;
    cell.sender = undefined;
    return tellEnd(cell, this.ref, this.choice, this.ended);
  }

  discard(): void {}
}

function tellEnd(cell: Cell, ref: ActorRef<never>, choice: WatchChoice, how: Termination): unknown {
  if (choice.deathPact === true) {
    throw new ActorError(
      'ACTOR_DEATH_PACT',
      `"${cell.localPath}" cannot live without "${ref.path}", which has ended`,
      { fields: { actor: cell.localPath, watched: ref.path } },
    );
  }
  if (choice.message !== undefined) return cell.invoke(choice.message, undefined);
  const table = cell.table;
  if (table?.onTerminated !== undefined) return table.onTerminated.call(table.behavior, ref, how);
  cell.drop({ type: 'terminated', ref, ...how }, undefined, 'unhandled');
  return undefined;
}

export class DeathWatch {
  private readonly cell: Cell;
  private watchers: Map<unknown, ActorRef<never>> | undefined = undefined;
  private watching: Map<unknown, Watch> | undefined = undefined;

  constructor(cell: Cell) {
    this.cell = cell;
  }

  watch(ref: ActorRef<never>, choice: WatchChoice): void {
    const { cell } = this;
    if (ref === cell.ref || cell.status === statusStopped) return;
    this.watching ??= new Map();
    const known = this.watching.get(ref[refKey]());
    if (known !== undefined) {
      known.choice = choice;
      return;
    }
    this.watching.set(ref[refKey](), new Watch(ref, choice));
    ref[sendSystem]({ kind: 'watch', watchee: ref, watcher: cell.ref });
  }

  unwatch(ref: ActorRef<never>): void {
    const known = this.watching?.get(ref[refKey]());
    if (known === undefined || this.watching === undefined) return;
    this.watching.delete(ref[refKey]());
    if (known.ended === undefined) this.sendUnwatch(ref);
  }

  unwatchAll(): void {
    if (this.watching === undefined) return;
    for (const { ref, ended } of this.watching.values()) {
      if (ended === undefined) this.sendUnwatch(ref);
    }
    this.watching = undefined;
  }

  /** The watched actor has ended; a notice of something not watched, or watched no more, is ignored. */
  ended(ref: ActorRef<never>, how: Termination): void {
    const watch = this.watching?.get(ref[refKey]()) ?? this.watching?.get(withoutUid(ref.path));
    if (watch === undefined || watch.ended !== undefined) return;
    watch.ended = {
      existenceConfirmed: how.existenceConfirmed,
      addressTerminated: how.addressTerminated,
    };
    this.cell.enqueue(watch);
  }

  /** Whether the watch still stood; it does not any more. */
  forget(watch: Watch): boolean {
    const key = watch.ref[refKey]();
    if (this.watching?.get(key) !== watch) return false;
    this.watching.delete(key);
    return true;
  }

  addWatcher(watcher: ActorRef<never>): void {
    this.watchers ??= new Map();
    this.watchers.set(watcher[refKey](), watcher);
  }

  removeWatcher(watcher: ActorRef<never>): void {
    this.watchers?.delete(watcher[refKey]());
  }

  tellWatchers(): void {
    if (this.watchers === undefined) return;
    for (const watcher of this.watchers.values()) this.tellOne(watcher);
    this.watchers = undefined;
  }

  answerTooLate(watcher: ActorRef<never>): void {
    this.tellOne(watcher);
  }

  private tellOne(watcher: ActorRef<never>): void {
    const actor = this.cell.ref;
    guarded(this.cell, 'tell a watcher of its end', () =>
      watcher[sendSystem]({
        kind: 'deathWatchNotification',
        actor,
        existenceConfirmed: true,
        addressTerminated: false,
      }),
    );
  }

  private sendUnwatch(ref: ActorRef<never>): void {
    const watcher = this.cell.ref;
    guarded(this.cell, 'end a watch', () =>
      ref[sendSystem]({ kind: 'unwatch', watchee: ref, watcher }),
    );
  }
}

function withoutUid(path: string): string {
  const hash = path.lastIndexOf('#');
  return hash < 0 ? path : path.slice(0, hash);
}
