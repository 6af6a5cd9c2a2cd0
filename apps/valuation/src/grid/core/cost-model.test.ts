import { randomFloat, seededRandom } from 'parvi/runtime';
import { describe, expect, it } from 'vitest';
import { costOf, emptyCostModel, learnCost } from './cost-model.ts';

describe('the cost model', () => {
  it('knows nothing of a kind that was never measured', () => {
    expect(costOf(emptyCostModel, 'NPV swap')).toBeUndefined();
  });

  it('takes the first measurement as it is', () => {
    const model = learnCost(emptyCostModel, new Map([['NPV swap', 100]]), 5);
    expect(costOf(model, 'NPV swap')).toBeCloseTo(0.05, 12);
  });

  it('tells quick kinds from slow ones although they only ever come mixed', () => {
    const random = seededRandom(7);
    const truth = { swap: 0.004, tree: 0.4 };
    let model = emptyCostModel;
    for (let i = 0; i < 400; i++) {
      const swaps = Math.floor(randomFloat(random) * 1000);
      const trees = Math.floor(randomFloat(random) * 100);
      const counts = new Map([
        ['swap', swaps],
        ['tree', trees],
      ]);
      const noise = 0.9 + 0.2 * randomFloat(random);
      model = learnCost(model, counts, (swaps * truth.swap + trees * truth.tree) * noise);
    }
    expect((costOf(model, 'tree') ?? 0) / truth.tree).toBeCloseTo(1, 0);
    const expected = 500 * (costOf(model, 'swap') ?? 0) + 10 * (costOf(model, 'tree') ?? 0);
    expect(expected / (500 * truth.swap + 10 * truth.tree)).toBeGreaterThan(0.7);
    expect(expected / (500 * truth.swap + 10 * truth.tree)).toBeLessThan(1.4);
  });

  it('follows a kind that became slower within a few chunks', () => {
    const counts = new Map([['swap', 1000]]);
    let model = emptyCostModel;
    for (let i = 0; i < 20; i++) model = learnCost(model, counts, 3);
    for (let i = 0; i < 12; i++) model = learnCost(model, counts, 12);
    expect((costOf(model, 'swap') ?? 0) / 0.012).toBeGreaterThan(0.9);
  });

  it('is not thrown off by one chunk of a process that stood still', () => {
    const counts = new Map([['swap', 1000]]);
    let model = emptyCostModel;
    for (let i = 0; i < 20; i++) model = learnCost(model, counts, 3);
    model = learnCost(model, counts, 30_000);
    expect((costOf(model, 'swap') ?? 0) / 0.003).toBeLessThan(2);
  });

  it('does not change for times that are no times', () => {
    const model = learnCost(emptyCostModel, new Map([['swap', 10]]), 1);
    expect(learnCost(model, new Map([['swap', 10]]), Number.NaN)).toBe(model);
    expect(learnCost(model, new Map(), 5)).toBe(model);
  });
});
