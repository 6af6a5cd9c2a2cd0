// The numerical tools under the engines: normal distribution, random numbers, low-discrepancy numbers, spline.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MersenneTwister } from './mersenne-twister.ts';
import { readSpline } from './monotonic-spline.ts';
import { cumulativeNormal, inverseCumulativeNormal } from './normal.ts';
import { lowDiscrepancyDraws, pseudoRandomDraws } from './normal-draws.ts';

describe('the normal distribution', () => {
  it('has the tabulated cumulative values', () => {
    expect(cumulativeNormal(0)).toBeCloseTo(0.5, 16);
    expect(cumulativeNormal(1)).toBeCloseTo(0.8413447460685429, 15);
    expect(cumulativeNormal(-2)).toBeCloseTo(0.022750131948179212, 16);
    expect(cumulativeNormal(-5) / 2.866515718791939e-7).toBeCloseTo(1, 10);
    expect(cumulativeNormal(-10) / 7.619853024160527e-24).toBeCloseTo(1, 7);
    expect(cumulativeNormal(-40)).toBe(0);
    expect(cumulativeNormal(40)).toBe(1);
  });

  it('is symmetric', () => {
    fc.assert(
      fc.property(fc.double({ min: -9, max: 9, noNaN: true }), (x) => {
        expect(cumulativeNormal(x) + cumulativeNormal(-x)).toBeCloseTo(1, 14);
      }),
    );
  });

  it('is undone by its inverse to the nine digits the approximation promises', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
        const back = inverseCumulativeNormal(cumulativeNormal(x));
        const lost = x > 0 ? 1e-16 / cumulativeNormal(-x) : 0;
        expect(Math.abs(back - x)).toBeLessThan(1e-8 + lost);
      }),
    );
  });
});

describe('the Mersenne Twister', () => {
  it('gives the first and the ten-thousandth word that the C++ standard states for seed 5489', () => {
    const twister = new MersenneTwister(5489);
    expect(twister.nextWord()).toBe(3499211612);
    for (let i = 2; i < 10_000; i++) twister.nextWord();
    expect(twister.nextWord()).toBe(4123659995);
  });
});

describe('normal draws', () => {
  it('start low-discrepancy with 1/2, 3/4, 1/4, 3/8, 7/8', () => {
    const draws = lowDiscrepancyDraws().take(5);
    const expected = [0.5, 0.75, 0.25, 0.375, 0.875].map(inverseCumulativeNormal);
    expect([...draws.subarray(0, 5)]).toEqual(expected);
  });

  it('are the same however they are asked for', () => {
    const inOne = [...pseudoRandomDraws(7).take(3000).subarray(0, 3000)];
    pseudoRandomDraws(8).take(10);
    const again = pseudoRandomDraws(7);
    again.take(10);
    expect([...again.take(3000).subarray(0, 3000)]).toEqual(inOne);
  });
});

describe('the spline', () => {
  const x = Float64Array.from({ length: 9 }, (_, i) => i + 0.1 * i * i);

  it('goes through its points and follows a straight line exactly', () => {
    const line = x.map((at) => 3 * at - 1);
    for (let i = 0; i < 8; i++) {
      expect(readSpline(x, line, 9, x[i] ?? 0).value).toBeCloseTo(line[i] ?? 0, 12);
    }
    const between = readSpline(x, line, 9, 2.345);
    expect(between.value).toBeCloseTo(3 * 2.345 - 1, 12);
    expect(between.first).toBeCloseTo(3, 12);
    expect(between.second).toBeCloseTo(0, 11);
  });

  it('does not overshoot a step', () => {
    const step = Float64Array.from([0, 0, 0, 0, 1, 1, 1, 1, 1]);
    for (let at = 0; at < 14; at += 0.05) {
      const { value } = readSpline(x, step, 9, at);
      expect(value).toBeGreaterThanOrEqual(-1e-15);
      expect(value).toBeLessThanOrEqual(1 + 1e-15);
    }
  });
});
