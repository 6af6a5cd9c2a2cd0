import { describe, expect, it } from 'vitest';
import { actor } from '../actor/index.ts';
import { ManualTime } from './manual-time.ts';
import { testSystem } from './test-system.ts';

describe('a test system', () => {
  it('has ended when its terminate resolves, without a move of time by the test', async () => {
    const { system, time, probe } = testSystem();
    const listener = probe<string>();
    listener.ref.tell('unread');
    await system.terminate();
    expect(system.isTerminated).toBe(true);
    expect(time.clock.nowMs()).toBe(0);
    await system.terminate();
  });

  it('lets as much time pass at its end as the shutdown waits for', async () => {
    const { system, time } = testSystem({
      shutdown: { phases: { 'service-stop': { timeout: '7s' } } },
    });
    const never = Promise.withResolvers<void>().promise;
    system.coordinatedShutdown.addTask('service-stop', 'never-ends', () => never);
    await Promise.all([system.terminate(), system.terminate()]);
    expect(time.clock.nowMs()).toBe(7000);
  });

  it('may be ended by one of its actors, within a turn', async () => {
    const { system } = testSystem();
    const told: string[] = [];
    const ending = actor<string>(() => ({
      onMessage(text) {
        told.push(`begin ${text}`);
        if (text === 'end') system.terminate();
        told.push(`end ${text}`);
      },
    }));
    const ref = system.spawn(ending);
    ref.tell('end');
    ref.tell('more');
    await system.terminate();
    expect(told.slice(0, 2)).toEqual(['begin end', 'end end']);
    expect(system.isTerminated).toBe(true);
  });

  it('ends beside others of the same time', async () => {
    const time = new ManualTime();
    const [one, other] = [testSystem({ time }), testSystem({ time })];
    await one.system.terminate();
    expect(other.system.isTerminated).toBe(false);
    await other.system.terminate();
  });
});
