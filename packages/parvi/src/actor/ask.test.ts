import { describe, expect, it } from 'vitest';
import { testSystem } from '../testkit/test-system.ts';
import { miscMessage } from '../wire/index.ts';
import { actor, stop } from './actor.ts';
import { AskTimeoutError } from './errors.ts';
import type { ActorRef } from './ref.ts';

type Echo = { readonly type: 'echo'; readonly text: string; readonly replyTo: ActorRef<string> };
type Keep = { readonly type: 'keep'; readonly replyTo: ActorRef<string> };

const echo = actor<Echo>(() => ({ echo: ({ text, replyTo }) => replyTo.tell(text) }));

/** Keeps what it should reply to, so that tests decide when the reply comes. */
function keeper(): {
  readonly kept: ActorRef<string>[];
  readonly definition: ReturnType<typeof make>;
} {
  const kept: ActorRef<string>[] = [];
  const make = () => actor<Keep>(() => ({ keep: ({ replyTo }) => void kept.push(replyTo) }));
  return { kept, definition: make() };
}

describe('an ask', () => {
  it('resolves with the first reply; later ones become dead letters', async () => {
    const { system, time, deadLetters } = testSystem();
    const { kept, definition } = keeper();
    const reply = system.spawn(definition).ask((replyTo) => ({ type: 'keep', replyTo }));
    time.settle();
    kept[0]?.tell('first');
    kept[0]?.tell('second');
    expect(await reply).toBe('first');
    expect(deadLetters).toMatchObject([{ message: 'second', reason: 'lateReply' }]);
  });

  it('rejects with the target and the wait when no reply comes in time, and not before', async () => {
    const { system, time, deadLetters } = testSystem();
    const { kept, definition } = keeper();
    const ref = system.spawn(definition, 'keeper');
    let outcome: unknown;
    ref
      .ask((replyTo) => ({ type: 'keep', replyTo }), { timeout: '1s' })
      .catch((error: unknown) => {
        outcome = error;
      });
    await time.advanceAsync(999);
    expect(outcome).toBeUndefined();
    await time.advanceAsync(11);
    expect(outcome).toBeInstanceOf(AskTimeoutError);
    expect(outcome).toMatchObject({ code: 'ASK_TIMEOUT', target: ref.path, timeoutMs: 1000 });
    expect(String(outcome)).toContain(`Cannot get a reply from "${ref.path}" within 1.0 s`);
    kept[0]?.tell('too late');
    expect(deadLetters).toMatchObject([{ message: 'too late', reason: 'lateReply' }]);
  });

  it('rejects, and does not throw, at a timeout that is no duration; nothing is sent', async () => {
    const { system, time } = testSystem();
    const { kept, definition } = keeper();
    const ref = system.spawn(definition);
    const reply = ref.ask((replyTo) => ({ type: 'keep', replyTo }), { timeout: 'soon' as '1s' });
    await expect(reply).rejects.toMatchObject({ code: 'DURATION_INVALID' });
    time.settle();
    expect(kept).toEqual([]);
  });

  it('waits for the timeout of the system when it says none', async () => {
    const { system, time } = testSystem({ askTimeout: '2s' });
    const { definition } = keeper();
    const reply = system.spawn(definition).ask((replyTo) => ({ type: 'keep', replyTo }));
    const rejected = expect(reply).rejects.toMatchObject({ timeoutMs: 2000 });
    await time.advanceAsync(2000);
    await rejected;
  });

  it('tells of waiting messages or of a busy handler when it times out', async () => {
    const { system, time } = testSystem();
    const ref = system.spawn(
      actor<Keep>(() => ({ keep: () => new Promise<void>(() => undefined) })),
      'stuck',
    );
    const reply = ref.ask((replyTo) => ({ type: 'keep', replyTo }), { timeout: 100 });
    const rejected = expect(reply).rejects.toThrow('its asynchronous handler has not ended');
    await time.advanceAsync(100);
    await rejected;
  });

  it('fails at once when the target has stopped', async () => {
    const { system, time } = testSystem();
    const ref = system.spawn(echo, 'echo');
    system.stop(ref);
    time.settle();
    const reply = ref.ask((replyTo) => ({ type: 'echo', text: '', replyTo }));
    await expect(reply).rejects.toMatchObject({
      code: 'ASK_UNDELIVERABLE',
      fields: { reason: 'recipientStopped' },
    });
  });

  it('fails at once when the target stops before it takes the message', async () => {
    const { system, time } = testSystem();
    const ref = system.spawn(
      actor<Keep | { readonly type: 'end' }>(() => ({ keep() {}, end: () => stop() })),
    );
    ref.tell({ type: 'end' });
    const reply = ref.ask((replyTo) => ({ type: 'keep', replyTo }));
    const rejected = expect(reply).rejects.toMatchObject({ code: 'ASK_UNDELIVERABLE' });
    time.settle();
    await rejected;
  });

  it('fails at once when the mailbox is full', async () => {
    const { system } = testSystem();
    const ref = system.spawn(echo, 'echo', { mailbox: { capacity: 1 } });
    const first = ref.ask((replyTo) => ({ type: 'echo', text: 'a', replyTo }));
    const second = ref.ask((replyTo) => ({ type: 'echo', text: 'b', replyTo }));
    await expect(second).rejects.toMatchObject({ fields: { reason: 'mailboxFull' } });
    expect(first).toBeInstanceOf(Promise);
    first.catch(() => undefined);
  });

  it('fails at once, with the cause, when the handler of the message fails', async () => {
    const { system, time } = testSystem();
    const ref = system.spawn(
      actor<Keep>(() => ({
        keep() {
          throw new Error('broken');
        },
      })),
    );
    const reply = ref.ask((replyTo) => ({ type: 'keep', replyTo }));
    const rejected = expect(reply).rejects.toMatchObject({
      code: 'ASK_HANDLER_FAILED',
      cause: { message: 'broken' },
    });
    time.settle();
    await rejected;
  });

  it('fails at once when the converter of an adapted ref fails, and that of no other message', async () => {
    const { system, time } = testSystem();
    let adapter: ActorRef<string> | undefined;
    let kept: ActorRef<string> | undefined;
    const ref = system.spawn(
      actor<Keep>(
        (context) => {
          adapter = context.adapt((_: string) => {
            throw new Error('broken');
          });
          return {
            keep({ replyTo }) {
              kept = replyTo;
            },
          };
        },
        { supervision: 'resume' },
      ),
    );
    time.settle();
    const before = ref.ask<string>((replyTo) => ({ type: 'keep', replyTo }));
    const reply = adapter?.ask(() => 'text');
    const rejected = expect(reply).rejects.toMatchObject({
      code: 'ASK_HANDLER_FAILED',
      cause: { message: 'broken' },
    });
    time.settle();
    await rejected;
    kept?.tell('answered later');
    expect(await before).toBe('answered later');
  });

  it('is rejected, and the rest goes on, when the message cannot be built', async () => {
    const { system } = testSystem();
    const reply = system.spawn(echo).ask<string>(() => {
      throw new Error('no message');
    });
    await expect(reply).rejects.toThrow('no message');
  });

  it('takes the envelopes of classic JVM replies off', async () => {
    const { system, time } = testSystem();
    const failing = actor<unknown>((context) => ({
      onMessage: () =>
        (context.sender as ActorRef<unknown> | undefined)?.tell(
          miscMessage({ kind: 'statusReplyErrorText', text: 'not today' }),
        ),
    }));
    const reply = system.spawn(failing).ask<string>(() => 'please');
    const rejected = expect(reply).rejects.toMatchObject({ code: 'ASK_REJECTED' });
    time.settle();
    await rejected;
  });

  it('is named below /temp, without incarnation, only when someone asks for its path', async () => {
    const { system, time } = testSystem();
    const { kept, definition } = keeper();
    const reply = system.spawn(definition).ask((replyTo) => ({ type: 'keep', replyTo }));
    time.settle();
    const path = kept[0]?.path ?? '';
    expect(path).toMatch(/^pekko:\/\/test\/temp\/\$[a-zA-Z0-9+~]+$/);
    expect(system.resolve(path)).toBe(kept[0]);
    system.resolve(path).tell('by path');
    expect(await reply).toBe('by path');
    expect(system.resolve(path)).not.toBe(kept[0]);
  });

  it('is rejected when the system ends first, so that nobody waits for ever', async () => {
    const { system, time } = testSystem({ askTimeout: '1h' });
    const { definition } = keeper();
    const ref = system.spawn(definition);
    const pending = ref.ask((replyTo) => ({ type: 'keep', replyTo }));
    const rejected = expect(pending).rejects.toMatchObject({ code: 'ACTOR_SYSTEM_TERMINATED' });
    time.settle();
    const ended = system.terminate();
    await time.settleAsync();
    await ended;
    await rejected;
    const late = ref.ask((replyTo) => ({ type: 'keep', replyTo }));
    await expect(late).rejects.toMatchObject({ code: 'ACTOR_SYSTEM_TERMINATED' });
  });
});

describe('an actor that asks itself', () => {
  type Selfish = Keep | { readonly type: 'go' };

  it('gets a clear error instead of a deadlock when its handler awaits the reply', async () => {
    const { system, time } = testSystem();
    let failure: unknown;
    const ref = system.spawn(
      actor<Selfish>((context) => ({
        keep: ({ replyTo }) => replyTo.tell('never'),
        async go() {
          failure = await context.self
            .ask((replyTo) => ({ type: 'keep', replyTo }))
            .catch((error: unknown) => error);
        },
      })),
    );
    ref.tell({ type: 'go' });
    await time.settleAsync();
    expect(failure).toMatchObject({ code: 'ASK_DEADLOCK' });
  });

  it('gets its reply when it does not wait for it', async () => {
    const { system, time } = testSystem();
    const seen: string[] = [];
    const ref = system.spawn(
      actor<Selfish | { readonly type: 'done'; readonly text: string }>((context) => ({
        keep: ({ replyTo }) => replyTo.tell('hello'),
        go() {
          const reply = context.self.ask((replyTo) => ({ type: 'keep', replyTo }));
          context.pipeToSelf(
            reply,
            (text) => ({ type: 'done', text }),
            (error) => ({ type: 'done', text: error.message }),
          );
        },
        done: ({ text }) => void seen.push(text),
      })),
    );
    ref.tell({ type: 'go' });
    await time.settleAsync();
    expect(seen).toEqual(['hello']);
  });

  it('gets a clear error when its asynchronous setup awaits the reply', async () => {
    const { system, time } = testSystem();
    const failures: unknown[] = [];
    system.spawn(
      actor<Selfish>(async (context) => {
        await context.self
          .ask((replyTo) => ({ type: 'keep', replyTo }))
          .catch((error: unknown) => failures.push(error));
        return { keep: ({ replyTo }) => replyTo.tell('never'), go() {} };
      }),
    );
    await time.settleAsync();
    expect(failures).toMatchObject([{ code: 'ASK_DEADLOCK' }]);
  });

  it('gets its reply when setup asks without waiting, also from an asynchronous handler', async () => {
    const { system, time } = testSystem();
    const seen: unknown[] = [];
    system.spawn(
      actor<Selfish>((context) => {
        context.self
          .ask((replyTo) => ({ type: 'keep', replyTo }))
          .then(
            (text) => seen.push(text),
            (error: unknown) => seen.push(error),
          );
        return {
          async keep({ replyTo }) {
            await Promise.resolve();
            replyTo.tell('kept');
          },
          go() {},
        };
      }),
    );
    await time.settleAsync();
    expect(seen).toEqual(['kept']);
  });
});
