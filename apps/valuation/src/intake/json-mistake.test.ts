import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonMistake, mistakePlace } from './json-mistake.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the place of a mistake in JSON', () => {
  it.each([
    ['{"a":1,}', 7],
    ['{"id" 5}', 6],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['{"a":"b', 7],
    ['{"a":"\\q"}', 6],
    ['{"a":NaN}', 5],
    ['{"a":01}', 6],
    ['{"a":.5}', 5],
    ['{a:1}', 1],
    ['[{}] x', 5],
    ['', 0],
    ['[[]', 3],
    ['tru', 0],
  ])('%s is at %i', (text, offset) => {
    expect(isJson(text)).toBe(false);
    expect(jsonMistake(text)).toBe(offset);
  });

  it('is given by line and column', () => {
    expect(mistakePlace('{\n  "trades": [,]\n}')).toEqual({ line: 2, column: 14 });
  });

  it('is found exactly in texts that JSON.parse refuses', () => {
    const json = fc.json({ maxDepth: 4 });
    const mutated = fc
      .tuple(json, fc.nat(), fc.constantFrom(...'{}[]",:0 1-+.e\\ntu\u0001'.split(''), ''))
      .map(([text, at, character]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + character + text.slice(place + 1);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        expect(jsonMistake(text) === -1).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('is found however deep it is', () => {
    const depth = 100_000;
    expect(jsonMistake('['.repeat(depth) + ']'.repeat(depth))).toBe(-1);
    expect(jsonMistake('['.repeat(depth))).toBe(depth);
  });
});
