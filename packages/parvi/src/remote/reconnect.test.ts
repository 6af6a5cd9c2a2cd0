import { expect, it } from 'vitest';
import {
  afterConnectionEnd,
  noFailures,
  type Reconnect,
  type ReconnectLimits,
} from './reconnect.ts';

const limits: ReconnectLimits = {
  backoffMinMs: 1000,
  backoffMaxMs: 5000,
  jitter: 0.1,
  restartsMax: Number.POSITIVE_INFINITY,
  stableAfterMs: 1000,
};

function waits(attempts: readonly number[], chance: number, with_: ReconnectLimits) {
  let state: Reconnect = noFailures;
  return attempts.map((lastedMs) => {
    const step = afterConnectionEnd(state, { lastedMs, chance }, with_);
    state = step.state;
    return step.action === 'give-up' ? step.action : step.delayMs;
  });
}

it('waits 1, 2, 4 and then 5 seconds while attempts fail', () => {
  expect(waits([0, 0, 0, 0, 0, 0], 0, limits)).toEqual([1000, 2000, 4000, 5000, 5000, 5000]);
});

it('adds up to a tenth of the wait by chance', () => {
  expect(waits([0, 0], 0.5, limits)).toEqual([1050, 2100]);
});

it('begins anew after a connection that lasted', () => {
  expect(waits([0, 0, 1001, 0], 0, limits)).toEqual([1000, 2000, 1000, 2000]);
});

it('gives up an ordinary stream after three quick failures, and then tries again from the start', () => {
  const ordinary = { ...limits, restartsMax: 3 };
  expect(waits([0, 0, 0, 0, 0], 0, ordinary)).toEqual([1000, 2000, 4000, 'give-up', 1000]);
});

it('never overflows its wait however often it failed', () => {
  const step = afterConnectionEnd({ failures: 5000 }, { lastedMs: 0, chance: 0 }, limits);
  expect(step).toMatchObject({ action: 'dial-after', delayMs: 5000 });
});
