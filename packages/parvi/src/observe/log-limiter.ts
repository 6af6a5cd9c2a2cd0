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
  /**
   * Lines of keys that are not remembered, in one window: as many different keys as anybody likes to make up are still
   * no flood. The rest is counted in one line when the window is over. Default `Infinity`.
   */
  readonly newKeysMax?: number;
  /** Length of that window. Default 60,000. */
  readonly windowMs?: number;
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
  readonly #newKeysMax: number;
  readonly #windowMs: number;
  readonly #keys = new Map<string, KeyState>();
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #newKeys = 0;
  #notLogged = 0;
  #lastNotLogged = '';

  constructor(options: LogLimiterOptions) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#intervalMs = options.intervalMs ?? Number.POSITIVE_INFINITY;
    this.#keysMax = options.keysMax ?? 1000;
    this.#newKeysMax = options.newKeysMax ?? Number.POSITIVE_INFINITY;
    this.#windowMs = options.windowMs ?? 60_000;
    assert(this.#keysMax >= 1, `a log limiter remembers at least one key, not ${this.#keysMax}`);
    assert(
      this.#newKeysMax >= 1,
      `a log limiter writes at least one new key in a window, not ${this.#newKeysMax}`,
    );
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
    if (state === undefined && !this.#admitNewKey(nowMs, message)) return false;
    this.#remember(key, nowMs);
    const held = state?.suppressed ?? 0;
    this.#log[level](held === 0 ? fields : { ...fields, suppressed: held }, message);
    return true;
  }

  /** Says what was not logged in a window that is over; to be called now and then, as a flood may just end. */
  tick(): void {
    this.#endWindow(this.#clock.nowMs());
  }

  /** Forgets a key, so that its next line is written; for what has been put right. */
  reset(key: string): void {
    this.#keys.delete(key);
  }

  #admitNewKey(nowMs: number, message: string): boolean {
    this.#endWindow(nowMs);
    if (this.#newKeys < this.#newKeysMax) {
      if (this.#newKeys === 0) this.#windowStartMs = nowMs;
      this.#newKeys++;
      return true;
    }
    this.#notLogged++;
    this.#lastNotLogged = message;
    return false;
  }

  #endWindow(nowMs: number): void {
    if (nowMs - this.#windowStartMs < this.#windowMs) return;
    const notLogged = this.#notLogged;
    this.#newKeys = 0;
    this.#notLogged = 0;
    if (notLogged === 0) return;
    const fields = { notLogged, withinMs: this.#windowMs, last: this.#lastNotLogged };
    const lines =
      notLogged === 1 ? '1 more line like these was' : `${notLogged} more lines like these were`;
    this.#log.warn(fields, `${lines} not logged`);
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
