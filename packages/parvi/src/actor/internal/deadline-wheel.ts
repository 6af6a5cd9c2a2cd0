// Deadlines of very many asks at the cost of a few writes each: a ring of lists by time, and one timer for the nearest
// non-empty list. A deadline is met at the next multiple of 10 ms, never early.

import type { Cancellable, Clock, Timers } from '../../runtime/index.ts';

const tickMs = 10;
const slotsCount = 1024;

/** An entry is a member of its slot's list by itself, so adding and removing allocate nothing. */
export interface WheelEntry {
  next: WheelEntry | undefined;
  previous: WheelEntry | undefined;
  dueTick: number;
  expire(): void;
}

/** The head of a slot's list. */
class Slot implements WheelEntry {
  next: WheelEntry | undefined = undefined;
  previous: WheelEntry | undefined = undefined;
  dueTick = 0;
  expire(): void {}
}

export class DeadlineWheel {
  private readonly clock: Clock;
  private readonly timers: Timers;
  private readonly slots: Slot[] = Array.from({ length: slotsCount }, () => new Slot());
  private armed: Cancellable | undefined = undefined;
  private armedTick = Number.POSITIVE_INFINITY;
  private lastTick = 0;

  constructor(clock: Clock, timers: Timers) {
    this.clock = clock;
    this.timers = timers;
  }

  add(entry: WheelEntry, delayMs: number): void {
    const nowMs = this.clock.nowMs();
    const dueTick = Math.ceil((nowMs + delayMs) / tickMs);
    entry.dueTick = dueTick;
    const slot = this.slots[dueTick & (slotsCount - 1)] as Slot;
    const first = slot.next;
    entry.previous = slot;
    entry.next = first;
    if (first !== undefined) first.previous = entry;
    slot.next = entry;
    if (dueTick < this.armedTick) {
      if (this.armed === undefined) this.lastTick = Math.floor(nowMs / tickMs) - 1;
      this.arm(dueTick, nowMs);
    }
  }

  remove(entry: WheelEntry): void {
    const { previous, next } = entry;
    if (previous === undefined) return;
    previous.next = next;
    if (next !== undefined) next.previous = previous;
    entry.previous = undefined;
    entry.next = undefined;
  }

  /** Takes out and expires all entries, due or not. */
  expireAll(): void {
    this.armed?.cancel();
    this.armed = undefined;
    this.armedTick = Number.POSITIVE_INFINITY;
    for (const slot of this.slots) this.expireSlot(slot, Number.POSITIVE_INFINITY);
  }

  private arm(tick: number, nowMs: number): void {
    this.armed?.cancel();
    this.armedTick = tick;
    this.armed = this.timers.after(Math.max(tick * tickMs - nowMs, 1), this.fired);
  }

  private readonly fired = (): void => {
    const nowMs = this.clock.nowMs();
    const nowTick = Math.floor(nowMs / tickMs);
    this.armed = undefined;
    this.armedTick = Number.POSITIVE_INFINITY;
    const from = Math.max(this.lastTick + 1, nowTick - slotsCount + 1);
    this.lastTick = nowTick;
    for (let tick = from; tick <= nowTick; tick++) {
      this.expireSlot(this.slots[tick & (slotsCount - 1)] as Slot, nowTick);
    }
    for (let tick = nowTick + 1; tick <= nowTick + slotsCount; tick++) {
      if (tick >= this.armedTick) return;
      if ((this.slots[tick & (slotsCount - 1)] as Slot).next === undefined) continue;
      this.arm(tick, nowMs);
      return;
    }
  };

  private expireSlot(slot: Slot, nowTick: number): void {
    let entry = slot.next;
    while (entry !== undefined) {
      const { next } = entry;
      if (entry.dueTick <= nowTick) {
        this.remove(entry);
        entry.expire();
      }
      entry = next;
    }
  }
}
