// Runs simulations of the cluster from the command line and prints what came of them.
//
//   npm run sim -- --seeds 1000            seeds 0 to 999
//   npm run sim -- --seed 42 --trace       one seed, with everything that happens

import { parseArgs } from 'node:util';
import { systemClock, systemProcess } from '../../src/runtime/index.ts';
import { runSimulation, SimulationFailure } from '../../src/testkit/simulation.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    nodes: { type: 'string' },
    minutes: { type: 'string', default: '5' },
    trace: { type: 'boolean', default: false },
  },
});

const first = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const startedMs = systemClock.nowMs();
let failures = 0;
let steps = 0;
let messages = 0;
let virtualMs = 0;
let slowestHealMs = 0;
for (let seed = first; seed < first + count; seed++) {
  try {
    const result = runSimulation({
      seed,
      minutes: Number(values.minutes),
      ...(values.nodes === undefined ? {} : { nodes: Number(values.nodes) }),
      ...(values.trace ? { trace: (line: string) => systemProcess.writeOut(`${line}\n`) } : {}),
    });
    steps += result.steps;
    messages += result.messages;
    virtualMs += result.virtualMs;
    slowestHealMs = Math.max(slowestHealMs, result.healedAfterMs);
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
    failures++;
    systemProcess.writeError(`${error.message}\n`);
  }
}
const seconds = (systemClock.nowMs() - startedMs) / 1000;
systemProcess.writeOut(
  `${count} seeds, ${failures} failed; ${(virtualMs / 3_600_000).toFixed(1)} virtual hours in ${seconds.toFixed(1)} s, ` +
    `${Math.round(steps / seconds)} steps/s, ${messages} messages, slowest healing ${(slowestHealMs / 1000).toFixed(1)} s\n`,
);
if (failures > 0) systemProcess.exit(1);
