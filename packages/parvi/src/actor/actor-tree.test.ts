import { describe, expect, it } from 'vitest';
import { testSystem } from '../testkit/index.ts';
import { actor } from './actor.ts';

const idle = actor<string>(() => ({ onMessage() {} }));
const parent = actor<string>((context) => {
  for (const name of ['a', 'b', 'c']) context.spawn(idle, name);
  return { onMessage() {} };
});

const wide = { depthMax: 10, actorsMax: 100 };

describe('the tree of actors', () => {
  it('shows each actor at its place, with what waits for it', () => {
    const { system, time } = testSystem();
    const top = system.spawn(parent, 'top');
    time.settle();
    const held = system.spawn(
      actor<string>(() => ({ onMessage: () => new Promise<void>(() => undefined) })),
      'held',
    );
    for (let i = 0; i < 3; i++) held.tell('go');
    time.settle();
    const tree = system.actorTree({ ...wide, path: '/user' });
    const [user] = tree?.roots ?? [];
    expect(user?.children.map(({ path }) => path)).toEqual([top.path, held.path].map(localPath));
    expect(user?.children[1]).toMatchObject({ name: 'held', waiting: true, mailbox: 2 });
    expect(user?.children[0]).toMatchObject({ state: 'running', childCount: 3, restarts: 0 });
    expect(tree).toMatchObject({ shown: 6, truncated: false });
  });

  it('says when something is left out', () => {
    const { system, time } = testSystem();
    system.spawn(parent, 'top');
    time.settle();
    const few = system.actorTree({ path: '/user/top', depthMax: 10, actorsMax: 3 });
    expect(few).toMatchObject({ shown: 3, truncated: true });
    expect(few?.roots[0]).toMatchObject({
      childCount: 3,
      children: [{ name: 'a' }, { name: 'b' }],
    });
    const flat = system.actorTree({ path: '/user/top', depthMax: 0, actorsMax: 10 });
    expect(flat).toMatchObject({ shown: 1, truncated: true });
  });

  it('has both guardians at its top, and nothing where nobody lives', () => {
    const { system } = testSystem();
    const names = system.actorTree(wide)?.roots.map(({ name }) => name);
    expect(names).toEqual(['user', 'system']);
    expect(system.actorTree({ ...wide, path: '/user/none' })).toBeUndefined();
    expect(system.actorTree({ ...wide, path: '/other' })).toBeUndefined();
  });
});

const localPath = (path: string): string => path.replace(/^pekko:\/\/[^/]+/, '').replace(/#.*/, '');
