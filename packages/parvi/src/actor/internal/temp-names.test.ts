import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Named, TempNames } from './temp-names.ts';

function item(): Named {
  return { tempId: -1 };
}

it('finds what is pending by its name, also inside a longer text, and nothing after it was removed', () => {
  const names = new TempNames<Named>();
  const first = item();
  const name = names.add(first);
  expect(name).toMatch(/^\$[a-zA-Z0-9+~]+$/);
  expect(names.find(name)).toBe(first);
  expect(names.find(`pekko://sys/temp/${name}`, 'pekko://sys/temp/'.length)).toBe(first);
  names.remove(first);
  expect(names.find(name)).toBeUndefined();
});

it('never gives a name twice, so that a late reply meets nobody', () => {
  const names = new TempNames<Named>();
  const seen = new Set<string>();
  for (let i = 0; i < 10_000; i++) {
    const one = item();
    const name = names.add(one);
    expect(seen.has(name)).toBe(false);
    seen.add(name);
    names.remove(one);
  }
});

it('keeps every pending one findable, whatever comes and goes between', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (adds) => {
      const names = new TempNames<Named>();
      const pending: [string, Named][] = [];
      for (const add of adds) {
        if (add) {
          const one = item();
          pending.push([names.add(one), one]);
        } else {
          const [gone] = pending.splice(pending.length >> 1, 1);
          if (gone !== undefined) names.remove(gone[1]);
        }
      }
      for (const [name, one] of pending) expect(names.find(name)).toBe(one);
    }),
  );
});

it('finds nothing under texts that are no names', () => {
  const names = new TempNames<Named>();
  names.add(item());
  for (const text of ['', '$', 'a', '$a/b', '$é', `$${'a'.repeat(50)}`, '$zzzzzzzz']) {
    expect(names.find(text)).toBeUndefined();
  }
});
