// One mutant's life in a process of its own: simulates seed after seed until the mutant is caught, and says how as JSON.
//
//   node attempt.ts '<name of the mutant>' <seeds>

import { allMutants, soundMutants } from './all-mutants.ts';
import { mutate } from './mutant.ts';

export interface Attempt {
  readonly seeds: number;
  /** The invariant that did not hold; missing when all lives went well. */
  readonly caughtBy?: string;
}

const [name, seeds] = process.argv.slice(2);
const mutant = [...allMutants, ...soundMutants].find((each) => each.name === name);
if (mutant === undefined) throw new Error(`There is no mutant "${name}"`);
mutate(mutant);
const live = await lifeOf(mutant.file);
process.stdout.write(`${JSON.stringify(await attempt(Number(seeds)))}\n`);
process.exit(0);

async function attempt(seedsMax: number): Promise<Attempt> {
  for (let seed = 0; seed < seedsMax; seed++) {
    try {
      await live(seed);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const invariant = /Invariant "([^"]+)"/.exec(error.message)?.[1];
      return { seeds: seed + 1, caughtBy: invariant ?? error.message.split('\n')[0] ?? error.name };
    }
  }
  return { seeds: seedsMax };
}

function lifeOf(file: string): Promise<(seed: number) => unknown> {
  if (file.startsWith('remote/')) return remotingLife();
  return /^(bootstrap|discovery)\//.test(file) ? bootstrapLife() : membershipLife();
}

async function bootstrapLife(): Promise<(seed: number) => unknown> {
  const { runBootstrapLife } = await import('../bootstrap-life.ts');
  return runBootstrapLife;
}

async function membershipLife(): Promise<(seed: number) => unknown> {
  const { runSimulation } = await import('../../../src/testkit/simulation.ts');
  return (seed) => runSimulation({ seed });
}

async function remotingLife(): Promise<(seed: number) => unknown> {
  const { runRemotingLife } = await import('../remoting-life.ts');
  return runRemotingLife;
}
