import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'ab', 1],
    ['abc', 'xabc', 1],
    ['abc', 'adc', 1],
    ['port', 'prot', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('from "%s" to "%s" is %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it('is the same both ways and never more than the longer text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance === 0).toBe(a === b);
      }),
    );
  });
});

describe('the nearest name', () => {
  const names = ['remote.port', 'remote.host', 'cluster.roles', 'log'];
  it.each([
    ['remote.prot', 'remote.port'],
    ['REMOTE.HOST', 'remote.host'],
    ['cluster.role', 'cluster.roles'],
    ['zebra', undefined],
    ['foo', undefined],
    ['', undefined],
  ])('to "%s" is %s', (wanted, expected) => {
    expect(nearest(wanted, names)).toBe(expected);
  });
});
