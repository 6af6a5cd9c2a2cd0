// The checkers can fail: mutants of the protocol, made by rewriting a line on import, are caught. The long form is
// `npm run sim -- --mutants`.

import { describe, expect, it } from 'vitest';
import { allMutants, soundMutants } from './mutants/all-mutants.ts';
import { occurrences } from './mutants/mutant.ts';
import { runMutants } from './mutants/run-mutants.ts';

/** Those that are caught within a few seeds, which tests have time for. */
const quick = allMutants.filter(({ seedsMax }) => seedsMax <= 10);

describe('the mutants', () => {
  it('are many, and each has a name of its own', () => {
    expect(allMutants.length).toBeGreaterThanOrEqual(40);
    expect(new Set(allMutants.map(({ name }) => name)).size).toBe(allMutants.length);
  });

  it.each([...allMutants, ...soundMutants].map((mutant) => [mutant.name, mutant] as const))(
    'can still be made: %s',
    (_, mutant) => {
      expect(occurrences(mutant)).toBe(1);
    },
  );

  it('are caught by the checkers', async () => {
    const outcomes = await runMutants(quick, 2);
    const missed = outcomes.filter(({ attempt }) => attempt.caughtBy === undefined);
    expect(missed.map(({ mutant }) => mutant.name)).toEqual([]);
    expect(outcomes.length).toBeGreaterThanOrEqual(10);
  }, 120_000);

  it('are caught for what is wrong with them: the protocol as it is passes', async () => {
    const outcomes = await runMutants(soundMutants, 2);
    expect(outcomes.map(({ attempt }) => attempt)).toEqual(
      soundMutants.map(({ seedsMax }) => ({ seeds: seedsMax })),
    );
  }, 60_000);
});
