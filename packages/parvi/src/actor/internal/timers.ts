// The timers of one actor. A timer is its own mailbox entry: a tick that waits there is delivered only if the timer
// still stands, and while it waits no second one is added.

import type { Cancellable } from '../../runtime/index.ts';
import type { Cell } from './cell.ts';
import { type Envelope, statusStopping } from './signals.ts';

class Timer implements Envelope {
  readonly key: string;
  readonly message: unknown;
  /** `undefined` for a timer that fires once. */
  readonly intervalMs: number | undefined;
  dueMs = 0;
  queued = false;
  armed: Cancellable | undefined = undefined;

  constructor(key: string, message: unknown, intervalMs: number | undefined) {
    this.key = key;
    this.message = message;
    this.intervalMs = intervalMs;
  }

  deliver(cell: Cell): unknown {
    this.queued = false;
    return cell.timers.take(this) ? cell.invoke(this.message, undefined) : undefined;
  }

  discard(): void {}
}

export class Timers {
  private readonly cell: Cell;
  private byKey: Map<string, Timer> | undefined = undefined;

  constructor(cell: Cell) {
    this.cell = cell;
  }

  start(key: string, message: unknown, delayMs: number, periodic: boolean): void {
    const { cell } = this;
    if (cell.status >= statusStopping) {
      cell.drop(message, undefined, 'recipientStopped');
      return;
    }
    this.cancel(key);
    this.byKey ??= new Map();
    const timer = new Timer(key, message, periodic ? Math.max(delayMs, 1) : undefined);
    this.byKey.set(key, timer);
    timer.dueMs = cell.host.runtime.clock.nowMs() + delayMs;
    this.arm(timer, delayMs);
  }

  isActive(key: string): boolean {
    return this.byKey?.has(key) ?? false;
  }

  cancel(key: string): void {
    this.byKey?.get(key)?.armed?.cancel();
    this.byKey?.delete(key);
  }

  cancelAll(): void {
    for (const timer of this.byKey?.values() ?? []) timer.armed?.cancel();
    this.byKey = undefined;
  }

  /** Whether a tick of the timer may be delivered; one that fires once ends by it. */
  take(timer: Timer): boolean {
    if (this.byKey?.get(timer.key) !== timer) return false;
    if (timer.intervalMs === undefined) this.byKey.delete(timer.key);
    return true;
  }

  private arm(timer: Timer, delayMs: number): void {
    timer.armed = this.cell.host.runtime.timers.after(delayMs, () => this.fired(timer));
  }

  private fired(timer: Timer): void {
    if (!timer.queued) {
      timer.queued = true;
      this.cell.enqueue(timer);
    }
    if (timer.intervalMs === undefined) return;
    const nowMs = this.cell.host.runtime.clock.nowMs();
    const missed = Math.max(0, Math.floor((nowMs - timer.dueMs) / timer.intervalMs));
    timer.dueMs += (missed + 1) * timer.intervalMs;
    this.arm(timer, Math.max(timer.dueMs - nowMs, 0));
  }
}
