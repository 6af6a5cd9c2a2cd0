import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareClocks,
  emptyClock,
  incrementClock,
  mergeClocks,
  pruneClock,
  type VectorClock,
} from './vector-clock.ts';

function clock(text: string, from: VectorClock = emptyClock): VectorClock {
  let result = from;
  for (const key of text.split(' ')) result = incrementClock(result, key);
  return result;
}

describe('a vector clock', () => {
  it('is the same as itself and as another with equal counts', () => {
    expect(compareClocks(emptyClock, emptyClock)).toBe('same');
    expect(compareClocks(clock('n1 n2 n1'), clock('n1 n1 n2'))).toBe('same');
  });

  it.each([
    ['n1 n2 n1', 'n1 n2 n1 n3', 'before'],
    ['n1', 'n2', 'concurrent'],
    ['n1 n2 n1', 'n1 n1 n3', 'concurrent'],
    ['n2 n2', 'n1 n2 n2 n3', 'before'],
    ['n1 n2 n2 n3', 'n2 n2', 'after'],
    ['n1 n2', 'n1 n1', 'concurrent'],
    ['n1 n1', 'n1 n2', 'concurrent'],
    ['n1 n2 n2 n3', 'n1 n2 n2 n2 n2', 'concurrent'],
    ['n1 n3 n2', 'n1 n3 n3', 'concurrent'],
  ])('orders "%s" and "%s" as %s', (a, b, order) => {
    expect(compareClocks(clock(a), clock(b))).toBe(order);
  });

  it('merges to a clock that knows what both know, whichever way round', () => {
    const a = clock('n1 n2 n2 n3');
    const b = clock('n1 n4');
    const merged = mergeClocks(a, b);
    expect(merged.size).toBe(4);
    expect(compareClocks(a, merged)).toBe('before');
    expect(compareClocks(b, merged)).toBe('before');
    expect(compareClocks(mergeClocks(b, a), merged)).toBe('same');
  });

  it('is after both inputs when it moves on from their merge', () => {
    const a = clock('n1');
    const b = clock('n2');
    const next = incrementClock(mergeClocks(a, b), 'n1');
    expect(compareClocks(next, a)).toBe('after');
    expect(compareClocks(next, b)).toBe('after');
  });

  it('does not get a pruned node back from the merge of two pruned clocks', () => {
    const both = mergeClocks(clock('n1'), clock('n2'));
    const pruned = clock('n3', pruneClock(both, 'n1'));
    expect(pruned.has('n1')).toBe(false);
    expect(compareClocks(pruned, both)).toBe('concurrent');
    expect(mergeClocks(pruned, pruneClock(both, 'n1')).has('n1')).toBe(false);
  });

  it('has an order that turns around with its arguments', () => {
    const clocks = fc
      .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 })
      .map((keys) => keys.reduce(incrementClock, emptyClock));
    const reverse = { same: 'same', before: 'after', after: 'before', concurrent: 'concurrent' };
    fc.assert(
      fc.property(clocks, clocks, (a, b) => {
        expect(compareClocks(b, a)).toBe(reverse[compareClocks(a, b)]);
        expect(['same', 'after']).toContain(compareClocks(mergeClocks(a, b), a));
      }),
    );
  });
});
