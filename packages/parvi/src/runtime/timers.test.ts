import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isoTime, systemClock } from './clock.ts';
import { monitorLoopDelay } from './loop-delay.ts';
import { systemRuntime } from './runtime.ts';
import { systemTimers } from './timers.ts';
import { systemTurns } from './turns.ts';

const dayMs = 86_400_000;

describe('the timers of the process', () => {
  const timers = systemTimers({ keepsProcessAlive: false });
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('call back once after the delay', () => {
    const callback = vi.fn();
    timers.after(50, callback);
    vi.advanceTimersByTime(49);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('call back every interval until cancelled', () => {
    const callback = vi.fn();
    const timer = timers.every(10, callback);
    vi.advanceTimersByTime(35);
    timer.cancel();
    vi.advanceTimersByTime(100);
    expect(callback).toHaveBeenCalledTimes(3);
  });

  it('wait for delays beyond what one timer of Node takes', () => {
    const callback = vi.fn();
    timers.after(60 * dayMs, callback);
    vi.advanceTimersByTime(60 * dayMs - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('can be cancelled in any part of a long delay', () => {
    const callback = vi.fn();
    const timer = timers.after(60 * dayMs, callback);
    vi.advanceTimersByTime(40 * dayMs);
    timer.cancel();
    vi.advanceTimersByTime(40 * dayMs);
    expect(callback).not.toHaveBeenCalled();
  });

  it('take a delay that has passed for none', () => {
    const callback = vi.fn();
    timers.after(-5, callback);
    vi.advanceTimersByTime(0);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('hold the process only when told to', () => {
    const started = vi.spyOn(globalThis, 'setTimeout');
    systemTimers({ keepsProcessAlive: true }).after(5, () => undefined);
    timers.after(5, () => undefined);
    const [holding, free] = started.mock.results.map((one) => one.value as NodeJS.Timeout);
    expect([holding?.hasRef(), free?.hasRef()]).toEqual([true, false]);
    started.mockRestore();
  });
});

describe('the turns of the event loop', () => {
  it('come soon before they come later', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      systemTurns.later(() => {
        order.push('later');
        resolve();
      });
      systemTurns.soon(() => order.push('soon'));
      order.push('now');
    });
    expect(order).toEqual(['now', 'soon', 'later']);
  });
});

describe('a turn that has settled', () => {
  const promises = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await undefined;
  };

  it.each(['a callback', 'a promise'])(
    'has no promise left to go on, asked for in %s',
    async (where) => {
      const order: string[] = [];
      await new Promise<void>((resolve) => {
        const ask = () => {
          void promises(10).then(() => order.push('promises'));
          systemTurns.settled(() => order.push('settled'));
          setImmediate(() => {
            order.push('later');
            resolve();
          });
        };
        if (where === 'a callback') setImmediate(ask);
        else void promises(1).then(ask);
      });
      expect(order).toEqual(['promises', 'settled', 'later']);
    },
  );

  it('is not waited for when promises follow from promises without end', async () => {
    let hasSettled = false;
    systemTurns.settled(() => {
      hasSettled = true;
    });
    let rounds = 0;
    while (!hasSettled && rounds < 1000) {
      await undefined;
      rounds++;
    }
    expect(rounds).toBeLessThan(20);
  });
});

describe('the clock of the process', () => {
  it('goes forward, in agreement with itself', () => {
    const [ms, nanos, laterMs] = [systemClock.nowMs(), systemClock.nanos(), systemClock.nowMs()];
    expect(laterMs).toBeGreaterThanOrEqual(ms);
    expect(systemClock.nanos()).toBeGreaterThanOrEqual(nanos);
    expect(systemClock.wallMs()).toBeGreaterThan(Date.UTC(2025, 0, 1));
  });

  it('writes times as ISO 8601', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('the delay of the event loop', () => {
  it('is 0 before there are samples, and cannot be negative', () => {
    const delay = monitorLoopDelay();
    expect([delay.quantileMs(0.99), delay.maxMs()]).toEqual([0, 0]);
    delay.reset();
    expect(delay.quantileMs(0)).toBeGreaterThanOrEqual(0);
    delay.stop();
  });
});

it('a runtime of the process has all ports', () => {
  expect(Object.keys(systemRuntime()).sort()).toEqual(['clock', 'random', 'timers', 'turns']);
});
