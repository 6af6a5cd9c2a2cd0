// Refs that stand in front of an actor: what they are told reaches it converted. They have a path of their own, so
// that far actors can use them, and they end with the incarnation that made them.

import { base64Counter, toError } from '../../runtime/index.ts';
import { ActorRef, refKey, type SystemMessage, sendSystem, undeliverable } from '../ref.ts';
import type { Cell } from './cell.ts';
import { invokeConverted } from './converted.ts';
import { guarded } from './guarded.ts';
import { LocalRef } from './local-ref.ts';
import { makeRoom } from './mailbox-loss.ts';
import type { Envelope } from './signals.ts';

class Adapted implements Envelope {
  readonly ref: FunctionRef;
  readonly message: unknown;
  readonly sender: ActorRef<never> | undefined;

  constructor(ref: FunctionRef, message: unknown, sender: ActorRef<never> | undefined) {
    this.ref = ref;
    this.message = message;
    this.sender = sender;
  }

  deliver(cell: Cell): unknown {
    const { message, ref, sender } = this;
    if (!ref.isStopped) return invokeConverted(cell, this.converted(), sender, this);
    cell.drop(message, sender, 'earlierIncarnation');
    return undefined;
  }

  discard(cell: Cell): void {
    cell.drop(this.message, this.sender, 'recipientStopped');
  }

  makeRoom(cell: Cell): void {
    cell.drop(this.message, this.sender, 'mailboxFull');
  }

  private converted(): unknown {
    const { message, ref } = this;
    try {
      return ref.convert(message as never);
    } catch (thrown) {
      this.failed(thrown);
      throw thrown;
    }
  }

  failed(thrown: unknown): void {
    this.sender?.[undeliverable]('handlerFailed', this.ref.path, toError(thrown));
  }
}

export class FunctionRef extends ActorRef<unknown> {
  readonly convert: (message: never) => unknown;
  readonly cell: Cell;
  private readonly watchers = new Map<unknown, ActorRef<never>>();
  private readonly ownName: string;
  private closed = false;

  constructor(cell: Cell, name: string, convert: (message: never) => unknown) {
    super(cell.host.asks);
    this.cell = cell;
    this.ownName = name;
    this.convert = convert;
  }

  override get name(): string {
    return this.ownName;
  }

  override get path(): string {
    const { host, localPath, uid } = this.cell;
    return `${host.refPrefix}${localPath}/${this.name}#${uid}`;
  }

  override get isStopped(): boolean {
    return this.closed || this.cell.isStopped;
  }

  override tell(message: unknown, sender?: ActorRef<never>): void {
    const { cell } = this;
    if (this.closed) {
      const reason = cell.isStopped ? 'recipientStopped' : 'earlierIncarnation';
      cell.host.deadLetters.publish({ message, recipient: this, sender, reason });
    } else if (
      cell.isStopped ||
      cell.mailbox.size < cell.capacity ||
      makeRoom(cell, message, sender)
    ) {
      cell.enqueue(new Adapted(this, message, sender));
    }
  }

  override [sendSystem](message: SystemMessage): void {
    if (message.kind === 'unwatch') this.watchers.delete(message.watcher[refKey]());
    if (message.kind !== 'watch') return;
    if (this.closed) this.tellEnd(message.watcher);
    else this.watchers.set(message.watcher[refKey](), message.watcher);
  }

  override [refKey](): unknown {
    return this;
  }

  close(): void {
    this.closed = true;
    for (const watcher of this.watchers.values()) {
      guarded(this.cell, 'tell a watcher of its end', () => this.tellEnd(watcher));
    }
    this.watchers.clear();
  }

  private tellEnd(watcher: ActorRef<never>): void {
    watcher[sendSystem]({
      kind: 'deathWatchNotification',
      actor: this,
      existenceConfirmed: true,
      addressTerminated: false,
    });
  }
}

/** The ref of the actor in whose mailbox messages to that ref wait, where it is one of this system. */
export function mailboxOwner(ref: ActorRef<never>): LocalRef<unknown> | undefined {
  if (ref instanceof LocalRef) return ref;
  return ref instanceof FunctionRef ? ref.cell.ref : undefined;
}

export class FunctionRefs {
  private readonly cell: Cell;
  private byName: Map<string, FunctionRef> | undefined = undefined;
  private generated = 0;

  constructor(cell: Cell) {
    this.cell = cell;
  }

  get(name: string): FunctionRef | undefined {
    return this.byName?.get(name);
  }

  add(convert: (message: never) => unknown): FunctionRef {
    const ref = new FunctionRef(this.cell, `$$${base64Counter(this.generated++)}`, convert);
    this.byName ??= new Map();
    this.byName.set(ref.name, ref);
    return ref;
  }

  close(): void {
    for (const ref of this.byName?.values() ?? []) ref.close();
    this.byName = undefined;
  }
}
