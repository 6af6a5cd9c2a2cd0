import { describe, expect, it } from 'vitest';
import { testSystem } from '../testkit/test-system.ts';
import { actor } from './actor.ts';
import type { ActorRef } from './ref.ts';

const idle = actor<string>(() => ({ onMessage() {} }));

describe('names of actors', () => {
  it('are generated as $a, $b, … when none is given', () => {
    const { system } = testSystem();
    const names = Array.from({ length: 65 }, () => system.spawn(idle).name);
    expect(names.slice(0, 3)).toEqual(['$a', '$b', '$c']);
    expect(names[64]).toBe('$ab');
  });

  it('stand in the path with the incarnation, which differs for each spawn', () => {
    const { system, time } = testSystem();
    const first = system.spawn(idle, 'a');
    expect(first.path).toMatch(/^pekko:\/\/test\/user\/a#-?\d+$/);
    system.stop(first);
    time.settle();
    expect(system.spawn(idle, 'a').path).not.toBe(first.path);
  });

  it.each(['', '$own', 'a/b', 'a b', 'ä', 'a#1', '%zz', '.', '..'])(
    'are refused when a path cannot hold them: "%s"',
    (name) => {
      const { system } = testSystem();
      expect(() => system.spawn(idle, name)).toThrow(
        expect.objectContaining({ code: 'ACTOR_NAME_INVALID' }),
      );
    },
  );

  it('are refused while a sibling has them, also while it is still stopping', () => {
    const { system, time } = testSystem();
    const taken = expect.objectContaining({ code: 'ACTOR_NAME_TAKEN' });
    const ref = system.spawn(idle, 'a');
    expect(() => system.spawn(idle, 'a')).toThrow(taken);
    system.stop(ref);
    expect(() => system.spawn(idle, 'a')).toThrow(taken);
    time.settle();
    expect(system.spawn(idle, 'a').isStopped).toBe(false);
  });
});

describe('a family of actors', () => {
  type Order = { readonly type: 'stop'; readonly child: ActorRef<never> };

  /** Three generations that write down their ends. */
  function family(seen: string[], depth: number): ReturnType<typeof actor<Order>> {
    return actor<Order>((context) => {
      if (depth > 0) {
        context.spawn(family(seen, depth - 1), 'left');
        context.spawn(family(seen, depth - 1), 'right');
      }
      return {
        stop: ({ child }) => context.stop(child),
        onStop: () => void seen.push(new URL(context.self.path).pathname),
      };
    });
  }

  it('ends from the leaves upwards', () => {
    const { system, time } = testSystem();
    const seen: string[] = [];
    const top = system.spawn(family(seen, 2), 'top');
    time.settle();
    expect(system.actorCount).toBe(7);
    system.stop(top);
    time.settle();
    expect(system.actorCount).toBe(0);
    expect(seen).toHaveLength(7);
    for (const path of seen) {
      const parent = path.slice(0, path.lastIndexOf('/'));
      if (seen.includes(parent)) expect(seen.indexOf(path)).toBeLessThan(seen.indexOf(parent));
    }
  });

  it('lets a parent stop its own children only', () => {
    const { system, time, log } = testSystem();
    const seen: string[] = [];
    const top = system.spawn(family(seen, 1), 'top', { supervision: 'resume' });
    time.settle();
    top.tell({ type: 'stop', child: system.resolve('/user/top/left') });
    top.tell({ type: 'stop', child: system.spawn(idle, 'stranger') });
    time.settle();
    expect(seen).toHaveLength(1);
    expect(log.lines.at(-1)?.fields.error).toMatchObject({ code: 'ACTOR_CHILD_UNKNOWN' });
  });

  it('shows a parent its children', () => {
    const { system, time } = testSystem();
    const seen: unknown[] = [];
    system.spawn(
      actor<string>((context) => {
        const child = context.spawn(idle, 'child');
        context.spawn(idle);
        seen.push(context.children.length, context.child('child') === child, context.child('none'));
        seen.push(context.parent.path);
        return { onMessage() {} };
      }),
    );
    time.settle();
    expect(seen).toEqual([2, true, undefined, 'pekko://test/user']);
  });

  it('waits for an asynchronous onStop of the child before the parent ends', async () => {
    const { system, time } = testSystem();
    const gate = Promise.withResolvers<void>();
    const slow = actor<string>(() => ({ onMessage() {}, onStop: () => gate.promise }));
    const parent = system.spawn(
      actor<string>((context) => {
        context.spawn(slow);
        return { onMessage() {} };
      }),
    );
    await time.settleAsync();
    system.stop(parent);
    await time.settleAsync();
    expect(system.actorCount).toBe(2);
    gate.resolve();
    await time.settleAsync();
    expect(system.actorCount).toBe(0);
  });

  it('gets no new members while its head is stopping', () => {
    const { system, time, log } = testSystem();
    const ref = system.spawn(
      actor<string>((context) => ({ onMessage() {}, onStop: () => void context.spawn(idle) })),
    );
    time.settle();
    system.stop(ref);
    time.settle();
    expect(log.lines.at(-1)?.fields.error).toMatchObject({ code: 'ACTOR_STOPPING' });
    expect(system.actorCount).toBe(0);
  });
});
