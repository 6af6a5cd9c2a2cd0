import { describe, expect, it } from 'vitest';
import type { Timers } from '../runtime/index.ts';
import { ManualTime } from '../testkit/manual-time.ts';
import { testSystem } from '../testkit/test-system.ts';
import { actor, become } from './actor.ts';
import type { ActorContext } from './context.ts';
import type { ActorRef } from './ref.ts';
import { ActorSystem } from './system.ts';

/** Does what it is told with its own context. */
type Do = (context: ActorContext<Do | string>) => unknown;

function puppet(options = {}) {
  const seen: string[] = [];
  const definition = actor<Do | string>(
    (context) => ({
      onMessage(message) {
        if (typeof message === 'string') seen.push(message);
        else message(context);
      },
    }),
    { supervision: { restart: { backoffMin: 0 } }, ...options },
  );
  return { seen, definition };
}

const fail: Do = () => {
  throw new Error('broken');
};

describe('timers', () => {
  it('tell a message once after the delay', () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = puppet();
    tellAll(system.spawn(definition), ({ timers }) => timers.startSingle('key', 'tick', '1s'));
    time.advance(999);
    expect(seen).toEqual([]);
    time.advance(10_000);
    expect(seen).toEqual(['tick']);
  });

  it('tell a message every interval until cancelled', () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = puppet();
    const ref = system.spawn(definition);
    tellAll(ref, ({ timers }) => timers.startPeriodic('key', 'tick', 100));
    time.advance(350);
    expect(seen).toHaveLength(3);
    tellAll(ref, ({ timers }) => {
      expect(timers.isActive('key')).toBe(true);
      timers.cancel('key');
      expect(timers.isActive('key')).toBe(false);
    });
    time.advance(1000);
    expect(seen).toHaveLength(3);
  });

  it('are replaced by another one of the same key', () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = puppet();
    tellAll(system.spawn(definition), ({ timers }) => {
      timers.startPeriodic('key', 'old', 100);
      timers.startSingle('key', 'new', 500);
      timers.startSingle('other', 'other', 600);
    });
    time.advance(1000);
    expect(seen).toEqual(['new', 'other']);
  });

  it('deliver nothing after a cancel, even if the tick waits in the mailbox', async () => {
    const { system, time } = testSystem();
    const { seen, definition } = puppet();
    const gate = Promise.withResolvers<void>();
    const ref = system.spawn(
      actor<'go' | 'tick'>((context) => ({
        async onMessage(message) {
          if (message === 'tick') seen.push('tick');
          else {
            context.timers.startSingle('key', 'tick', 10);
            await gate.promise;
            context.timers.cancel('key');
          }
        },
      })),
    );
    system.spawn(definition);
    ref.tell('go');
    await time.advanceAsync(100);
    gate.resolve();
    await time.advanceAsync(100);
    expect(seen).toEqual([]);
  });

  it('deliver nothing of an earlier incarnation', () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = puppet();
    tellAll(
      system.spawn(definition),
      ({ timers }) => timers.startPeriodic('key', 'tick', 10),
      fail,
    );
    time.advance(1000);
    expect(seen).toEqual([]);
  });

  it('come as one tick after the process stood still, and then at their old rhythm', () => {
    const time = new ManualTime();
    const held: (() => void)[] = [];
    let paused = false;
    const after: Timers['after'] = (delayMs, callback) =>
      time.timers.after(delayMs, () => (paused ? void held.push(callback) : callback()));
    const runtime = { ...time.runtime(), timers: { ...time.timers, after } };
    const system = ActorSystem.create({ name: 'test' }, { runtime });
    const ticksMs: number[] = [];
    system.spawn(
      actor<string>((context) => {
        context.timers.startPeriodic('key', 'tick', 100);
        return { onMessage: () => void ticksMs.push(time.clock.nowMs()) };
      }),
    );
    time.advance(150);
    paused = true;
    time.advance(1000);
    paused = false;
    for (const callback of held) callback();
    time.advance(200);
    expect(ticksMs).toEqual([100, 1150, 1200, 1300]);
  });

  it('come as one tick after the actor was busy for a while', async () => {
    const { system, time } = testSystem();
    let ticks = 0;
    const gate = Promise.withResolvers<void>();
    const ref = system.spawn(
      actor<'wait' | 'tick'>((context) => {
        context.timers.startPeriodic('key', 'tick', 10);
        return {
          onMessage(message) {
            if (message === 'wait') return gate.promise;
            ticks++;
            return undefined;
          },
        };
      }),
    );
    ref.tell('wait');
    await time.advanceAsync(1005);
    expect(ticks).toBe(0);
    gate.resolve();
    await time.settleAsync();
    expect(ticks).toBe(1);
    await time.advanceAsync(30);
    expect(ticks).toBe(4);
  });
});

describe('the stash', () => {
  type Message = { readonly type: 'open' } | { readonly type: 'item'; readonly n: number };

  function shop(seen: number[], stashCapacity?: number) {
    return actor<Message>(
      (context) => ({
        item: () => context.stash(),
        open() {
          context.unstashAll();
          return become<Message>({ open() {}, item: ({ n }) => void seen.push(n) });
        },
      }),
      stashCapacity === undefined ? {} : { stashCapacity, supervision: 'resume' },
    );
  }

  const items = (...ns: number[]): Message[] => ns.map((n) => ({ type: 'item', n }));

  it('gives messages back in their order, before those that came later', () => {
    const { system, tellAll } = testSystem();
    const seen: number[] = [];
    tellAll(system.spawn(shop(seen)), ...items(1, 2, 3), { type: 'open' }, ...items(4));
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('refuses what exceeds its limit: the actor fails, and the message is a dead letter', () => {
    const { system, tellAll, deadLetters, log } = testSystem();
    const seen: number[] = [];
    tellAll(system.spawn(shop(seen, 2)), ...items(1, 2, 3), { type: 'open' });
    expect(seen).toEqual([1, 2]);
    expect(deadLetters).toMatchObject([{ reason: 'stashFull', message: { n: 3 } }]);
    expect(log.lines.at(-1)?.fields.error).toMatchObject({ code: 'ACTOR_STASH_FULL' });
  });

  it('goes back to the mailbox when the actor is restarted', () => {
    const { system, time, tellAll } = testSystem();
    let incarnation = 0;
    const seen: string[] = [];
    const ref = system.spawn(
      actor<string>(
        (context) => {
          incarnation++;
          return {
            onMessage(message) {
              if (message === 'fail') throw new Error('broken');
              if (incarnation === 1) context.stash();
              else seen.push(message);
            },
          };
        },
        { supervision: { restart: { backoffMin: 0 } } },
      ),
    );
    tellAll(ref, 'a', 'b', 'fail', 'c');
    time.advance(10);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('becomes dead letters when the actor ends', () => {
    const { system, time, tellAll, deadLetters } = testSystem();
    const ref = system.spawn(shop([]));
    tellAll(ref, ...items(1, 2));
    system.stop(ref);
    time.settle();
    expect(deadLetters.map(({ message }) => message)).toEqual(items(1, 2));
  });

  it('is of no use between messages', () => {
    const { system, time, log } = testSystem();
    const setup = (context: ActorContext<string>) => {
      context.stash();
      return { onMessage() {} };
    };
    system.spawn(actor<string>(setup, { supervision: 'stop' }));
    time.settle();
    expect(log.lines[0]?.fields.error).toMatchObject({ code: 'ACTOR_STASH_EMPTY' });
  });
});

describe('an adapter', () => {
  function withAdapter() {
    const test = testSystem();
    const { seen, definition } = puppet();
    const ref = test.system.spawn(definition, 'adapting');
    let adapter: ActorRef<number> | undefined;
    test.tellAll(ref, (context) => {
      adapter = context.adapt<number>((n) => `number ${n}`);
    });
    return { ...test, seen, ref, adapter: adapter as ActorRef<number> };
  }

  it('converts messages of another protocol, in order with the others', () => {
    const { ref, adapter, seen, time } = withAdapter();
    adapter.tell(1);
    ref.tell('a');
    adapter.tell(2);
    time.settle();
    expect(seen).toEqual(['number 1', 'a', 'number 2']);
  });

  it('has a path by which it is found', () => {
    const { adapter, system } = withAdapter();
    expect(adapter.path).toMatch(/^pekko:\/\/test\/user\/adapting\/\$\$a#-?\d+$/);
    expect(system.resolve(adapter.path)).toBe(adapter);
  });

  it('ends with the incarnation that made it', () => {
    const { ref, adapter, seen, time, deadLetters, tellAll } = withAdapter();
    adapter.tell(1);
    tellAll(ref, fail);
    adapter.tell(2);
    time.advance(10);
    expect(seen).toEqual(['number 1']);
    expect(adapter.isStopped).toBe(true);
    expect(deadLetters).toMatchObject([{ message: 2, reason: 'earlierIncarnation' }]);
  });

  it('can be watched like the actor behind it', async () => {
    const { adapter, ref, system, time, probe } = withAdapter();
    const watcher = probe();
    watcher.watch(adapter);
    await watcher.expectNotTerminated();
    system.stop(ref);
    time.settle();
    expect(await watcher.expectTerminated(adapter)).toMatchObject({ existenceConfirmed: true });
  });
});

describe('pipeToSelf', () => {
  it('turns the outcome into a message while the actor goes on', async () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = puppet();
    const ref = system.spawn(definition);
    const good = Promise.withResolvers<number>();
    const bad = Promise.withResolvers<number>();
    for (const { promise } of [good, bad]) {
      tellAll(ref, (context) =>
        context.pipeToSelf(
          promise,
          (n) => `got ${n}`,
          ({ message }) => `lost: ${message}`,
        ),
      );
    }
    tellAll(ref, 'meanwhile');
    good.resolve(5);
    bad.reject(new Error('gone'));
    await time.settleAsync();
    expect(seen).toEqual(['meanwhile', 'got 5', 'lost: gone']);
  });

  it('makes a dead letter of an outcome that comes too late', async () => {
    const { system, time, tellAll, deadLetters } = testSystem();
    const { seen, definition } = puppet();
    const ref = system.spawn(definition);
    const late = Promise.withResolvers<number>();
    tellAll(ref, (context) => context.pipeToSelf(late.promise, String, String), fail);
    time.advance(10);
    late.resolve(5);
    await time.settleAsync();
    expect(seen).toEqual([]);
    expect(deadLetters).toMatchObject([{ message: 5, reason: 'earlierIncarnation' }]);
  });
});

describe('mailboxes', () => {
  it('without limit take everything', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = puppet();
    tellAll(system.spawn(definition), ...Array.from({ length: 10_000 }, (_, n) => String(n)));
    expect(seen).toHaveLength(10_000);
    expect(seen.at(-1)).toBe('9999');
  });

  it.each([
    ['dropNewest', ['1', '2'], ['3', '4']],
    ['dropOldest', ['3', '4'], ['1', '2']],
  ] as const)('with limit and %s make dead letters of the rest', (overflow, kept, lost) => {
    const { system, tellAll, deadLetters } = testSystem();
    const { seen, definition } = puppet({ mailbox: { capacity: 2, overflow } });
    tellAll(system.spawn(definition), '1', '2', '3', '4');
    expect(seen).toEqual(kept);
    expect(deadLetters.map(({ message, reason }) => [message, reason])).toEqual(
      lost.map((message) => [message, 'mailboxFull']),
    );
  });

  it('that are full still take timers and ends of watched actors', () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = puppet({ mailbox: { capacity: 1 } });
    const ref = system.spawn(definition);
    tellAll(ref, (context) => context.timers.startSingle('key', 'tick', 10));
    time.timers.after(10, () => ref.tell('filler'));
    time.advance(10);
    expect(seen).toEqual(['tick', 'filler']);
  });

  it('with dropOldest lose the oldest message also behind a tick, which stays', async () => {
    const { system, time, tellAll, deadLetters } = testSystem();
    const { promise, resolve } = Promise.withResolvers<void>();
    const seen: string[] = [];
    const waiting = actor<string>(
      ({ timers }) => ({
        onMessage(message) {
          seen.push(message);
          if (message !== 'wait') return undefined;
          timers.startSingle('key', 'tick', 10);
          return promise;
        },
      }),
      { mailbox: { capacity: 3, overflow: 'dropOldest' } },
    );
    const ref = system.spawn(waiting);
    tellAll(ref, 'wait');
    time.advance(10);
    tellAll(ref, '1', '2', '3', '4', '5');
    resolve();
    await time.settleAsync();
    expect(seen).toEqual(['wait', 'tick', '4', '5']);
    expect(deadLetters.map(({ message, reason }) => [message, reason])).toEqual(
      ['1', '2', '3'].map((message) => [message, 'mailboxFull']),
    );
  });

  it('with dropOldest count converted messages as messages, the oldest and the newest', () => {
    const { system, tellAll, deadLetters } = testSystem();
    const { seen, definition } = puppet({ mailbox: { capacity: 2, overflow: 'dropOldest' } });
    const ref = system.spawn(definition);
    let adapter: ActorRef<string> | undefined;
    tellAll(ref, (context) => {
      adapter = context.adapt((message: string) => `${message}!`);
    });
    adapter?.tell('a');
    tellAll(ref, '1', '2');
    expect(seen).toEqual(['1', '2']);
    ref.tell('3');
    ref.tell('4');
    adapter?.tell('b');
    tellAll(ref);
    expect(seen).toEqual(['1', '2', '4', 'b!']);
    expect(deadLetters.map(({ message, reason }) => [message, reason])).toEqual(
      ['a', '3'].map((message) => [message, 'mailboxFull']),
    );
  });

  it('of no capacity are refused, and so is a stash of less than none', () => {
    const { system } = testSystem();
    for (const options of [{ mailbox: { capacity: 0 } }, { stashCapacity: Number.NaN }]) {
      const { definition } = puppet(options);
      expect(() => system.spawn(definition)).toThrow(
        expect.objectContaining({ code: 'ACTOR_OPTION_INVALID' }),
      );
    }
  });
});

describe('options of an actor', () => {
  it.each([
    [{ mailbox: { capcity: 5 } }, 'mailbox.capcity'],
    [{ mailbx: {} }, 'mailbx'],
    [{ mailbox: 5 }, 'mailbox'],
    [{ mailbox: { overflow: 'bogus' } }, 'mailbox.overflow'],
    [{ supervision: 'bogus' }, 'supervision'],
    [{ supervision: null }, 'supervision'],
    [{ supervision: { limit: 1 } }, 'supervision.limit'],
    [{ supervision: { restart: { limt: 1 } } }, 'supervision.restart.limt'],
    [{ supervision: { restart: 3 } }, 'supervision.restart'],
    [{ supervision: { restart: { beyond: 'restart' } } }, 'supervision.restart.beyond'],
  ])('are refused by name when they cannot be meant: %j', (options: object, option) => {
    const { system } = testSystem();
    const refusal = expect.objectContaining({
      code: 'ACTOR_OPTION_INVALID',
      message: expect.stringContaining(option),
      fields: expect.objectContaining({ option }),
    });
    const { definition } = puppet();
    expect(() => system.spawn(definition, 'a', options)).toThrow(refusal);
    expect(() => system.spawn(definition.with(options), 'a')).toThrow(refusal);
    system.spawn(definition, 'a');
  });

  it('may be left undefined', () => {
    const { system } = testSystem();
    const options = { mailbox: undefined, supervision: undefined };
    const { definition } = puppet();
    expect(() => system.spawn(definition, 'a', options as object)).not.toThrow();
  });
});
