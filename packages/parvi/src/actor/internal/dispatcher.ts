// Gives actors their turns: one run queue a system, drained right after the current callback, and after a slice of
// time only in a later turn of the event loop, so that sockets and timers are never kept waiting.

import type { Clock, Turns } from '../../runtime/index.ts';

/** Something that takes turns. */
export interface Runnable {
  /** In the run queue, or running. Kept by the dispatcher. */
  scheduled: boolean;
  /** Works off up to `limit` messages and says how many it did. */
  run(limit: number): number;
  hasWork(): boolean;
}

/** Messages an actor may handle before others get their turn; also how often the clock is read. */
const throughput = 16;
/** A slice ends after so many messages or milliseconds; then pending I/O has its chance. */
const sliceMessagesMax = 16_384;
const sliceMsMax = 5;
/**
 * What is sent waits for the end of the turn, so that it goes out in one write: not every promise goes on at the same time,
 * and a write of its own for a late one costs more than all its message does. Actors that keep a turn busy hold nothing back
 * longer than so many drains.
 */
const drainsHeldMax = 16;

export class Dispatcher {
  /** Whose turn it is. */
  current: Runnable | undefined = undefined;
  /** Messages handled since the start. */
  handled = 0;
  private readonly clock: Clock;
  private readonly turns: Turns;
  private readonly onError: (thrown: unknown) => void;
  private queue: (Runnable | undefined)[] = new Array<Runnable | undefined>(64);
  private head = 0;
  private size = 0;
  private armed = false;
  private unchecked = 0;
  private sliceMessages = 0;
  private sliceStartMs = 0;
  private sliceOpen = false;
  private exhausted = false;
  private callbacks: (() => void)[] = [];
  private settling = false;
  private drainsHeld = 0;

  /** `onError` is told of after-turn callbacks that throw. */
  constructor(clock: Clock, turns: Turns, onError: (thrown: unknown) => void) {
    this.clock = clock;
    this.turns = turns;
    this.onError = onError;
  }

  /** Those that wait for their turn. */
  get waiting(): number {
    return this.size;
  }

  /** Puts the runnable at the end of the run queue; the caller has seen that it is not `scheduled`. */
  schedule(runnable: Runnable): void {
    runnable.scheduled = true;
    this.push(runnable);
    if (!this.armed) this.arm();
  }

  /** Calls back once, when this turn has nothing left to do, and after some drains of the run queue in any case. */
  afterTurn(callback: () => void): void {
    this.callbacks.push(callback);
    if (this.settling) return;
    this.settling = true;
    this.turns.settled(this.settle);
  }

  private arm(): void {
    this.armed = true;
    if (this.exhausted) this.turns.later(this.drain);
    else this.turns.soon(this.drain);
  }

  private readonly drain = (): void => {
    try {
      do this.runOne();
      while (this.size > 0 && !this.exhausted);
    } finally {
      this.current = undefined;
      if (this.callbacks.length > 0 && ++this.drainsHeld >= drainsHeldMax) this.runCallbacks();
      this.armed = false;
      if (this.size > 0) this.arm();
    }
  };

  private runOne(): void {
    if (this.size === 0) return;
    const runnable = this.shift();
    this.current = runnable;
    const taken = runnable.run(throughput);
    this.handled += taken;
    this.unchecked += taken + 1;
    if (runnable.hasWork()) this.push(runnable);
    else runnable.scheduled = false;
    if (this.unchecked >= throughput) this.checkSlice();
  }

  /**
   * Asks that are awaited in a loop never leave the microtasks of one turn, so a slice spans drains: it is opened
   * by the first busy one and closed by a callback that only runs once the event loop has come round.
   */
  private checkSlice(): void {
    const nowMs = this.clock.nowMs();
    if (!this.sliceOpen) {
      this.sliceOpen = true;
      this.sliceStartMs = nowMs;
      this.sliceMessages = 0;
      this.turns.later(this.closeSlice);
    }
    this.sliceMessages += this.unchecked;
    this.unchecked = 0;
    const spentMs = nowMs - this.sliceStartMs;
    this.exhausted = this.sliceMessages >= sliceMessagesMax || spentMs >= sliceMsMax;
  }

  private readonly closeSlice = (): void => {
    this.sliceOpen = false;
    this.exhausted = false;
  };

  private readonly settle = (): void => {
    this.settling = false;
    this.runCallbacks();
  };

  private runCallbacks(): void {
    this.drainsHeld = 0;
    if (this.callbacks.length === 0) return;
    const callbacks = this.callbacks;
    this.callbacks = [];
    for (const callback of callbacks) {
      try {
        callback();
      } catch (thrown) {
        this.onError(thrown);
      }
    }
  }

  private push(runnable: Runnable): void {
    if (this.size === this.queue.length) this.grow();
    this.queue[(this.head + this.size) & (this.queue.length - 1)] = runnable;
    this.size++;
  }

  private shift(): Runnable {
    const runnable = this.queue[this.head] as Runnable;
    this.queue[this.head] = undefined;
    this.head = (this.head + 1) & (this.queue.length - 1);
    this.size--;
    return runnable;
  }

  private grow(): void {
    const old = this.queue;
    const mask = old.length - 1;
    this.queue = new Array<Runnable | undefined>(old.length * 2);
    for (let i = 0; i < old.length; i++) this.queue[i] = old[(this.head + i) & mask];
    this.head = 0;
  }
}
