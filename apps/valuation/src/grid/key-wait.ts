// How long a submission waits for its idempotency key while another one has it, at this controller or elsewhere. Its own
// upload is not read meanwhile, so the wait is over before the client or the HTTP server takes the other for silent.

import type { Cancellable, Timers } from 'parvi/runtime';
import { GridError } from './errors.ts';

/** Clients commonly wait half a minute, as `valuation submit` does, and the HTTP server a whole one. */
const keyWaitMsMax = 20_000;
const retryAfterSeconds = 5;

/** That of one submission; begins with its making. */
export class KeyWait {
  readonly #over = Promise.withResolvers<never>();
  readonly #limit: Cancellable;

  constructor(key: string, timers: Timers) {
    // It is raced against only while something is waited for.
    this.#over.promise.catch(() => undefined);
    this.#limit = timers.after(keyWaitMsMax, () => this.#over.reject(keyBusy(key)));
  }

  /** Waits for the end of something, be it a failure. @throws GridError `IDEMPOTENCY_KEY_BUSY` when the time is over */
  async until(ending: Promise<unknown>): Promise<void> {
    await Promise.race([ending.catch(() => undefined), this.#over.promise]);
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#limit.cancel();
  }
}

const keyBusy = (key: string): GridError =>
  new GridError(
    'IDEMPOTENCY_KEY_BUSY',
    `Cannot take a submission with the idempotency key "${key}": another one with it has been coming in for ${keyWaitMsMax / 1000} s; send this one again later, with the same key`,
    { fields: { field: 'Idempotency-Key', retryAfterSeconds } },
  );
