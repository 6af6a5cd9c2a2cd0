import { describe, expect, it } from 'vitest';
import { actor, stop } from '../actor/index.ts';
import { testSystem } from './test-system.ts';

type Command = { readonly type: 'later' | 'end' };
type Event = { readonly type: 'ping' } | { readonly type: 'pong'; readonly n: number };

const failed = expect.objectContaining({ code: 'PROBE_EXPECTATION_FAILED' });

describe('a probe', () => {
  it('gives messages in their order and moves time forward to wait for them', async () => {
    const { system, probe, time } = testSystem();
    const listener = probe<Event>();
    const delayed = actor<Command>((context) => ({
      later() {
        context.timers.startSingle('end', { type: 'end' }, '2s');
      },
      end() {
        listener.ref.tell({ type: 'pong', n: 1 }, context.self);
        return stop();
      },
    }));
    const ref = system.spawn(delayed);
    ref.tell({ type: 'later' });
    listener.ref.tell({ type: 'ping' });
    expect(await listener.expectMessage()).toEqual({ type: 'ping' });
    await listener.expectNoMessage(1000);
    expect((await listener.expectType('pong')).n).toBe(1);
    expect(listener.lastSender).toBe(ref);
    expect(time.clock.nowMs()).toBe(2000);
  });

  it('fails when nothing comes, when something comes, and when it is something else', async () => {
    const { probe, time } = testSystem();
    const listener = probe<Event>('listener');
    await expect(listener.expectMessage(500)).rejects.toEqual(failed);
    expect(time.clock.nowMs()).toBe(500);
    listener.ref.tell({ type: 'ping' });
    await expect(listener.expectNoMessage()).rejects.toThrow('a message of type "ping"');
    expect(listener.pending).toEqual([{ type: 'ping' }]);
    await expect(listener.expectType('pong')).rejects.toEqual(failed);
  });

  it('waits for the end of actors that it watches', async () => {
    const { system, probe } = testSystem();
    const listener = probe();
    const ref = system.spawn(actor<Command>(() => ({ later() {}, end: () => stop() })));
    listener.watch(ref);
    await listener.expectNotTerminated();
    ref.tell({ type: 'end' });
    expect(await listener.expectTerminated(ref)).toEqual({
      existenceConfirmed: true,
      addressTerminated: false,
    });
    await expect(listener.expectTerminated(ref, 10)).rejects.toEqual(failed);
  });
});
