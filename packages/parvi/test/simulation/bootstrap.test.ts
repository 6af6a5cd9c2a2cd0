// Short lives of random bootstraps; the long form is `npm run sim -- --bootstrap 1000`.

import { describe, expect, it } from 'vitest';
import { BootstrapLife, runBootstrapLife } from './bootstrap-life.ts';
import type { BootstrapPlan } from './bootstrap-plan.ts';
import { bootstrapMutants } from './mutants/bootstrap-mutants.ts';
import { runMutants } from './mutants/run-mutants.ts';

describe('simulated nodes that bootstrap', () => {
  it('never form two clusters and end as one, whatever happens to them', () => {
    for (let seed = 0; seed < 108; seed++) {
      const { formed } = runBootstrapLife(seed);
      expect(formed).toBeGreaterThanOrEqual(1);
    }
  });

  it('live the same life again from the same seed', () => {
    const lives = [1, 2].map(() => {
      const lines: string[] = [];
      runBootstrapLife(33, { trace: (line) => lines.push(line) });
      return lines;
    });
    expect(lives[0]?.length).toBeGreaterThan(50);
    expect(lives[1]).toEqual(lives[0]);
  });

  it('wait, each of them, when the required number is never there', () => {
    const life = new BootstrapLife(9, {
      plan: (plan) => ({ ...plan, ...splitAtBirth, required: 5 }),
    });
    life.begin();
    life.advance(120_000);
    expect(life.clusters).toBe(0);
  });
});

/** Four nodes, two on each side of a partition that was there before them and stays. */
const splitAtBirth: Partial<BootstrapPlan> = {
  late: 0,
  spares: 0,
  sharesIp: false,
  ips: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'],
  isReference: [true, false, false, true],
  startsMs: [0, 100, 200, 300],
  crashesMs: [],
  killFounder: undefined,
  partition: { fromMs: 0, untilMs: 300_000, side: [0, 1] },
  discovery: {
    kind: 'list',
    lagMsMax: 0,
    missing: 0,
    partialUntilMs: 0,
    failing: 0,
    lookupMsMax: 50,
  },
};

/** Clusters after two minutes on both sides of that partition. */
function clustersOfSplit(rules: {
  readonly required: number;
  readonly contactWithAll: boolean;
  readonly newClusterEnabled: boolean;
}): number {
  const { newClusterEnabled, ...changes } = rules;
  const life = new BootstrapLife(9, {
    newClusterEnabled,
    plan: (plan) => ({ ...plan, ...splitAtBirth, ...changes }),
  });
  expect(life.plan.initial).toBe(4);
  life.begin();
  life.advance(120_000);
  return life.clusters;
}

describe('a partition that is there before the nodes', () => {
  it('makes two clusters where each side has enough contact points, as the rules have it', () => {
    const rules = { required: 2, contactWithAll: false, newClusterEnabled: true };
    expect(clustersOfSplit(rules)).toBe(2);
  });

  it('makes no cluster before it heals when all nodes are required', () => {
    const rules = { required: 4, contactWithAll: false, newClusterEnabled: true };
    expect(clustersOfSplit(rules)).toBe(0);
  });

  it('makes no cluster before it heals when all contact points must answer', () => {
    const rules = { required: 2, contactWithAll: true, newClusterEnabled: true };
    expect(clustersOfSplit(rules)).toBe(0);
  });

  it('makes no cluster at all when nodes may form none', () => {
    const rules = { required: 2, contactWithAll: false, newClusterEnabled: false };
    expect(clustersOfSplit(rules)).toBe(0);
  });
});

/** The decisions on which all depends; all others are tried by `npm run sim -- --mutants`. */
const vital = [
  'bytes of IP addresses compared as unsigned',
  'a cluster formed before the view is stable',
  'required are the discovered, not the answering',
  'a cluster formed although some do not answer',
];

describe('the rules of bootstrap', () => {
  it('cannot be left out without the simulation noticing', async () => {
    const mutants = bootstrapMutants.filter(({ name }) => vital.includes(name));
    const outcomes = await runMutants(mutants, 2);
    expect(outcomes).toHaveLength(vital.length);
    const missed = outcomes.filter(({ attempt }) => attempt.caughtBy === undefined);
    expect(missed.map(({ mutant }) => mutant.name)).toEqual([]);
  }, 120_000);
});
