import { describe, expect, it } from 'vitest';
import type { ProcessPort, StopSignal } from '../runtime/index.ts';
import { testSystem } from '../testkit/test-system.ts';
import { actor } from './actor.ts';
import { shutdownPhases, shutdownReasons } from './shutdown-phases.ts';

/** A process that can be signalled and writes down its exits. */
function fakeProcess() {
  const handlers = new Map<StopSignal, Set<() => void>>();
  const exits: number[] = [];
  const port: ProcessPort = {
    environment: {},
    processId: 1,
    onSignal(signal, callback) {
      const set = handlers.get(signal) ?? new Set();
      set.add(callback);
      handlers.set(signal, set);
      return { cancel: () => set.delete(callback) };
    },
    exit: (code) => void exits.push(code),
    writeOut: () => undefined,
    writeError: () => undefined,
    isTerminal: () => false,
    residentBytes: () => 0,
  };
  const signal = (name: StopSignal): void => {
    for (const handler of handlers.get(name) ?? []) handler();
  };
  return { port, exits, signal, handlers };
}

const never = (): Promise<void> => new Promise(() => undefined);

describe('coordinated shutdown', () => {
  it("has Pekko's phases in Pekko's order", () => {
    expect(shutdownPhases.map(({ name, timeoutMs }) => `${name} ${timeoutMs / 1000}`)).toEqual([
      'before-service-unbind 5',
      'service-unbind 5',
      'service-requests-done 5',
      'service-stop 5',
      'before-cluster-shutdown 5',
      'cluster-sharding-shutdown-region 10',
      'cluster-leave 5',
      'cluster-exiting 10',
      'cluster-exiting-done 5',
      'cluster-shutdown 5',
      'before-actor-system-terminate 5',
      'actor-system-terminate 10',
    ]);
  });

  it('runs the phases one after another, and the tasks of a phase at once', async () => {
    const { system, time } = testSystem();
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    const { coordinatedShutdown: shutdown } = system;
    shutdown.addTask('cluster-leave', 'leave', () => void seen.push('leave'));
    shutdown.addTask('service-unbind', 'slow', async () => {
      seen.push('slow begins');
      await gate.promise;
      seen.push('slow ends');
    });
    shutdown.addTask('service-unbind', 'quick', ({ name }) => void seen.push(`quick: ${name}`));
    const run = shutdown.run(shutdownReasons.clusterLeaving);
    await time.settleAsync();
    expect(seen).toEqual(['slow begins', 'quick: clusterLeaving']);
    gate.resolve();
    await time.settleAsync();
    expect(seen.slice(2)).toEqual(['slow ends', 'leave']);
    const report = await run;
    expect(report.phases.map(({ phase }) => phase)).toEqual([
      'service-unbind',
      'cluster-leave',
      'actor-system-terminate',
    ]);
    expect(system.isTerminated).toBe(true);
  });

  it('goes on after a task that fails or never ends, and says which', async () => {
    const { system, time, log } = testSystem();
    const { coordinatedShutdown: shutdown } = system;
    const seen: string[] = [];
    shutdown.addTask('service-stop', 'hangs', never);
    shutdown.addTask('service-stop', 'fails', () => Promise.reject(new Error('broken')));
    shutdown.addTask('service-stop', 'throws', () => {
      throw new Error('broken too');
    });
    shutdown.addTask('cluster-shutdown', 'after', () => void seen.push('after'));
    const run = shutdown.run();
    await time.advanceAsync(4999);
    expect(seen).toEqual([]);
    await time.advanceAsync(1);
    expect(seen).toEqual(['after']);
    expect((await run).phases[0]).toMatchObject({
      failed: ['throws', 'fails'],
      timedOut: ['hangs'],
      tookMs: 5000,
    });
    expect(log.messages('warn')).toEqual(['Phase of coordinated shutdown ran out of time']);
  });

  it('always ends, even if nothing cooperates: each phase within its time', async () => {
    const { system, time, log } = testSystem();
    system.spawn(
      actor<string>(() => ({ onMessage() {}, onStop: never })),
      'stubborn',
    );
    await time.settleAsync();
    for (const { name } of shutdownPhases) system.coordinatedShutdown.addTask(name, 'hangs', never);
    const ended = system.terminate();
    const sumMs = shutdownPhases.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0);
    await time.advanceAsync(sumMs);
    await ended;
    expect(system.isTerminated).toBe(true);
    expect(log.lines.find(({ level }) => level === 'error')).toMatchObject({
      message: 'Actors did not stop in time and are left behind',
      fields: { survivors: ['/user/stubborn'] },
    });
  });

  it('runs once: the first reason counts', async () => {
    const { system, time } = testSystem();
    const { coordinatedShutdown: shutdown } = system;
    let runs = 0;
    shutdown.addTask('service-stop', 'count', () => void runs++);
    const first = shutdown.run(shutdownReasons.clusterLeaving);
    expect(shutdown.run(shutdownReasons.clusterDowning)).toBe(first);
    await time.settleAsync();
    expect([runs, (await first).reason.name]).toEqual([1, 'clusterLeaving']);
  });

  it('takes tasks until their phase begins, also from tasks of earlier phases; not cancelled ones', async () => {
    const { system, time } = testSystem();
    const { coordinatedShutdown: shutdown } = system;
    const seen: string[] = [];
    shutdown.addTask('service-stop', 'adds', () => {
      shutdown.addTask('cluster-leave', 'added', () => void seen.push('added'));
    });
    shutdown.addTask('service-stop', 'cancelled', () => void seen.push('cancelled')).cancel();
    const run = shutdown.run();
    await time.settleAsync();
    await run;
    expect(seen).toEqual(['added']);
  });

  it('can change the limits of a phase, skip it, or make its success a must', async () => {
    const { system, time } = testSystem({
      shutdown: {
        phases: {
          'service-unbind': { enabled: false },
          'service-stop': { timeout: '1s', recover: false },
        },
      },
    });
    const seen: string[] = [];
    const { coordinatedShutdown: shutdown } = system;
    shutdown.addTask('service-unbind', 'skipped', () => void seen.push('skipped'));
    shutdown.addTask('service-stop', 'hangs', never);
    shutdown.addTask('cluster-leave', 'unreached', () => void seen.push('unreached'));
    const rejected = expect(shutdown.run()).rejects.toMatchObject({
      code: 'SHUTDOWN_ABORTED',
      fields: { phase: 'service-stop', timedOut: ['hangs'] },
    });
    await time.advanceAsync(1000);
    await rejected;
    await system.whenTerminated;
    expect(seen).toEqual([]);
  });

  it('tells tasks of one name apart', async () => {
    const { system, time } = testSystem();
    const { coordinatedShutdown: shutdown } = system;
    shutdown.addTask('service-stop', 'close', () => undefined);
    shutdown.addTask('service-stop', 'close', never);
    const run = shutdown.run();
    await time.advanceAsync(60_000);
    const { phases } = await run;
    expect(phases.find(({ phase }) => phase === 'service-stop')).toMatchObject({
      tasks: ['close', 'close'],
      timedOut: ['close'],
    });
  });

  it('refuses a limit that is no duration when the system starts, not when it ends', () => {
    const phases = { 'service-stop': { timeout: 'soon' as never } };
    expect(() => testSystem({ shutdown: { phases } })).toThrow('Cannot read');
  });

  it('refuses phases that it does not have', () => {
    const { system } = testSystem();
    expect(() => system.coordinatedShutdown.addTask('lunch' as never, 'x', never)).toThrow(
      expect.objectContaining({ code: 'SHUTDOWN_PHASE_UNKNOWN' }),
    );
  });
});

describe('signals', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s runs the shutdown, then the process exits with 0',
    async (name) => {
      const { port, exits, signal } = fakeProcess();
      const { system, time } = testSystem({ ports: { process: port } });
      signal(name);
      expect(exits).toEqual([]);
      await time.settleAsync();
      await system.whenTerminated;
      expect(exits).toEqual([0]);
      expect(system.coordinatedShutdown.reason?.name).toBe('processSignal');
    },
  );

  it('the second one ends the process at once', async () => {
    const { port, exits, signal } = fakeProcess();
    const { system, time } = testSystem({ ports: { process: port } });
    system.coordinatedShutdown.addTask('service-stop', 'hangs', never);
    signal('SIGTERM');
    await time.advanceAsync(500);
    expect(exits).toEqual([]);
    signal('SIGINT');
    expect(exits).toEqual([130]);
  });

  it('that arrive twice for one key press count once', async () => {
    const { port, exits, signal } = fakeProcess();
    const { system, time } = testSystem({ ports: { process: port } });
    system.coordinatedShutdown.addTask('service-stop', 'hangs', never);
    signal('SIGINT');
    await time.advanceAsync(100);
    signal('SIGINT');
    expect(exits).toEqual([]);
  });

  it('are not needed for a reason that is an error: the process exits with its code', async () => {
    const { port, exits } = fakeProcess();
    const { system, time } = testSystem({ ports: { process: port } });
    await Promise.all([
      system.coordinatedShutdown.run(shutdownReasons.clusterDowning),
      time.settleAsync(),
    ]);
    expect(exits).toEqual([255]);
  });

  it('are let go, and the process lives on, after a shutdown that was asked for by code', async () => {
    const { port, exits, handlers } = fakeProcess();
    const { system, time } = testSystem({ ports: { process: port } });
    await Promise.all([system.terminate(), time.settleAsync()]);
    expect(exits).toEqual([]);
    expect([...handlers.values()].every((set) => set.size === 0)).toBe(true);
  });
});
