import { describe, expect, it } from 'vitest';
import { systemTurns } from '../runtime/index.ts';
import { ManualTime } from './manual-time.ts';
import { testSystem } from './test-system.ts';

/** Turns of the real event loop that pass until the promise has resolved. */
async function turnsOf(promise: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) systemTurns.later(count);
  };
  systemTurns.later(count);
  await promise;
  isOver = true;
  return turns;
}

describe('manual time', () => {
  it('stops at the timer that makes the condition true', async () => {
    const time = new ManualTime();
    let rung = 0;
    time.timers.every(250, () => rung++);
    expect(await time.advanceUntil(() => rung === 3, 10_000)).toBe(true);
    expect(time.clock.nowMs()).toBe(750);
    expect(await time.advanceUntil(() => rung === 0, 300)).toBe(false);
    expect(time.clock.nowMs()).toBe(1050);
  });

  it('runs what is due at the very end of the time', async () => {
    const time = new ManualTime();
    let rung = false;
    time.timers.after(1000, () => {
      rung = true;
    });
    expect(await time.advanceUntil(() => rung, 999)).toBe(false);
    expect(await time.advanceUntil(() => rung, 1)).toBe(true);
  });

  it('does not go back when two move it at once', async () => {
    const time = new ManualTime();
    const short = time.advanceAsync(1000);
    time.advance(5000);
    await short;
    expect(time.clock.nowMs()).toBe(5000);
  });

  it('costs what happens in it, not how long it is', async () => {
    const { probe, time } = testSystem();
    const listener = probe<string>();
    time.timers.after(30 * 60_000, () => undefined);
    expect(await turnsOf(listener.expectNoMessage(59 * 60_000))).toBeLessThan(100);
    expect(await turnsOf(listener.expectNotTerminated(59 * 60_000))).toBeLessThan(100);
    expect(time.clock.nowMs()).toBe(2 * 59 * 60_000);
  });
});
