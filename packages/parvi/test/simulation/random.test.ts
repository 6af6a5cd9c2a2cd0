// Short lives of random clusters; the long form is `npm run sim`.

import { describe, expect, it } from 'vitest';
import { clusterSettings } from '../../src/cluster/index.ts';
import {
  faultKinds,
  MemoryLease,
  runSimulation,
  SimulationFailure,
} from '../../src/testkit/index.ts';

describe('a simulated cluster', () => {
  it('keeps its invariants and becomes whole again, whatever happens to it', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const result = runSimulation({ seed, nodes: 5, minutes: 2 });
      expect(result.checks).toBeGreaterThan(40);
    }
  });

  it('lives the same life again from the same seed', () => {
    const lives = [1, 2].map(() => {
      const lines: string[] = [];
      runSimulation({ seed: 4711, nodes: 6, minutes: 2, trace: (line) => lines.push(line) });
      return lines;
    });
    expect(lives[0]?.length).toBeGreaterThan(50);
    expect(lives[1]).toEqual(lives[0]);
  });

  it.each([
    ['static-quorum', { strategy: 'static-quorum', quorumSize: 3 }],
    ['keep-oldest', { strategy: 'keep-oldest' }],
    ['down-all', { strategy: 'down-all' }],
    ['lease-majority', { strategy: 'lease-majority', lease: new MemoryLease().for('all') }],
  ] as const)('becomes whole again with %s', (_, splitBrain) => {
    for (let seed = 1; seed <= 10; seed++) {
      runSimulation({ seed, nodes: 5, minutes: 2, settings: clusterSettings({ splitBrain }) });
    }
  });

  it.each(faultKinds)('gets over %s again and again', (kind) => {
    for (let seed = 1; seed <= 4; seed++) {
      const { checks } = runSimulation({ seed, nodes: 5, minutes: 2, faults: [kind] });
      expect(checks).toBeGreaterThan(20);
    }
  });

  it('says how to see a failure again', () => {
    const never = clusterSettings({ membersMin: 99 });
    const fail = () => runSimulation({ seed: 3, nodes: 5, minutes: 2, settings: never });
    expect(fail).toThrow(SimulationFailure);
    expect(fail).toThrow('npm run sim -- --seed 3 --nodes 5 --minutes 2 --trace');
  });
});
