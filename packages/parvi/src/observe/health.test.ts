import { describe, expect, it } from 'vitest';
import { ManualTime } from '../testkit/manual-time.ts';
import { HealthRegistry } from './health.ts';

function registry() {
  const time = new ManualTime();
  return { time, health: new HealthRegistry({ clock: time.clock, timers: time.timers }) };
}

describe('a health registry', () => {
  it('is healthy without checks', async () => {
    const { health } = registry();
    expect(await health.run('ready')).toEqual({ aspect: 'ready', healthy: true, checks: [] });
  });

  it('runs the checks of the aspect only and says why one fails', async () => {
    const { health } = registry();
    health.register({ name: 'member', aspect: 'ready', check: () => true });
    health.register({ name: 'nothing said', aspect: 'ready', check: () => undefined });
    health.register({ name: 'journal', aspect: 'ready', check: async () => 'the disk is full' });
    health.register({ name: 'flag', aspect: 'ready', check: () => false });
    health.register({ name: 'other', aspect: 'alive', check: () => false });
    const report = await health.run('ready');
    expect(report.healthy).toBe(false);
    expect(report.checks.map(({ name, reason }) => [name, reason])).toEqual([
      ['member', undefined],
      ['nothing said', undefined],
      ['journal', 'the disk is full'],
      ['flag', 'is not healthy'],
    ]);
    expect(health.names('alive')).toEqual(['other']);
  });

  it('takes a check that throws for unhealthy, with its causes', async () => {
    const { health } = registry();
    health.register({
      name: 'database',
      aspect: 'ready',
      check: () => {
        throw new Error('no connection', { cause: new Error('refused') });
      },
    });
    expect((await health.run('ready')).checks[0]?.reason).toBe('no connection: refused');
  });

  it('answers when the time limit of a check has passed and aborts it', async () => {
    const { time, health } = registry();
    let signal: AbortSignal | undefined;
    health.register({
      name: 'hangs',
      aspect: 'ready',
      timeLimitMs: 250,
      check: (given) => {
        signal = given;
        return new Promise<never>(() => undefined);
      },
    });
    const running = health.run('ready');
    await time.advanceAsync(249);
    expect(signal?.aborted).toBe(false);
    await time.advanceAsync(1);
    const report = await running;
    expect(signal?.aborted).toBe(true);
    expect(report.checks).toEqual([
      {
        name: 'hangs',
        healthy: false,
        outcome: 'timedOut',
        reason: 'did not answer within 250 ms',
        tookMs: 250,
        limitMs: 250,
      },
    ]);
  });

  it('does not start a check again while it runs', async () => {
    const { time, health } = registry();
    let started = 0;
    let finish = (_: boolean): void => undefined;
    health.register({
      name: 'slow',
      aspect: 'ready',
      check: () => {
        started++;
        return new Promise<boolean>((resolve) => {
          finish = resolve;
        });
      },
    });
    const first = health.run('ready');
    await time.advanceAsync(1000);
    expect((await first).healthy).toBe(false);
    const second = health.run('ready');
    finish(true);
    expect((await second).healthy).toBe(true);
    expect(started).toBe(1);
    const third = health.run('ready');
    finish(true);
    expect((await third).healthy).toBe(true);
    expect(started).toBe(2);
  });

  it('refuses two checks of one name and forgets a cancelled one', async () => {
    const { health } = registry();
    const check = { name: 'a', aspect: 'ready', check: () => false } as const;
    const registration = health.register(check);
    expect(() => health.register(check)).toThrow(
      expect.objectContaining({ code: 'HEALTH_CHECK_CONFLICT' }),
    );
    health.register({ ...check, aspect: 'startup' });
    registration.cancel();
    expect((await health.run('ready')).healthy).toBe(true);
    expect((await health.run('startup')).healthy).toBe(false);
  });
});
