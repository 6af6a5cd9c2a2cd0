// What programs without types hand in by mistake, and callbacks that fail: told with words, and never the end of a process.

import { describe, expect, it } from 'vitest';
import { testSystem } from '../testkit/test-system.ts';
import { actor, stop } from './actor.ts';
import type { ActorContext } from './context.ts';
import { deadLetterEvent } from './dead-letters.ts';
import { eventType } from './event-stream.ts';
import { ActorRef, sendSystem } from './ref.ts';
import { ActorSystem } from './system.ts';

const quiet = actor<unknown>(() => ({ onMessage: () => undefined }));
const invalid = expect.objectContaining({ code: 'ACTOR_ARGUMENT_INVALID' });

/** What the system gives to an actor, taken out of it. */
function contextOf(test: ReturnType<typeof testSystem>): ActorContext<unknown> {
  let context: ActorContext<unknown> | undefined;
  test.system.spawn(
    actor<unknown>((own) => {
      context = own;
      return { onMessage: () => undefined };
    }),
  );
  test.time.settle();
  return context as ActorContext<unknown>;
}

describe('an argument that is none', () => {
  it.each<[string, (test: ReturnType<typeof testSystem>) => unknown]>([
    ['actor({})', () => actor({} as never)],
    ['spawn of a function', ({ system }) => system.spawn((() => ({})) as never)],
    ['spawn of nothing', ({ system }) => system.spawn(undefined as never)],
    ['system.stop of a text', ({ system }) => system.stop('x' as never)],
    ['context.stop of nothing', (test) => contextOf(test).stop(undefined as never)],
    ['watch of a text', (test) => contextOf(test).watch('x' as never)],
    ['unwatch of an object', (test) => contextOf(test).unwatch({} as never)],
    ['adapt without function', (test) => contextOf(test).adapt(3 as never)],
    [
      'subscribe without function',
      ({ system }) => system.eventStream.subscribe(deadLetterEvent, 'x' as never),
    ],
    [
      'subscribe to a text',
      ({ system }) => system.eventStream.subscribe('x' as never, () => undefined),
    ],
  ])('is refused with words: %s', (_, mistake) => {
    const test = testSystem();
    expect(() => mistake(test)).toThrow(invalid);
  });

  it('is refused as a name', () => {
    const { system } = testSystem();
    for (const name of [5, {}, null, true]) {
      expect(() => system.spawn(quiet, name as never)).toThrow(
        expect.objectContaining({ code: 'ACTOR_NAME_INVALID' }),
      );
    }
  });

  it('rejects an ask, which never throws', async () => {
    const { system } = testSystem();
    const ref = system.spawn(quiet);
    await expect(ref.ask({} as never)).rejects.toEqual(invalid);
    const broken = async (): Promise<never> => {
      throw new Error('no message');
    };
    await expect(ref.ask(broken as never)).rejects.toEqual(invalid);
    await expect(ref.ask(() => 'x', { timeout: 1e99 })).rejects.toMatchObject({
      code: 'ACTOR_OPTION_INVALID',
    });
  });

  it.each([
    { mailbox: { capacity: 1.5 } },
    { mailbox: { capacity: true } },
    { mailbox: { capacity: '5' } },
    { stashCapacity: 0.5 },
    { stashCapacity: true },
  ])('is refused as a capacity: %j', (options) => {
    const { system } = testSystem();
    expect(() => system.spawn(quiet, 'a', options as never)).toThrow(
      expect.objectContaining({ code: 'ACTOR_OPTION_INVALID' }),
    );
  });

  it('is refused as the time that asks wait', () => {
    expect(() => ActorSystem.create({ name: 'a', askTimeout: 1e99 })).toThrow(
      expect.objectContaining({ code: 'ACTOR_OPTION_INVALID' }),
    );
  });
});

describe('a callback that is asynchronous and fails', () => {
  // A rejection that nobody takes fails the whole run of the tests.
  it('is logged by the event stream, with the event', async () => {
    const { system, time, log } = testSystem();
    const news = eventType<string>('news');
    const heard: string[] = [];
    system.eventStream.subscribe(news, async () => {
      throw new Error('boom');
    });
    system.eventStream.subscribe(news, (event) => void heard.push(event));
    system.eventStream.publish(news, 'something');
    await time.settleAsync();
    expect(heard).toEqual(['something']);
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { event: 'news', error: { message: 'boom' } } },
    ]);
  });

  it.each(['adapt', 'pipeToSelf'])('fails its actor as a handler would (%s)', async (kind) => {
    const { system, time, log } = testSystem();
    const heard: unknown[] = [];
    const definition = actor<unknown>(
      (context) => ({
        onMessage(message) {
          if (message !== 'go') {
            heard.push(message);
            return;
          }
          const convert = async (value: unknown): Promise<unknown> => {
            if (value === 'bad') throw new Error('boom');
            return `converted ${value}`;
          };
          for (const value of ['bad', 'good']) {
            if (kind === 'adapt') context.adapt(convert).tell(value);
            else context.pipeToSelf(Promise.resolve(value), convert, String);
          }
        },
      }),
      { supervision: 'resume' },
    );
    const ref = system.spawn(definition);
    ref.tell('go');
    await time.settleAsync();
    await time.settleAsync();
    ref.tell('after');
    await time.settleAsync();
    expect(heard).toEqual(['converted good', 'after']);
    expect(log.lines).toMatchObject([
      { level: 'warn', fields: { actor: ref.path, error: { message: 'boom' } } },
    ]);
  });

  it('tells who asked by an adapter', async () => {
    const { system, time } = testSystem();
    let adapter: ActorRef<unknown> | undefined;
    system.spawn(
      actor<unknown>((context) => {
        adapter = context.adapt(async () => {
          throw new Error('boom');
        });
        return { onMessage: () => undefined };
      }),
    );
    time.settle();
    const asked = (adapter as ActorRef<unknown>).ask<string>(() => 'hi');
    const rejected = expect(asked).rejects.toMatchObject({ code: 'ASK_HANDLER_FAILED' });
    await time.settleAsync();
    await rejected;
  });
});

describe('timers of the last words', () => {
  it('that onRestart starts do not reach the next incarnation', () => {
    const { system, time, tellAll } = testSystem();
    const heard: unknown[] = [];
    const definition = actor<unknown>(
      (context) => ({
        onMessage(message) {
          if (message === 'fail') throw new Error('broken');
          heard.push(message);
        },
        onRestart() {
          context.timers.startSingle('once', 'of the old', '2s');
          context.timers.startPeriodic('often', 'of the old', '1s');
        },
      }),
      { supervision: { restart: { backoffMin: 10 } } },
    );
    const ref = system.spawn(definition);
    tellAll(ref, 'fail');
    time.advance(60_000);
    expect(heard).toEqual([]);
    tellAll(ref, 'alive');
    expect(heard).toEqual(['alive']);
  });

  it('that onStop starts, or anybody later, do not run and are dead letters', () => {
    const { system, time, deadLetters } = testSystem();
    let own: ActorContext<unknown> | undefined;
    const definition = actor<unknown>((context) => {
      own = context;
      return {
        onMessage: () => stop(),
        onStop: () => context.timers.startPeriodic('p', 'tick', 10),
      };
    });
    const ref = system.spawn(definition);
    ref.tell('end');
    time.settle();
    own?.timers.startSingle('late', 'late tick', 10);
    expect(own?.timers.isActive('p')).toBe(false);
    expect(deadLetters).toMatchObject([
      { message: 'tick', reason: 'recipientStopped' },
      { message: 'late tick', reason: 'recipientStopped' },
    ]);
    time.advance(1000);
    expect(deadLetters).toHaveLength(2);
  });
});

/** A ref of a layer above that has a fault. */
class FaultyRef extends ActorRef<unknown> {
  override readonly path: string;
  override readonly isStopped = false;
  readonly faulty: string;

  constructor(system: ActorSystem, faulty: string) {
    super(system.askDoor);
    this.faulty = faulty;
    this.path = `pekko://test@far:1/user/${faulty}`;
  }

  override tell(): void {}

  override [sendSystem](message: { readonly kind: string }): void {
    if (message.kind === this.faulty) throw new RangeError('no room');
  }
}

describe('a fault in a layer above', () => {
  it('does not keep an actor from ending, nor others from hearing of it', () => {
    const { system, time, log } = testSystem();
    const faulty = new FaultyRef(system, 'unwatch');
    const deaf = new FaultyRef(system, 'deathWatchNotification');
    const ended: string[] = [];
    const watching = actor<unknown>((context) => {
      context.watch(faulty);
      return { onMessage: () => undefined };
    });
    const ref = system.spawn(watching, 'watching');
    time.settle();
    ref[sendSystem]({ kind: 'watch', watchee: ref, watcher: deaf });
    system.spawn(
      actor<unknown>((context) => {
        context.watch(ref);
        return { onMessage: () => undefined, onTerminated: ({ name }) => void ended.push(name) };
      }),
    );
    time.settle();
    system.stop(ref);
    time.settle();
    expect(ended).toEqual(['watching']);
    expect(system.select('/user/watching')).toBeDefined();
    expect(log.lines.map(({ level, fields }) => [level, fields.action])).toEqual([
      ['error', 'end a watch'],
      ['error', 'tell a watcher of its end'],
    ]);
    expect(() => system.spawn(quiet, 'watching')).not.toThrow();
  });
});
