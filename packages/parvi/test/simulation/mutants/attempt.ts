// One mutant's life in a process of its own: simulates seed after seed until the mutant is caught, and says how as JSON.
//
//   node attempt.ts '<name of the mutant>' <seeds>

import { membershipMutants } from './membership-mutants.ts';
import { mutate } from './mutant.ts';

const [name, seeds] = process.argv.slice(2);
const mutant = membershipMutants.find((each) => each.name === name);
if (mutant === undefined) throw new Error(`There is no mutant "${name}"`);
mutate(mutant);
const { runSimulation, SimulationFailure } = await import('../../../src/testkit/simulation.ts');
process.stdout.write(`${JSON.stringify(attempt(Number(seeds)))}\n`);

function attempt(seedsMax: number): { seeds: number; caughtBy?: string } {
  for (let seed = 0; seed < seedsMax; seed++) {
    try {
      runSimulation({ seed });
    } catch (error) {
      if (!(error instanceof SimulationFailure)) throw error;
      const invariant = /Invariant "([^"]+)"/.exec(error.message)?.[1];
      return { seeds: seed + 1, caughtBy: invariant ?? error.message.split('\n')[0] ?? '' };
    }
  }
  return { seeds: seedsMax };
}
