import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { testSystem } from '../testkit/test-system.ts';
import { actor, stop } from './actor.ts';
import type { ActorRef } from './ref.ts';
import { type RestartHistory, type Supervision, supervise } from './supervision.ts';

const error = new Error('broken');

describe('the decision on a failure', () => {
  it('doubles the back-off with each restart in the window, up to the maximum, and adds jitter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer(), (restarts, seed) => {
        const random = seededRandom(seed);
        const rule = {
          restart: { limit: Infinity, backoffMin: 100, backoffMax: '2s', jitter: 0.5 },
        } as const;
        let history: RestartHistory = [];
        for (let n = 1; n <= restarts; n++) {
          const decision = supervise(rule, { error, history, nowMs: n }, random);
          expect(decision.directive).toBe('restart');
          if (decision.directive !== 'restart') return;
          const baseMs = Math.min(2000, 100 * 2 ** (n - 1));
          expect(decision.delayMs).toBeGreaterThanOrEqual(baseMs);
          expect(decision.delayMs).toBeLessThan(baseMs * 1.5);
          history = decision.history;
        }
        expect(history.length).toBeLessThanOrEqual(32);
      }),
    );
  });

  it('stops after the limit within the window, and starts anew once the window has passed', () => {
    const rule = { restart: { limit: 2, within: '10s' } } as const;
    const random = seededRandom(1);
    const at = (nowMs: number, history: RestartHistory) =>
      supervise(rule, { error, history, nowMs }, random);
    expect(at(0, [])).toMatchObject({ directive: 'restart', attempt: 1, history: [0] });
    expect(at(9999, [0])).toMatchObject({ directive: 'restart', attempt: 2, history: [0, 9999] });
    expect(at(9999.5, [0, 9999])).toEqual({ directive: 'stop' });
    expect(at(10_000, [0, 9999])).toMatchObject({ attempt: 2, history: [9999, 10_000] });
  });

  it('counts limits beyond the memory of an unlimited rule', () => {
    const rule = { restart: { limit: 50, within: '1h' } } as const;
    let history: RestartHistory = [];
    let restarts = 0;
    for (;;) {
      const decision = supervise(rule, { error, history, nowMs: restarts }, seededRandom(1));
      if (decision.directive !== 'restart') break;
      history = decision.history;
      restarts++;
    }
    expect(restarts).toBe(50);
  });

  it('may depend on the error, and may escalate beyond the limit', () => {
    const bySort: Supervision = ({ message }) => (message === 'broken' ? 'resume' : 'stop');
    const decide = (rule: Supervision) =>
      supervise(rule, { error, history: [], nowMs: 0 }, seededRandom(1));
    expect(decide(bySort)).toEqual({ directive: 'resume' });
    expect(decide({ restart: { limit: 0, beyond: 'escalate' } })).toEqual({
      directive: 'escalate',
    });
  });
});

type Fragile =
  | { readonly type: 'add' | 'fail' | 'failLater' | 'end' }
  | { readonly type: 'read'; readonly replyTo: ActorRef<number> };

/** Counts, fails when told to, and writes down what happens to it. */
function fragile(supervision?: Supervision) {
  const seen: string[] = [];
  const definition = actor<Fragile>(
    (context) => {
      let count = 0;
      seen.push('setup');
      context.spawn(
        actor<string>(() => ({ onMessage() {}, onStop: () => void seen.push('child stopped') })),
        'child',
      );
      return {
        add: () => void count++,
        fail() {
          throw error;
        },
        failLater: () => Promise.reject(error),
        end: () => stop(),
        read: ({ replyTo }) => replyTo.tell(count),
        onRestart: ({ message }) => void seen.push(`onRestart ${message}`),
        onStop: () => void seen.push('onStop'),
      };
    },
    supervision === undefined ? {} : { supervision },
  );
  return { seen, definition };
}

describe('an actor that fails', () => {
  it('is restarted by default: fresh state after a back-off, same ref, mailbox kept, children stopped', async () => {
    const { system, time, log } = testSystem();
    const { seen, definition } = fragile();
    const ref = system.spawn(definition);
    ref.tell({ type: 'add' });
    ref.tell({ type: 'fail' });
    ref.tell({ type: 'add' });
    const reply = ref.ask((replyTo) => ({ type: 'read', replyTo }));
    time.settle();
    expect(seen).toEqual(['setup', 'onRestart broken', 'child stopped']);
    time.advance(99);
    expect(seen).toHaveLength(3);
    time.advance(21);
    expect(seen[3]).toBe('setup');
    expect(await reply).toBe(1);
    expect(log.lines.find(({ level }) => level === 'error')).toMatchObject({
      message: 'Actor failed and is restarted',
      fields: { actor: ref.path, error, attempt: 1 },
    });
  });

  it('is treated alike when a promise that its handler returned is rejected', async () => {
    const { system, time } = testSystem();
    const { seen, definition } = fragile();
    const ref = system.spawn(definition);
    ref.tell({ type: 'failLater' });
    await time.advanceAsync(120);
    expect(seen).toEqual(['setup', 'onRestart broken', 'child stopped', 'setup']);
  });

  it.each(['at once', 'later'])(
    'is treated alike when what it throws %s has no text',
    async (when) => {
      const { system, time, log } = testSystem();
      let setups = 0;
      const odd = actor<string>(() => {
        setups++;
        const fail = () => {
          throw Object.create(null);
        };
        return { onMessage: when === 'later' ? async () => fail() : fail };
      });
      system.spawn(odd).tell('go');
      await time.advanceAsync(200);
      expect(setups).toBe(2);
      expect(log.messages('error')).toEqual(['Actor failed and is restarted']);
    },
  );

  it('goes on with its state when supervision says resume', async () => {
    const { system, time } = testSystem();
    const { seen, definition } = fragile('resume');
    const ref = system.spawn(definition);
    ref.tell({ type: 'add' });
    ref.tell({ type: 'fail' });
    ref.tell({ type: 'add' });
    const reply = ref.ask((replyTo) => ({ type: 'read', replyTo }));
    time.settle();
    expect(await reply).toBe(2);
    expect(seen).toEqual(['setup']);
  });

  it('ends, after its children, when supervision says stop', () => {
    const { system, time } = testSystem();
    const { seen, definition } = fragile('stop');
    const ref = system.spawn(definition);
    ref.tell({ type: 'fail' });
    time.settle();
    expect(ref.isStopped).toBe(true);
    expect(seen).toEqual(['setup', 'child stopped', 'onStop']);
  });

  it('ends once it has been restarted too often', () => {
    const { system, time } = testSystem();
    const { seen, definition } = fragile({ restart: { limit: 2, backoffMin: 0 } });
    const ref = system.spawn(definition);
    for (let i = 0; i < 3; i++) {
      ref.tell({ type: 'fail' });
      time.advance(1);
    }
    expect(ref.isStopped).toBe(true);
    expect(seen.filter((entry) => entry === 'setup')).toHaveLength(3);
  });

  it('is supervised by what spawn says rather than by what its definition says', () => {
    const { system, time } = testSystem();
    const ref = system.spawn(fragile('resume').definition, 'a', { supervision: 'stop' });
    ref.tell({ type: 'fail' });
    time.settle();
    expect(ref.isStopped).toBe(true);
  });

  it('is tried again when its setup fails', () => {
    const { system, time } = testSystem();
    let attempts = 0;
    const seen: string[] = [];
    const ref = system.spawn(
      actor<string>(() => {
        if (++attempts < 3) throw new Error('not yet');
        return { onMessage: (message) => void seen.push(message) };
      }),
    );
    ref.tell('kept');
    time.advance(1000);
    expect(attempts).toBe(3);
    expect(seen).toEqual(['kept']);
  });

  it('cannot be resumed when its setup failed, and ends instead', () => {
    const { system, time } = testSystem();
    const setup = (): never => {
      throw error;
    };
    const ref = system.spawn(actor<string>(setup, { supervision: 'resume' }));
    time.settle();
    expect(ref.isStopped).toBe(true);
  });

  it('can be stopped while it waits to be restarted', () => {
    const { system, time } = testSystem();
    const { seen, definition } = fragile();
    const ref = system.spawn(definition);
    ref.tell({ type: 'fail' });
    time.settle();
    system.stop(ref);
    time.advance(10_000);
    expect(ref.isStopped).toBe(true);
    expect(seen.filter((entry) => entry === 'setup')).toHaveLength(1);
  });

  it('waits for an asynchronous onRestart before it is made anew', async () => {
    const { system, time } = testSystem();
    const gate = Promise.withResolvers<void>();
    let setups = 0;
    const ref = system.spawn(
      actor<string>(() => {
        setups++;
        return {
          onMessage() {
            throw error;
          },
          onRestart: () => gate.promise,
        };
      }),
    );
    ref.tell('go');
    await time.advanceAsync(10_000);
    expect(setups).toBe(1);
    gate.resolve();
    await time.settleAsync();
    expect(setups).toBe(2);
  });

  it('is stopped when the choice of a rule fails itself', () => {
    const { system, time, log } = testSystem();
    const { definition } = fragile(() => {
      throw new Error('no idea');
    });
    const ref = system.spawn(definition);
    ref.tell({ type: 'fail' });
    time.settle();
    expect(ref.isStopped).toBe(true);
    expect(log.messages('error')[0]).toBe('Supervision itself failed, so the actor is stopped');
  });

  it('is refused at the spawn when its rule has numbers that cannot work', () => {
    const { system } = testSystem();
    const { definition } = fragile({ restart: { jitter: 2 } });
    expect(() => system.spawn(definition)).toThrow(
      expect.objectContaining({ code: 'ACTOR_OPTION_INVALID' }),
    );
  });
});

describe('a failure that is escalated', () => {
  type Parent =
    | { readonly type: 'add' }
    | { readonly type: 'read'; readonly replyTo: ActorRef<number> };

  function family(supervision: Supervision) {
    const child = fragile('escalate');
    let childRef: ActorRef<Fragile> | undefined;
    const parent = actor<Parent>(
      (context) => {
        let count = 0;
        childRef = context.spawn(child.definition, 'fragile');
        return { add: () => void count++, read: ({ replyTo }) => replyTo.tell(count) };
      },
      { supervision },
    );
    return { child, parent, childRef: () => childRef as ActorRef<Fragile> };
  }

  it('makes the parent fail: restarted, it starts its children anew under the same names', async () => {
    const { system, time, log } = testSystem();
    const { child, parent, childRef } = family('restart');
    const ref = system.spawn(parent, 'parent');
    ref.tell({ type: 'add' });
    time.settle();
    const first = childRef();
    first.tell({ type: 'fail' });
    time.advance(120);
    const reply = ref.ask((replyTo) => ({ type: 'read', replyTo }));
    time.settle();
    expect(await reply).toBe(0);
    expect(first.isStopped).toBe(true);
    expect(childRef().name).toBe('fragile');
    expect(childRef().isStopped).toBe(false);
    expect(child.seen).toEqual(['setup', 'child stopped', 'onStop', 'setup']);
    const failure = log.lines.find(({ fields }) => fields.actor === ref.path)?.fields.error;
    expect(failure).toMatchObject({ code: 'ACTOR_CHILD_FAILED', cause: error });
  });

  it('lets the child go on when the parent is resumed', async () => {
    const { system, time } = testSystem();
    const { parent, childRef } = family('resume');
    system.spawn(parent, 'parent');
    time.settle();
    childRef().tell({ type: 'add' });
    childRef().tell({ type: 'fail' });
    const reply = childRef().ask((replyTo) => ({ type: 'read', replyTo }));
    time.settle();
    expect(await reply).toBe(1);
  });

  it('ends the system when it reaches the top', async () => {
    const { system, time, log } = testSystem();
    system.spawn(fragile('escalate').definition).tell({ type: 'fail' });
    await time.settleAsync();
    await system.whenTerminated;
    expect(system.coordinatedShutdown.reason?.name).toBe('guardianFailed');
    expect(log.messages('error')).toContain(
      'Failure reached the top of the tree, so the system ends',
    );
  });
});
