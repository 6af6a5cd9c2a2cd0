// Fuzzes the decoders from the command line.
//
//   npm run fuzz                               every target for 10 s
//   npm run fuzz -- --seconds 60 cbor gossip   two of them, a minute each
//   npm run fuzz -- --inputs 10000000          ten million inputs, spread over all targets
//
// An input that crashes, hangs or takes too much memory is written to `findings/`, where the tests run it ever after.

import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { systemProcess } from '../../src/runtime/index.ts';
import { keepInput } from './findings.ts';
import { type FuzzResult, fuzz } from './fuzz-thread.ts';
import { fuzzTargets } from './targets.ts';

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string' },
    inputs: { type: 'string' },
    seed: { type: 'string' },
    /** Targets that run at the same time. */
    threads: { type: 'string', default: '2' },
  },
  allowPositionals: true,
});
const names = fuzzTargets.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
const chosen = positionals.length === 0 ? names : positionals;
const seconds = Number(values.seconds ?? (values.inputs === undefined ? 10 : Infinity));
const inputs = Math.ceil(Number(values.inputs ?? Infinity) / chosen.length);
const seed = Number(values.seed ?? systemProcess.processId);

function say(text: string): void {
  systemProcess.writeOut(`${text}\n`);
}

function row(cells: readonly (string | number)[]): string {
  const widths = [12, 11, 10, 8, 18, 9];
  return cells.map((cell, i) => String(cell).padStart(widths[i] ?? 0)).join(' ');
}

function rowOf(name: string, { figures, findings }: FuzzResult): string {
  if (figures === undefined) return row([name, '–', '–', '–', '–', findings.length]);
  const { inputs: count, seconds: took, corpus, seedPlaces, places, placesInAll } = figures;
  const perSecond = took > 0 ? Math.round(count / took) : 0;
  const coverage = `${seedPlaces}→${places}/${placesInAll}`;
  return row([name, count, perSecond, corpus, coverage, findings.length]);
}

async function main(): Promise<number> {
  if (unknown.length > 0 || !(seconds > 0) || !(inputs > 0)) {
    say(
      `Cannot fuzz "${unknown.join(', ')}": targets are ${names.join(', ')}; --seconds and --inputs are numbers`,
    );
    return 2;
  }
  say(`seed ${seed}`);
  say(row(['target', 'inputs', 'per s', 'corpus', 'places', 'findings']));
  const queue = [...chosen];
  let findingCount = 0;
  let inputCount = 0;
  const lane = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const result = await fuzz({ target: name, seed, inputs, seconds, findingsMax: 5 });
      say(rowOf(name, result));
      inputCount += result.figures?.inputs ?? 0;
      findingCount += result.findings.length;
      for (const { fault, input } of result.findings) {
        const file = basename(keepInput(name, fault.kind, input));
        say(`  ${file}: ${fault.kind}, ${input.length} bytes: ${fault.text.slice(0, 600)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Number(values.threads) }, lane));
  say(`${inputCount} inputs, ${findingCount} findings`);
  return findingCount === 0 ? 0 : 1;
}

systemProcess.exit(await main());
