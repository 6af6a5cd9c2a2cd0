// Waiting for real sockets: turns of the event loop until something holds.

import { expect } from 'vitest';

/** Far beyond what anything takes on a busy machine; only a hang reaches it. */
export const waitMsMax = 20_000;

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Gives the event loop its turns until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + waitMsMax;
  while (!condition() && performance.now() < deadlineMs) {
    await turn();
  }
  expect(condition()).toBe(true);
}
