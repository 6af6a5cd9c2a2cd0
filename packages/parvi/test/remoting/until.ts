// Waiting for real sockets: turns of the event loop, counted, instead of a clock.

import { expect } from 'vitest';

/** Gives the event loop its turns until the condition holds; only a hang reaches the bound. */
export async function until(condition: () => boolean, turnsMax = 2_000_000): Promise<void> {
  for (let turn = 0; turn < turnsMax && !condition(); turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
  expect(condition()).toBe(true);
}
