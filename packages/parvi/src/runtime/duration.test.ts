import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, durationText } from './duration.ts';

describe('a duration', () => {
  it.each([
    [0, 0],
    [1500, 1500],
    ['250ms', 250],
    ['1s', 1000],
    ['1.5m', 90_000],
    [' 2 h ', 7_200_000],
    ['1d', 86_400_000],
    ['0s', 0],
  ])('%j is %i milliseconds', (duration, ms) => {
    expect(durationMs(duration)).toBe(ms);
  });

  it.each([
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '5',
    's',
    '-1s',
    '1 week',
    '1s 2s',
    '1,5s',
  ])('refuses %j and says what would be right', (duration) => {
    expect(() => durationMs(duration, 'askTimeout')).toThrow(
      expect.objectContaining({
        code: 'DURATION_INVALID',
        fields: { name: 'askTimeout', value: duration },
        message: expect.stringMatching(/^Cannot read askTimeout ".*such as "1s"$/),
      }),
    );
  });

  it('reads what it is given in any unit back as the same number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (count) => {
        expect(durationMs(`${count}ms`)).toBe(count);
        expect(durationMs(`${count} s`)).toBe(count * 1000);
        expect(durationMs(`${count}h`)).toBe(count * 3_600_000);
      }),
    );
  });

  it.each([
    [0, '0 ms'],
    [849.6, '850 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [12_345, '12.3 s'],
    [59_940, '59.9 s'],
    [59_960, '1 m 00 s'],
    [125_000, '2 m 05 s'],
    [3_599_600, '1 h 00 m'],
    [3_720_000, '1 h 02 m'],
    [90_000_000, '25 h 00 m'],
  ])('of %i ms reads "%s" to people', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
