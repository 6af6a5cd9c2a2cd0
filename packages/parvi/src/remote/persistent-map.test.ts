import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyMap, type PersistentMap } from './persistent-map.ts';

function fnv(text: string, start = 0x811c9dc5): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** 2^blocks keys of one hash: two endings of each block lead to the same state (A. Joux's multicollisions). */
function collidingKeys(blocks: number): string[] {
  let keys = [''];
  for (let block = 0; block < blocks; block++) {
    const seen = new Map<number, string>();
    const start = fnv(keys[0] ?? '');
    for (let i = 0; ; i++) {
      const ending = (Math.imul(i, 0x9e3779b1) >>> 0).toString(36);
      const other = seen.get(fnv(ending, start));
      if (other !== undefined) {
        keys = keys.flatMap((key) => [key + ending, key + other]);
        break;
      }
      seen.set(fnv(ending, start), ending);
    }
  }
  return keys;
}

describe('a persistent map', () => {
  it('holds what a Map holds after any changes, and leaves the maps before as they were', () => {
    const change = fc.record({ key: fc.nat({ max: 200 }), value: fc.option(fc.nat()) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
        const model = new Map<string, number>();
        let map: PersistentMap<number> = emptyMap();
        for (const { key, value } of changes) {
          const name = `key-${key}`;
          const before = map;
          const [sizeBefore, valueBefore] = [before.size, before.get(name)];
          map = value === null ? map.without(name) : map.with(name, value);
          if (value === null) model.delete(name);
          else model.set(name, value);
          expect([before.size, before.get(name)]).toEqual([sizeBefore, valueBefore]);
          expect([map.has(name), map.get(name)]).toEqual([model.has(name), model.get(name)]);
        }
        expect(map.size).toBe(model.size);
        expect(new Map(map)).toEqual(model);
        expect(map.keys().sort()).toEqual([...model.keys()].sort());
      }),
    );
  });

  it('gives few entries back in the order in which they were set', () => {
    const names = ['d', 'a', 'c', 'b'];
    const map = names.reduce((all, name) => all.with(name, true), emptyMap<boolean>());
    expect(map.keys()).toEqual(names);
  });

  it('holds keys that share the whole hash', () => {
    const keys = collidingKeys(5);
    expect(new Set(keys).size).toBe(32);
    expect(new Set(keys.map((key) => fnv(key))).size).toBe(1);
    let map = keys.reduce((all, key) => all.with(key, key), emptyMap<string>());
    expect(keys.map((key) => map.get(key))).toEqual(keys);
    for (const key of keys.slice(1)) map = map.without(key);
    expect([...map]).toEqual([[keys[0], keys[0]]]);
    expect(map.without(keys[0] ?? '').size).toBe(0);
  });
});
