// What a selection may cost, whoever sends it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testSystem } from '../testkit/test-system.ts';
import { type SelectionElement, selectionElements } from '../wire/index.ts';
import { actor } from './actor.ts';
import { matchesPattern, selectionActorsMax } from './internal/selection-walk.ts';
import { identify, SelectedMessage } from './protocol.ts';

const leaf = actor<unknown>(() => ({ onMessage: () => undefined }));

/** Actors below `/user`, with as many children each; `seen` has the paths that got a message. */
function tree(names: readonly string[], children: readonly string[] = []) {
  const test = testSystem();
  const seen: string[] = [];
  const recorder = (below: readonly string[]) =>
    actor<unknown>((context) => {
      for (const name of below) context.spawn(recorder([]), name);
      return { onMessage: () => void seen.push(context.self.path.replace(/#.*/, '').slice(13)) };
    });
  for (const name of names) test.system.spawn(recorder(children), name);
  test.time.settle();
  const root = test.system.resolve('pekko://test/');
  /** As it comes from another node. */
  const deliver = (elements: readonly SelectionElement[], message: unknown = 'hi'): void => {
    test.system.deliverSelection(root, new SelectedMessage(elements, message));
    test.time.settle();
  };
  return { ...test, seen, deliver };
}

describe('a selection of very many elements', () => {
  it('becomes one dead letter that says why, instead of an overflow of the stack', () => {
    const { deliver, deadLetters, seen } = tree(['a']);
    const up = Array.from({ length: 100_000 }, () => ({ kind: 'parent' }) as const);
    deliver([...up, ...selectionElements('/user/a')]);
    expect(seen).toEqual([]);
    expect(deadLetters).toHaveLength(1);
    expect(deadLetters[0]).toMatchObject({
      reason: 'selectionTooLarge',
      message: 'hi',
      cause: { code: 'SELECTION_TOO_LARGE' },
    });
    expect(deadLetters[0]?.recipient.length).toBeLessThan(500);
  });

  it('is followed as long as it keeps to the limit', () => {
    const { deliver, seen, deadLetters } = tree(['a']);
    const up = Array.from({ length: 998 }, () => ({ kind: 'parent' }) as const);
    deliver([...up, ...selectionElements('/user/a')]);
    expect(seen).toEqual(['user/a']);
    deliver([{ kind: 'parent' }, ...up, ...selectionElements('/user/a')]);
    expect([seen.length, deadLetters.length]).toEqual([1, 1]);
  });

  it('with wildcards is bounded in the same way', () => {
    const { deliver, deadLetters } = tree(['a']);
    const all = Array.from({ length: 2000 }, () => ({ kind: 'pattern', pattern: '*' }) as const);
    deliver(all);
    expect(deadLetters).toMatchObject([{ reason: 'selectionTooLarge' }]);
  });
});

describe('wildcards', () => {
  const names = Array.from({ length: 300 }, (_, i) => `w${i}`);

  it('that lead to an actor by many ways tell it once', () => {
    const { deliver, seen } = tree(names);
    deliver(selectionElements('/user/*/../*/../*'));
    expect(seen.length).toBe(names.length);
    expect(new Set(seen).size).toBe(names.length);
  });

  it('that lead over more actors than the limit tell nobody, and are one dead letter', () => {
    const { deliver, seen, deadLetters } = tree(names);
    const rounds = Math.ceil(selectionActorsMax / names.length) + 1;
    deliver(selectionElements(`/user/${'*/../'.repeat(rounds)}*`));
    expect(seen).toEqual([]);
    expect(deadLetters).toMatchObject([
      { reason: 'selectionTooLarge', cause: { code: 'SELECTION_TOO_LARGE' } },
    ]);
  });

  it('from another node take turns with other actors and count as backlog meanwhile', () => {
    const { system, time, seen } = tree(names);
    const root = system.resolve('pekko://test/');
    const order: string[] = [];
    const other = system.spawn(
      actor<string>(() => ({ onMessage: () => void order.push(`other at ${seen.length}`) })),
      'other',
    );
    time.settle();
    const far = new SelectedMessage(selectionElements('/user/w*'), 'far');
    for (let i = 0; i < 10; i++) system.deliverSelection(root, far);
    other.tell('next');
    expect([seen.length, system.selections.backlog]).toEqual([0, 1000]);
    time.settle();
    expect(seen.length).toBe(3000);
    expect(order).toHaveLength(1);
    expect(order).not.toEqual(['other at 3000']);
    expect(system.selections.backlog).toBe(0);
  });

  it('that reach nobody are one dead letter, however many ways ended', () => {
    const { deliver, deadLetters } = tree(names);
    deliver(selectionElements('/user/w*/nobody'));
    expect(deadLetters).toMatchObject([
      { reason: 'selectionWithoutMatch', recipient: 'selection /user/w*/nobody' },
    ]);
  });

  it('reach what a model of the tree says, each once', () => {
    const top = ['a', 'b', 'ab'];
    const below = ['one', 'two'];
    const step = fc.constantFrom('*', '..', 'a', 'b', 'user', '?', 'a*', 'one', '*o*', 'system');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const { deliver, seen } = tree(top, below);
        const paths = ['', 'user', 'system'];
        for (const name of top) {
          paths.push(`user/${name}`, ...below.map((child) => `user/${name}/${child}`));
        }
        let places = new Set(['']);
        for (const element of ['user', ...steps]) {
          const next = new Set<string>();
          for (const place of places) {
            if (element === '..') next.add(place.split('/').slice(0, -1).join('/'));
            else {
              for (const path of paths) {
                const name = path.split('/').at(-1) ?? '';
                const parent = path.split('/').slice(0, -1).join('/');
                if (path === '' || parent !== place) continue;
                if (matchesPattern(element, name)) next.add(path);
              }
            }
          }
          places = next;
        }
        deliver(selectionElements(['user', ...steps].join('/')));
        const expected = [...places].filter((path) => path.startsWith('user/'));
        expect(seen.sort()).toEqual(expected.sort());
      }),
      { numRuns: 60 },
    );
  });
});

describe('a selection by exact names', () => {
  it('does not look at siblings', async () => {
    const { system, time } = testSystem();
    const count = 20_000;
    for (let i = 0; i < count; i++) system.spawn(leaf, `w${i}`);
    time.settle();
    // Looking at all siblings each time would take minutes.
    const found = [];
    for (let i = 0; i < count; i++) found.push(system.select(`/user/w${i}`).resolveOne());
    time.settle();
    expect(new Set(await Promise.all(found)).size).toBe(count);
  });

  it('told from afar is followed at once, in order with what is told to the actor itself', () => {
    const { system, time } = testSystem();
    const heard: unknown[] = [];
    const ref = system.spawn(
      actor<unknown>(() => ({ onMessage: (message) => void heard.push(message) })),
      'a',
    );
    time.settle();
    const root = system.resolve('pekko://test/');
    system.deliverSelection(root, new SelectedMessage(selectionElements('/user/a'), 'first'));
    ref.tell('second');
    time.settle();
    expect(heard).toEqual(['first', 'second']);
  });

  it('answers Identify with nobody unless it was fanned out before', () => {
    const { system, time, probe, log } = testSystem();
    const asker = probe<unknown>();
    const root = system.resolve('pekko://test/');
    const elements = selectionElements('/user/nobody');
    system.deliverSelection(root, new SelectedMessage(elements, identify, true), asker.ref);
    time.settle();
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    return asker.expectNoMessage();
  });
});
