import { describe, expect, it } from 'vitest';
import { testSystem } from '../testkit/test-system.ts';
import { actor, stop } from './actor.ts';
import type { WatchOptions } from './context.ts';
import { type ActorRef, sendSystem } from './ref.ts';

type Mortal = 'end' | 'fail' | { readonly tell: string; readonly to: ActorRef<string> };

const mortal = actor<Mortal>(
  () => ({
    onMessage(message) {
      if (message === 'end') return stop();
      if (message === 'fail') throw new Error('broken');
      message.to.tell(message.tell);
      return undefined;
    },
  }),
  { supervision: 'stop' },
);

/** Watches what it is given and writes down what it is told. */
function watcher(options: WatchOptions<ActorRef<never> | string> = {}) {
  const seen: string[] = [];
  const definition = actor<ActorRef<never> | string>((context) => ({
    onMessage(message) {
      if (typeof message !== 'string') context.watch(message, options);
      else seen.push(message);
    },
    onTerminated: (ref, { existenceConfirmed }) => {
      seen.push(`${ref.name} ended${existenceConfirmed ? '' : ', if it ever was'}`);
    },
  }));
  return { seen, definition };
}

describe('a watch', () => {
  it('tells the end of the watched actor once, however often it was watched', () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = watcher();
    const target = system.spawn(mortal, 'target');
    const watching = system.spawn(definition);
    tellAll(watching, target, target, target);
    tellAll(target, 'end');
    time.advance(10_000);
    expect(seen).toEqual(['target ended']);
  });

  it('tells it for a failure that stops the actor as well', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = watcher();
    const target = system.spawn(mortal, 'target');
    tellAll(system.spawn(definition), target);
    tellAll(target, 'fail');
    expect(seen).toEqual(['target ended']);
  });

  it('tells it at once when the actor has ended already, or never was', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = watcher();
    const target = system.spawn(mortal, 'target');
    tellAll(target, 'end');
    const watching = system.spawn(definition);
    tellAll(watching, target, system.resolve('pekko://test/user/nobody'));
    expect(seen).toEqual(['target ended', 'nobody ended, if it ever was']);
  });

  it('tells it when the actor was stopped in the same turn, before it was watched', () => {
    const { system, tellAll } = testSystem();
    const seen: string[] = [];
    const parent = actor<'go'>((context) => {
      const child = context.spawn(mortal, 'child');
      return {
        onMessage() {
          context.stop(child);
          context.watch(child);
        },
        onTerminated: ({ name }) => void seen.push(name),
      };
    });
    tellAll(system.spawn(parent), 'go');
    expect(seen).toEqual(['child']);
  });

  it('tells it when the watch came while the actor was still stopping', async () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = watcher();
    const gate = Promise.withResolvers<void>();
    const slow = actor<never>(() => ({ onMessage() {}, onStop: () => gate.promise }));
    const target = system.spawn(slow, 'slow');
    const watching = system.spawn(definition);
    time.settle();
    system.stop(target);
    time.settle();
    tellAll(watching, target);
    expect(seen).toEqual([]);
    gate.resolve();
    await time.settleAsync();
    expect(seen).toEqual(['slow ended']);
  });

  it('tells it after everything that the actor had sent before', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = watcher();
    const target = system.spawn(mortal, 'target');
    const watching = system.spawn(definition);
    tellAll(watching, target);
    target.tell({ tell: 'one', to: watching });
    target.tell({ tell: 'two', to: watching });
    tellAll(target, 'end');
    expect(seen).toEqual(['one', 'two', 'target ended']);
  });

  it('tells nothing after an unwatch, even if the end waits in the mailbox already', async () => {
    const { system, time, tellAll } = testSystem();
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    const target = system.spawn(mortal, 'target');
    const watching = system.spawn(
      actor<'wait' | 'unwatch' | 'watch'>((context) => ({
        onMessage(message) {
          if (message === 'wait') return gate.promise;
          if (message === 'watch') context.watch(target);
          else context.unwatch(target);
          return undefined;
        },
        onTerminated: ({ name }) => void seen.push(name),
      })),
    );
    tellAll(watching, 'watch', 'wait', 'unwatch');
    tellAll(target, 'end');
    gate.resolve();
    await time.settleAsync();
    expect(seen).toEqual([]);
    tellAll(watching, 'watch', 'unwatch', 'watch');
    expect(seen).toEqual(['target']);
  });

  it('tells the end again when it is set up again after it was told', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = watcher();
    const target = system.spawn(mortal, 'target');
    const watching = system.spawn(definition);
    tellAll(watching, target);
    tellAll(target, 'end');
    tellAll(watching, target);
    expect(seen).toEqual(['target ended', 'target ended']);
  });

  it('tells the end once even if it is reported twice, by the actor and by the loss of its node', () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = watcher();
    const target = system.spawn(mortal, 'target');
    const watching = system.spawn(definition);
    tellAll(watching, target);
    for (const addressTerminated of [false, true]) {
      watching[sendSystem]({
        kind: 'deathWatchNotification',
        actor: target,
        existenceConfirmed: true,
        addressTerminated,
      });
    }
    time.settle();
    expect(seen).toEqual(['target ended']);
  });

  it('can be set up anew for another actor of the same name', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = watcher();
    const watching = system.spawn(definition);
    for (let i = 0; i < 2; i++) {
      const target = system.spawn(mortal, 'target');
      tellAll(watching, target);
      tellAll(target, 'end');
    }
    expect(seen).toEqual(['target ended', 'target ended']);
  });

  it('may have a message told instead', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = watcher({ message: 'as a message' });
    const target = system.spawn(mortal, 'target');
    tellAll(system.spawn(definition), target);
    tellAll(target, 'end');
    expect(seen).toEqual(['as a message']);
  });

  it('may be a death pact: the watcher fails, and its supervision decides', () => {
    const { system, tellAll, log } = testSystem();
    const { seen, definition } = watcher({ deathPact: true });
    const target = system.spawn(mortal, 'target');
    const watching = system.spawn(definition.with({ supervision: 'stop' }));
    tellAll(watching, target);
    tellAll(target, 'end');
    expect(watching.isStopped).toBe(true);
    expect(seen).toEqual([]);
    const failed = log.lines.find(({ message }) => message === 'Actor failed and is stopped');
    expect(failed?.fields.error).toMatchObject({ code: 'ACTOR_DEATH_PACT' });
  });

  it('that nobody handles becomes a dead letter', () => {
    const { system, tellAll, deadLetters } = testSystem();
    const target = system.spawn(mortal, 'target');
    const careless = actor<ActorRef<never>>((context) => ({
      onMessage: (ref) => void context.watch(ref),
    }));
    tellAll(system.spawn(careless), target);
    tellAll(target, 'end');
    expect(deadLetters).toMatchObject([{ reason: 'unhandled', message: { type: 'terminated' } }]);
  });

  it('does not outlive the incarnation of the watcher', () => {
    const { system, time, tellAll } = testSystem();
    const seen: string[] = [];
    const target = system.spawn(mortal, 'target');
    const watching = system.spawn(
      actor<'watch' | 'fail'>((context) => ({
        onMessage(message) {
          if (message === 'fail') throw new Error('broken');
          context.watch(target);
        },
        onTerminated: ({ name }) => void seen.push(name),
      })),
    );
    tellAll(watching, 'watch', 'fail');
    time.advance(1000);
    tellAll(target, 'end');
    expect(seen).toEqual([]);
  });

  it('of a child is told when its name is free again', () => {
    const { system, time, log } = testSystem();
    let starts = 0;
    system.spawn(
      actor<string>((context) => {
        const start = (): void => {
          if (++starts <= 3) context.watch(context.spawn(mortal, 'child')).tell('end');
        };
        start();
        return { onMessage() {}, onTerminated: start };
      }),
    );
    time.settle();
    expect(starts).toBe(4);
    expect(log.messages('error')).toEqual([]);
  });

  it('of itself is ignored', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = watcher();
    const ref = system.spawn(definition);
    tellAll(ref, ref);
    system.stop(ref);
    expect(seen).toEqual([]);
  });
});
