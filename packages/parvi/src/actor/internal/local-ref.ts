// A reference to an actor of this process.

import { ActorRef, refKey, type SystemMessage, sendSystem } from '../ref.ts';
import type { Cell } from './cell.ts';

export class LocalRef<in M> extends ActorRef<M> {
  readonly cell: Cell;
  private text = '';
  private prefix = '';

  constructor(cell: Cell) {
    super(cell.host.asks);
    this.cell = cell;
  }

  override get path(): string {
    const prefix = this.cell.host.refPrefix;
    if (this.prefix !== prefix) {
      const uid = this.cell.uid === 0 ? '' : `#${this.cell.uid}`;
      this.text = `${prefix}${this.cell.localPath}${uid}`;
      this.prefix = prefix;
    }
    return this.text;
  }

  override get name(): string {
    return this.cell.name;
  }

  override get isStopped(): boolean {
    return this.cell.isStopped;
  }

  /** Messages that wait: here and, behind a router, at its routees, those some messages old. */
  get backlog(): number {
    const { mailbox, routees } = this.cell;
    return routees === undefined ? mailbox.size : mailbox.size + routees.messages();
  }

  exactBacklog(): number {
    const { mailbox, routees } = this.cell;
    return routees === undefined ? mailbox.size : mailbox.size + routees.exact();
  }

  override tell(message: M, sender?: ActorRef<never>): void {
    this.cell.tell(message, sender);
  }

  override [sendSystem](message: SystemMessage): void {
    this.cell.signal(message);
  }

  override [refKey](): unknown {
    return this;
  }
}
