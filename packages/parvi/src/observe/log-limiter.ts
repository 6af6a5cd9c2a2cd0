// Says a thing once, or at most once in a while, however often it happens: a flood of refused frames or dropped
// messages must not become a flood of log lines, nor go unmentioned.

import { assert, type Clock } from '../runtime/index.ts';
import type { LogFields, Logger, LogLevel } from './logger.ts';

export interface LogLimiterOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** Least time between two lines of one key; `Infinity`, the default, for one line ever. */
  readonly intervalMs?: number;
  /** Keys remembered at most; the one that was logged longest ago is forgotten first. By default 1,000. */
  readonly keysMax?: number;
}

interface KeyState {
  loggedAtMs: number;
  suppressed: number;
}

export class LogLimiter {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #keysMax: number;
  readonly #keys = new Map<string, KeyState>();

  constructor(options: LogLimiterOptions) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#intervalMs = options.intervalMs ?? Number.POSITIVE_INFINITY;
    this.#keysMax = options.keysMax ?? 1000;
    assert(this.#keysMax >= 1, `a log limiter remembers at least one key, not ${this.#keysMax}`);
  }

  /**
   * Writes the line unless one of that key was written less than the interval ago; the next line then has the number
   * held back in its field `suppressed`. True when it was written.
   */
  write(key: string, level: LogLevel, fields: LogFields, message: string): boolean {
    if (!this.#log.isEnabled(level)) return false;
    const nowMs = this.#clock.nowMs();
    const state = this.#keys.get(key);
    if (state !== undefined && nowMs - state.loggedAtMs < this.#intervalMs) {
      state.suppressed++;
      return false;
    }
    this.#remember(key, nowMs);
    const held = state?.suppressed ?? 0;
    this.#log[level](held === 0 ? fields : { ...fields, suppressed: held }, message);
    return true;
  }

  /** Forgets a key, so that its next line is written; for what has been put right. */
  reset(key: string): void {
    this.#keys.delete(key);
  }

  #remember(key: string, nowMs: number): void {
    this.#keys.delete(key);
    if (this.#keys.size >= this.#keysMax) {
      const oldest = this.#keys.keys().next();
      if (oldest.done !== true) this.#keys.delete(oldest.value);
    }
    this.#keys.set(key, { loggedAtMs: nowMs, suppressed: 0 });
  }
}

/** A limiter that writes each key once. */
export function logOnce(log: Logger, clock: Clock): LogLimiter {
  return new LogLimiter({ log, clock });
}
