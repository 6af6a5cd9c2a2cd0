// When a stream dials: at once, later after failures, or no more. The rule is in reconnect.ts; here are the clock, the
// timer, and what is remembered of the links before.

import type { Cancellable } from '../runtime/index.ts';
import type { StreamOwner } from './outbound-owner.ts';
import {
  afterConnectionEnd,
  noFailures,
  type Reconnect,
  type ReconnectLimits,
} from './reconnect.ts';

export class DialSchedule {
  /** When the link opened that is or was the last. */
  openedAtMs = 0;
  readonly #owner: Pick<StreamOwner, 'clock' | 'timers' | 'chance'>;
  readonly #limits: ReconnectLimits;
  readonly #dial: () => void;
  #reconnect: Reconnect = noFailures;
  #timer: Cancellable | undefined;
  #dialledAtMs = 0;
  #notBeforeMs = 0;
  #unreachedSinceMs: number | undefined;

  /** `dial` is called when it is time, unless a link was made meanwhile: that is for the caller to see. */
  constructor(
    owner: Pick<StreamOwner, 'clock' | 'timers' | 'chance'>,
    limits: ReconnectLimits,
    dial: () => void,
  ) {
    this.#owner = owner;
    this.#limits = limits;
    this.#dial = dial;
  }

  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** Dials now, or as soon as the last failure is long enough ago. */
  dialSoon(): void {
    if (this.isWaiting) return;
    const waitMs = this.#notBeforeMs - this.#owner.clock.nowMs();
    if (waitMs <= 0) this.#dial();
    else this.dialAfter(waitMs);
  }

  dialAfter(delayMs: number): void {
    this.#timer = this.#owner.timers.after(delayMs, () => {
      this.#timer = undefined;
      this.#dial();
    });
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  dialled(): void {
    this.#dialledAtMs = this.#owner.clock.nowMs();
    this.#unreachedSinceMs ??= this.#dialledAtMs;
  }

  opened(): void {
    this.openedAtMs = this.#owner.clock.nowMs();
    this.#unreachedSinceMs = undefined;
  }

  /** The link ended. Returns how long to wait before the next one; `undefined` when enough was tried. */
  ended(): number | undefined {
    const nowMs = this.#owner.clock.nowMs();
    const next = afterConnectionEnd(
      this.#reconnect,
      { lastedMs: nowMs - this.#dialledAtMs, chance: this.#owner.chance() },
      this.#limits,
    );
    this.#reconnect = next.state;
    if (next.action === 'give-up') return undefined;
    this.#notBeforeMs = nowMs + next.delayMs;
    return next.delayMs;
  }

  /** For how long links have been dialled and none opened. */
  get unreachedMs(): number {
    const nowMs = this.#owner.clock.nowMs();
    return nowMs - (this.#unreachedSinceMs ?? nowMs);
  }

  gaveUp(): void {
    this.#unreachedSinceMs = undefined;
  }
}
