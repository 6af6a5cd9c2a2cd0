// Lets mutants live, each in a process of its own, and tells how soon each was caught.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Attempt } from './attempt.ts';
import type { Mutant } from './mutant.ts';

export interface Outcome {
  readonly mutant: Mutant;
  readonly attempt: Attempt;
}

/** So many at the same time; the outcomes come in the order of the mutants. */
export async function runMutants(
  mutants: readonly Mutant[],
  jobs: number,
  onOutcome: (outcome: Outcome) => void = () => undefined,
): Promise<readonly Outcome[]> {
  const waiting = [...mutants];
  const outcomes = new Map<Mutant, Outcome>();
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const outcome = { mutant, attempt: await attemptOf(mutant) };
      outcomes.set(mutant, outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return mutants.flatMap((mutant) => outcomes.get(mutant) ?? []);
}

export function outcomeText({ mutant, attempt }: Outcome): string {
  const { caughtBy, seeds } = attempt;
  const result = caughtBy === undefined ? 'NOT CAUGHT' : `seed ${seeds - 1}`;
  const limit = `of ${mutant.seedsMax}`;
  return `${mutant.name.padEnd(56)} ${result.padStart(10)} ${limit.padEnd(7)} ${caughtBy ?? ''}`;
}

async function attemptOf({ name, seedsMax }: Mutant): Promise<Attempt> {
  const program = fileURLToPath(new URL('attempt.ts', import.meta.url));
  const child = spawn(process.execPath, [program, name, String(seedsMax)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaints = '';
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    complaints += bytes.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const line = output.trim().split('\n').at(-1) ?? '';
  // A process that ends in another way says nothing of the checkers: the mutant may not even parse.
  if (code === 0 && line.startsWith('{')) return JSON.parse(line) as Attempt;
  throw new Error(`The life of "${name}" ended with ${code}: ${complaints.trim()}`);
}
