// Time that stands still until a test moves it; turns and timers run in a fixed order.

import type { Timers, Turns } from '../runtime/index.ts';
import {
  type Cancellable,
  type Clock,
  type Random,
  type Runtime,
  seededRandom,
  systemTurns,
} from '../runtime/index.ts';

interface Scheduled {
  readonly dueMs: number;
  readonly order: number;
  readonly intervalMs: number | undefined;
  readonly callback: () => void;
}

/**
 * A clock, timers and turns moved by hand.
 *
 * `settle()` runs all pending turns; `advance(ms)` moves time forward timer by timer, settling after each, so that
 * everything due in between happens in order and at its own time.
 */
export class ManualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly turns: Turns;
  #nowMs: number;
  readonly #wallStartMs: number;
  #order = 0;
  #scheduled: Scheduled[] = [];
  #soon: (() => void)[] = [];
  #settled: (() => void)[] = [];
  #later: (() => void)[] = [];

  constructor(options: { readonly startMs?: number; readonly wallStartMs?: number } = {}) {
    this.#nowMs = options.startMs ?? 0;
    this.#wallStartMs = options.wallStartMs ?? Date.UTC(2026, 0, 1);
    this.clock = {
      nowMs: () => this.#nowMs,
      wallMs: () => this.#wallStartMs + this.#nowMs,
      nanos: () => BigInt(Math.round(this.#nowMs * 1e6)),
    };
    this.timers = {
      after: (delayMs, callback) => this.#schedule(delayMs, undefined, callback),
      every: (intervalMs, callback) => {
        const atLeastMs = Math.max(intervalMs, 1);
        return this.#schedule(atLeastMs, atLeastMs, callback);
      },
    };
    this.turns = {
      soon: (callback) => {
        this.#soon.push(callback);
      },
      settled: (callback) => {
        this.#settled.push(callback);
      },
      later: (callback) => {
        this.#later.push(callback);
      },
    };
  }

  /** A whole runtime over this time, with chance from the seed. */
  runtime(options: { readonly seed?: number; readonly random?: Random } = {}): Runtime {
    return {
      clock: this.clock,
      timers: this.timers,
      turns: this.turns,
      random: options.random ?? seededRandom(options.seed ?? 1),
    };
  }

  /** Runs pending turns until none is left. */
  settle(): void {
    for (;;) {
      const next = this.#soon.shift() ?? this.#settled.shift() ?? this.#later.shift();
      if (next === undefined) return;
      next();
    }
  }

  /** Like {@link settle}, and lets promises resolve in between until nothing more happens. */
  async settleAsync(): Promise<void> {
    do {
      this.settle();
      await allMicrotasks();
    } while (this.#soon.length + this.#settled.length + this.#later.length > 0);
  }

  /** Moves time forward, running every timer that falls due on the way. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    this.settle();
    while (this.#runNextDue(untilMs)) this.settle();
    this.#passTo(untilMs);
  }

  /** Like {@link advance}, and lets promises resolve after each timer. */
  async advanceAsync(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await this.settleAsync();
    while (this.#runNextDue(untilMs)) await this.settleAsync();
    this.#passTo(untilMs);
  }

  /**
   * Moves time from one due timer to the next until the condition holds, for at most that long, and says whether it
   * does. What it costs is the timers on the way, not the time.
   */
  async advanceUntil(condition: () => boolean, withinMs: number): Promise<boolean> {
    const untilMs = this.#nowMs + withinMs;
    await this.settleAsync();
    while (!condition()) {
      if (!this.#runNextDue(untilMs)) {
        this.#passTo(untilMs);
        return false;
      }
      await this.settleAsync();
    }
    return true;
  }

  /** Never back: while one waits for promises, another may have moved time further. */
  #passTo(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }

  #runNextDue(untilMs: number): boolean {
    let next: Scheduled | undefined;
    for (const entry of this.#scheduled) {
      if (entry.dueMs > untilMs) continue;
      const earlier = next === undefined || entry.dueMs < next.dueMs;
      if (earlier || (entry.dueMs === next?.dueMs && entry.order < next.order)) next = entry;
    }
    if (next === undefined) return false;
    const due = next;
    this.#scheduled = this.#scheduled.filter((entry) => entry !== due);
    this.#passTo(due.dueMs);
    if (due.intervalMs !== undefined) {
      this.#scheduled.push({ ...due, dueMs: due.dueMs + due.intervalMs, order: due.order });
    }
    due.callback();
    return true;
  }

  #schedule(delayMs: number, intervalMs: number | undefined, callback: () => void): Cancellable {
    const order = this.#order++;
    const dueMs = this.#nowMs + Math.max(delayMs, 0);
    this.#scheduled.push({ dueMs, order, intervalMs, callback });
    return {
      cancel: () => {
        this.#scheduled = this.#scheduled.filter((entry) => entry.order !== order);
      },
    };
  }
}

/** A later turn of the real event loop begins when no promise is left to go on, however long their chains are. */
function allMicrotasks(): Promise<void> {
  return new Promise((resolve) => systemTurns.later(resolve));
}
