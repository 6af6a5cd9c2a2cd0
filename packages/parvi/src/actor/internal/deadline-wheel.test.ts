import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualTime } from '../../testkit/manual-time.ts';
import { DeadlineWheel, type WheelEntry } from './deadline-wheel.ts';

class Entry implements WheelEntry {
  next: WheelEntry | undefined = undefined;
  previous: WheelEntry | undefined = undefined;
  dueTick = 0;
  readonly expired: number[] = [];
  readonly time: ManualTime;

  constructor(time: ManualTime) {
    this.time = time;
  }

  expire(): void {
    this.expired.push(this.time.clock.nowMs());
  }
}

it('expires each entry once, never early and at most 10 ms late, unless it was removed', () => {
  const plan = fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 30_000 }),
      delayMs: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 60_000 })),
      removeAfterMs: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(plan, fc.integer({ min: 0, max: 25 }), (entries, startMs) => {
      const time = new ManualTime({ startMs });
      const wheel = new DeadlineWheel(time.clock, time.timers);
      const made = entries.map(({ atMs, delayMs, removeAfterMs }) => {
        const entry = new Entry(time);
        time.timers.after(atMs, () => wheel.add(entry, delayMs));
        if (removeAfterMs !== undefined) {
          time.timers.after(atMs + removeAfterMs, () => wheel.remove(entry));
        }
        return { entry, dueMs: startMs + atMs + delayMs, removeAfterMs, delayMs };
      });
      time.advance(120_000);
      for (const { entry, dueMs, removeAfterMs, delayMs } of made) {
        const [expiredMs] = entry.expired;
        if (removeAfterMs !== undefined && removeAfterMs < delayMs) {
          expect(entry.expired).toEqual([]);
        } else if (removeAfterMs === undefined || removeAfterMs > delayMs + 10) {
          expect(entry.expired).toHaveLength(1);
          expect(expiredMs).toBeGreaterThanOrEqual(dueMs);
          expect(expiredMs).toBeLessThanOrEqual(dueMs + 11);
        }
      }
    }),
    { numRuns: 60 },
  );
});

it('sets no timer while nothing waits', () => {
  const time = new ManualTime();
  let armed = 0;
  const timers = {
    ...time.timers,
    after(delayMs: number, callback: () => void) {
      armed++;
      return time.timers.after(delayMs, callback);
    },
  };
  const wheel = new DeadlineWheel(time.clock, timers);
  for (let i = 0; i < 1000; i++) {
    const entry = new Entry(time);
    wheel.add(entry, 5000);
    time.advance(1);
    wheel.remove(entry);
  }
  time.advance(60_000);
  expect(armed).toBeLessThan(10);
});

it('expires everything at once when it is closed', () => {
  const time = new ManualTime();
  const wheel = new DeadlineWheel(time.clock, time.timers);
  const entries = Array.from({ length: 100 }, () => new Entry(time));
  for (const [i, entry] of entries.entries()) wheel.add(entry, i * 1000);
  wheel.expireAll();
  expect(entries.every(({ expired }) => expired.length === 1)).toBe(true);
});
