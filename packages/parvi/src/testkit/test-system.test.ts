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

  it('may be ended by one of its actors, and nothing else happens within that turn', async () => {
    const time = new ManualTime();
    const [{ system }, { system: beside }] = [testSystem({ time }), testSystem({ time })];
    const told: string[] = [];
    const ended: Promise<void>[] = [];
    const ending = actor<string>(() => ({
      onMessage(text) {
        told.push(`begin ${text}`);
        if (text === 'end') ended.push(system.terminate());
        told.push(`end ${text}`);
      },
    }));
    const refs = [system.spawn(ending), beside.spawn(ending)];
    time.settle();
    refs[0]?.tell('end');
    refs[1]?.tell('other');
    time.settle();
    await ended[0];
    expect(ended.length).toBe(1);
    expect(told).toEqual(['begin end', 'end end', 'begin other', 'end other']);
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
