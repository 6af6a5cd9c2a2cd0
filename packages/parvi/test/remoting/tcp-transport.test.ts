import { expect } from 'vitest';
import { tcpTransport } from '../../src/remote/index.ts';
import { transportConformance } from './transport-conformance.ts';

/** Gives the event loop its turns, up to a bound that only a hang reaches. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200_000 && !condition(); turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
  expect(condition()).toBe(true);
}

transportConformance('the TCP transport', () => ({
  transport: tcpTransport(),
  host: '127.0.30.1',
  until,
}));
