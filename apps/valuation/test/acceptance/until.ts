// Waiting for something to become true: looked at again and again until a deadline, never slept for.

import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  readonly timeoutMs?: number;
  readonly pollMs?: number;
}

/**
 * What the probe gives once it is neither undefined nor false. A probe that throws counts as not yet.
 *
 * @throws Error that names what was waited for, and what the probe said last
 */
export async function until<T>(
  what: string | (() => string),
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  options: UntilOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, pollMs = 25 } = options;
  const deadlineMs = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await pause(pollMs);
  } while (performance.now() < deadlineMs);
  const text = typeof what === 'string' ? what : what();
  throw new Error(`Waited ${timeoutMs} ms in vain for ${text}`, { cause });
}
