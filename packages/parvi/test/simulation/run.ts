// Runs simulations of the cluster from the command line and prints what came of them.
//
//   npm run sim -- --seeds 1000            seeds 0 to 999
//   npm run sim -- --seed 42 --trace       one seed, with everything that happens
//   npm run sim -- --remoting 200          so many random lives of remoting
//   npm run sim -- --bootstrap 1000        so many random bootstraps; --from 42 --trace for one
//   npm run sim -- --mutants               what the checkers catch
//   npm run sim -- --growth                what gossip costs from 10 to 1,000 nodes

import { endWithReader, wordsOfCommand } from '../../../../scripts/command.ts';
import { systemClock, systemProcess, toError } from '../../src/runtime/index.ts';
import { runSimulation, SimulationFailure } from '../../src/testkit/index.ts';
import { growthHead, growthText, measureGrowth } from './growth.ts';
import { allMutants } from './mutants/all-mutants.ts';
import { outcomeText, runMutants } from './mutants/run-mutants.ts';

endWithReader();
const { values } = wordsOfCommand({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    nodes: { type: 'string' },
    minutes: { type: 'string', default: '5' },
    trace: { type: 'boolean', default: false },
    remoting: { type: 'string' },
    bootstrap: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
  },
});

const startedMs = systemClock.nowMs();
const seconds = (): number => (systemClock.nowMs() - startedMs) / 1000;
const say = (line: string): void => systemProcess.writeOut(`${line}\n`);
/** How much of the end of a life that failed is shown. */
const transcriptLines = 60;

for (const name of ['seeds', 'from', 'seed', 'nodes', 'remoting', 'bootstrap', 'jobs'] as const) {
  if (/^\d+$/.test(values[name] ?? '0')) continue;
  systemProcess.writeError(
    `Cannot simulate with --${name} "${values[name]}": it is no whole number\n`,
  );
  systemProcess.exit(2);
}
if (!(Number(values.minutes) > 0)) {
  systemProcess.writeError(`Cannot simulate --minutes "${values.minutes}": it is no time\n`);
  systemProcess.exit(2);
}

if (values.mutants) await mutants();
else if (values.growth) growth();
else if (values.remoting !== undefined) await remoting(Number(values.remoting));
else if (values.bootstrap !== undefined) await bootstraps(Number(values.bootstrap));
else membership();

function membership(): void {
  const first = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  const total = { failures: 0, steps: 0, messages: 0, virtualMs: 0, checks: 0, slowestHealMs: 0 };
  for (let seed = first; seed < first + count; seed++) {
    try {
      const result = live(seed, values.trace ? say : undefined);
      total.steps += result.steps;
      total.messages += result.messages;
      total.virtualMs += result.virtualMs;
      total.checks += result.checks;
      total.slowestHealMs = Math.max(total.slowestHealMs, result.healedAfterMs);
    } catch (error) {
      if (!(error instanceof SimulationFailure)) throw error;
      total.failures++;
      if (!values.trace) showEnd(seed);
      systemProcess.writeError(`${error.message}\n`);
    }
  }
  say(
    `${count} seeds, ${total.failures} failed; ${(total.virtualMs / 3_600_000).toFixed(1)} virtual hours in ${seconds().toFixed(1)} s, ` +
      `${Math.round(total.steps / seconds())} steps/s, ${total.messages} messages, ${total.checks} states checked, ` +
      `slowest healing ${(total.slowestHealMs / 1000).toFixed(1)} s`,
  );
  if (total.failures > 0) systemProcess.exit(1);
}

function live(
  seed: number,
  trace: ((line: string) => void) | undefined,
): ReturnType<typeof runSimulation> {
  return runSimulation({
    seed,
    minutes: Number(values.minutes),
    ...(values.nodes === undefined ? {} : { nodes: Number(values.nodes) }),
    ...(trace === undefined ? {} : { trace }),
  });
}

/** The same life again, for the last of what happened in it. */
function showEnd(seed: number): void {
  const lines: string[] = [];
  try {
    live(seed, (line) => {
      lines.push(line);
      if (lines.length > transcriptLines) lines.shift();
    });
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
  }
  systemProcess.writeError(`${lines.join('\n')}\n`);
}

async function remoting(count: number): Promise<void> {
  const { runRemotingLife } = await import('./remoting-life.ts');
  let failures = 0;
  let messages = 0;
  for (let seed = Number(values.from); seed < Number(values.from) + count; seed++) {
    try {
      messages += (await runRemotingLife(seed)).messages;
    } catch (error) {
      failures++;
      const replay = `npm run sim -- --remoting 1 --from ${seed}`;
      systemProcess.writeError(`Seed ${seed} failed: ${toError(error).message}\n  ${replay}\n`);
    }
  }
  say(
    `${count} lives of remoting, ${failures} failed; ${messages} messages in ${seconds().toFixed(1)} s`,
  );
  if (failures > 0) systemProcess.exit(1);
}

async function bootstraps(count: number): Promise<void> {
  const { runBootstrapLife } = await import('./bootstrap-life.ts');
  const total = { failures: 0, nodes: 0, formed: 0, slowestMs: 0 };
  for (let seed = Number(values.from); seed < Number(values.from) + count; seed++) {
    try {
      const result = runBootstrapLife(seed, values.trace ? { trace: say } : {});
      total.nodes += result.nodes;
      total.formed += result.formed;
      total.slowestMs = Math.max(total.slowestMs, result.wholeAtMs);
    } catch (error) {
      total.failures++;
      systemProcess.writeError(`${toError(error).message}\n`);
    }
  }
  say(
    `${count} bootstraps of ${total.nodes} nodes, ${total.failures} failed; ${total.formed} clusters formed one after the other, ` +
      `slowest whole after ${(total.slowestMs / 1000).toFixed(1)} s; in ${seconds().toFixed(1)} s`,
  );
  if (total.failures > 0) systemProcess.exit(1);
}

async function mutants(): Promise<void> {
  const outcomes = await runMutants(allMutants, Number(values.jobs), (each) =>
    say(outcomeText(each)),
  );
  const missed = outcomes.filter(({ attempt }) => attempt.caughtBy === undefined);
  say(
    `${outcomes.length} mutants, ${outcomes.length - missed.length} caught, in ${seconds().toFixed(1)} s`,
  );
  if (missed.length > 0) systemProcess.exit(1);
}

function growth(): void {
  say(growthHead);
  const sizes = values.nodes === undefined ? [10, 30, 100, 300, 1000] : [Number(values.nodes)];
  for (const nodes of sizes) say(growthText(measureGrowth(nodes)));
}
