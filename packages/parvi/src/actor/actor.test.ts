import { describe, expect, it } from 'vitest';
import { testSystem } from '../testkit/test-system.ts';
import { actor, become, stop } from './actor.ts';
import type { ActorRef } from './ref.ts';

type Counter =
  | { readonly type: 'increment'; readonly by: number }
  | { readonly type: 'read'; readonly replyTo: ActorRef<number> }
  | { readonly type: 'name'; readonly replyTo: ActorRef<string> };

const counter = actor<Counter>((context) => {
  let count = 0;
  return {
    increment({ by }) {
      count += by;
    },
    read: ({ replyTo }) => replyTo.tell(count),
    name: ({ replyTo }) => replyTo.tell(context.self.name),
  };
});

describe('an actor', () => {
  it('hands each message to the handler of its type, one after another', async () => {
    const { system, time } = testSystem();
    const ref = system.spawn(counter, 'counter');
    for (let i = 1; i <= 100; i++) ref.tell({ type: 'increment', by: i });
    const reply = ref.ask((replyTo) => ({ type: 'read', replyTo }));
    time.settle();
    expect(await reply).toBe(5050);
  });

  it('starts anew with each spawn', async () => {
    const { system, time } = testSystem();
    const [one, other] = [system.spawn(counter), system.spawn(counter)];
    one.tell({ type: 'increment', by: 1 });
    const reply = other.ask((replyTo) => ({ type: 'read', replyTo }));
    time.settle();
    expect(await reply).toBe(0);
  });

  it('does not run in the caller: setup and handlers have a turn of their own', () => {
    const { system, time } = testSystem();
    const seen: string[] = [];
    const ref = system.spawn(
      actor<{ readonly type: 'go' }>(() => {
        seen.push('setup');
        return { go: () => void seen.push('go') };
      }),
    );
    ref.tell({ type: 'go' });
    seen.push('told');
    time.settle();
    expect(seen).toEqual(['told', 'setup', 'go']);
  });

  it('takes messages that are not unions by type with onMessage', () => {
    const { system, tellAll } = testSystem();
    const seen: (string | number)[] = [];
    const ref = system.spawn(
      actor<string | number>(() => ({ onMessage: (m) => void seen.push(m) })),
    );
    tellAll(ref, 'a', 1, 'b');
    expect(seen).toEqual(['a', 1, 'b']);
  });

  it('may take all messages of a union with onMessage', () => {
    const { system, tellAll } = testSystem();
    const seen: string[] = [];
    const ref = system.spawn(
      actor<Counter>(() => ({ onMessage: ({ type }) => void seen.push(type) })),
    );
    tellAll(ref, { type: 'increment', by: 1 });
    expect(seen).toEqual(['increment']);
  });

  it('may be written as a class whose methods are the handlers', () => {
    const { system, tellAll } = testSystem();
    class Adder {
      total = 0;
      add({ by }: { readonly by: number }): void {
        this.total += by;
      }
    }
    const adder = new Adder();
    const ref = system.spawn(actor<{ readonly type: 'add'; readonly by: number }>(() => adder));
    tellAll(ref, { type: 'add', by: 2 }, { type: 'add', by: 3 });
    expect(adder.total).toBe(5);
  });

  it('makes dead letters of messages that it has no handler for', () => {
    const { system, tellAll, deadLetters } = testSystem();
    const ref = system.spawn(counter, 'counter');
    for (const message of [
      { type: 'nonsense' },
      { type: 'toString' },
      { type: 'onStop' },
      {},
      7,
      null,
    ]) {
      tellAll(ref as ActorRef<unknown>, message);
    }
    expect(deadLetters.map(({ reason }) => reason)).toEqual(Array(6).fill('unhandled'));
    expect(deadLetters[0]?.recipient).toBe(ref.path);
  });

  it('is stopped when its setup returns nothing that could handle messages', () => {
    const { system, time, log } = testSystem();
    const wrong = actor<string>(() => 'handlers' as never, { supervision: 'stop' });
    const ref = system.spawn(wrong, 'wrong');
    time.settle();
    expect(ref.isStopped).toBe(true);
    expect(log.messages('error')).toEqual(['Actor failed and is stopped']);
  });
});

describe('what cannot be handlers', () => {
  it('a getter of a class is left alone, so that it may need its own object', () => {
    const { system, time, log } = testSystem();
    class Till {
      readonly #coins = [1, 2];
      readonly #seen: number[];
      constructor(seen: number[]) {
        this.#seen = seen;
      }
      get total(): number {
        return this.#coins.length;
      }
      count(): void {
        this.#seen.push(this.total);
      }
    }
    const seen: number[] = [];
    const till = actor<{ readonly type: 'count' }>(() => new Till(seen));
    const ref = system.spawn(till);
    ref.tell({ type: 'count' });
    time.settle();
    expect(seen).toEqual([2]);
    expect(log.messages('error')).toEqual([]);
  });

  it.each([
    ['at once', () => become(undefined as never)],
    ['as a promise', () => Promise.resolve(become(undefined as never))],
  ])('nothing at all fails the actor and not the process: become %s', async (_, result) => {
    const { system, time, log } = testSystem();
    const ref = system.spawn(actor<string>(() => ({ onMessage: result }), { supervision: 'stop' }));
    ref.tell('go');
    await time.settleAsync();
    expect(ref.isStopped).toBe(true);
    expect(log.lines.map(({ fields }) => fields.error)).toMatchObject([
      { code: 'ACTOR_OPTION_INVALID' },
    ]);
  });
});

describe('what a handler returns', () => {
  type Door = { readonly type: 'push'; readonly replyTo: ActorRef<string> };

  it('changes the behaviour with become, from the next message on', async () => {
    const { system, time } = testSystem();
    const door = actor<Door>(() => {
      const closed = {
        push({ replyTo }: Door) {
          replyTo.tell('opens');
          return become<Door>(open);
        },
      };
      const open = {
        push({ replyTo }: Door) {
          replyTo.tell('closes');
          return become<Door>(closed);
        },
      };
      return closed;
    });
    const ref = system.spawn(door);
    const replies = [1, 2, 3].map(() => ref.ask((replyTo) => ({ type: 'push', replyTo })));
    time.settle();
    expect(await Promise.all(replies)).toEqual(['opens', 'closes', 'opens']);
  });

  it('stops the actor with stop, and what waits behind becomes dead letters', () => {
    const { system, tellAll, deadLetters } = testSystem();
    const ref = system.spawn(
      actor<{ readonly type: 'end' | 'other' }>(() => ({ end: () => stop(), other() {} })),
    );
    tellAll(ref, { type: 'end' }, { type: 'other' });
    tellAll(ref, { type: 'other' });
    expect(ref.isStopped).toBe(true);
    expect(deadLetters.map(({ reason }) => reason)).toEqual([
      'recipientStopped',
      'recipientStopped',
    ]);
  });

  it('suspends the mailbox while a promise is pending, and is applied when it resolves', async () => {
    const { system, time, tellAll } = testSystem();
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    type Work = { readonly type: 'slow' | 'fast' };
    const ref = system.spawn(
      actor<Work>(() => ({
        async slow() {
          seen.push('slow begins');
          await gate.promise;
          seen.push('slow ends');
          return become<Work>({ slow() {}, fast: () => void seen.push('fast after become') });
        },
        fast: () => void seen.push('fast'),
      })),
    );
    tellAll(ref, { type: 'fast' }, { type: 'slow' }, { type: 'fast' });
    await time.settleAsync();
    expect(seen).toEqual(['fast', 'slow begins']);
    gate.resolve();
    await time.settleAsync();
    expect(seen).toEqual(['fast', 'slow begins', 'slow ends', 'fast after become']);
  });

  it.each([
    [
      'whose then throws',
      () => {
        throw new Error('broken');
      },
    ],
    [
      'that settles twice',
      (_: unknown, reject: (error: Error) => void) => {
        reject(new Error('broken'));
        reject(new Error('again'));
      },
    ],
  ])('fails the actor, once, when it is a thenable %s', async (_, then) => {
    const { system, time, log } = testSystem();
    const seen: string[] = [];
    const odd = actor<string>(
      () => ({
        onMessage(message) {
          seen.push(message);
          return message === 'odd' ? (Object.fromEntries([['then', then]]) as never) : undefined;
        },
      }),
      { supervision: 'resume' },
    );
    const ref = system.spawn(odd);
    ref.tell('odd');
    ref.tell('next');
    await time.settleAsync();
    expect(seen).toEqual(['odd', 'next']);
    expect(log.lines.map(({ fields }) => fields.error)).toEqual([new Error('broken')]);
  });

  it('is nothing to wait for when its then is no function', async () => {
    const { system, time } = testSystem();
    const seen: string[] = [];
    const ref = system.spawn(
      actor<string>(() => ({
        onMessage(message): undefined {
          seen.push(message);
          return Object.fromEntries([['then', 5]]) as never;
        },
      })),
    );
    ref.tell('1');
    ref.tell('2');
    await time.settleAsync();
    expect(seen).toEqual(['1', '2']);
  });

  it('lets an asynchronous setup finish before the first message', async () => {
    const { system, time, tellAll } = testSystem();
    const gate = Promise.withResolvers<string>();
    const seen: string[] = [];
    const ref = system.spawn(
      actor<string>(async () => {
        const prefix = await gate.promise;
        return { onMessage: (m) => void seen.push(prefix + m) };
      }),
    );
    tellAll(ref, 'a');
    await time.settleAsync();
    expect(seen).toEqual([]);
    gate.resolve('>');
    await time.settleAsync();
    expect(seen).toEqual(['>a']);
  });
});

describe('the types of the API', () => {
  it('refuse what cannot work, at compile time', () => {
    // @ts-expect-error the handler for "name" is missing
    actor<Counter>(() => ({ increment() {}, read() {} }));
    const misread = (message: { readonly by: string }): void => void message;
    // @ts-expect-error a handler gets the message of its type
    actor<Counter>(() => ({ increment: misread, read() {}, name() {} }));
    // @ts-expect-error a handler returns nothing, become, stop, or a promise of these
    actor<Counter>(() => ({ increment: () => 5, read() {}, name() {} }));
    // @ts-expect-error a protocol that is no union by type needs onMessage
    actor<string>(() => ({ a() {} }));
    const { system } = testSystem();
    const ref = system.spawn(counter);
    // @ts-expect-error no such message
    ref.tell({ type: 'decrement' });
    // @ts-expect-error a field is missing
    ref.tell({ type: 'increment' });
    // @ts-expect-error a ref for some messages is not a ref for any
    const wider: ActorRef<unknown> = ref;
    const narrower: ActorRef<{ readonly type: 'increment'; readonly by: number }> = ref;
    expect(wider).toBe(narrower);
  });

  it('take the type of a reply from the message', async () => {
    const { system, time } = testSystem();
    const ref = system.spawn(counter, 'c');
    const count = ref.ask((replyTo) => ({ type: 'read', replyTo }));
    const name = ref.ask((replyTo) => ({ type: 'name', replyTo }), { timeout: '1s' });
    time.settle();
    const bare = system.spawn(
      actor<string>((context) => ({
        onMessage: () => void context.sender?.tell(true as never),
      })),
    );
    const answer: Promise<boolean> = bare.ask<boolean>(() => 'is it?');
    time.settle();
    expect(await answer).toBe(true);
    const both: [number, string] = [await count, await name];
    expect(both).toEqual([0, 'c']);
    // @ts-expect-error the reply to "read" is a number
    const wrong: Promise<string> = ref.ask((replyTo) => ({ type: 'read', replyTo }));
    // @ts-expect-error no such message
    const unknown = ref.ask((replyTo) => ({ type: 'reed', replyTo }));
    time.settle();
    expect(await wrong).toBe(0);
    await expect(unknown).rejects.toMatchObject({ code: 'ASK_UNDELIVERABLE' });
  });
});
