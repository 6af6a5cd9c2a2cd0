// Fuzzes the decoders from the command line.
//
//   npm run fuzz                               every target for 10 s, two at a time
//   npm run fuzz -- --seconds 60 cbor gossip   two of them, a minute each
//   npm run fuzz -- --inputs 10000000          ten million inputs, spread over all targets
//
// The seconds are those of each target; the first line says how long all of them take. The column `places` counts the
// branches, functions and other places in the code that was loaded: reached by the samples to begin with → reached in the
// end / all there are, most of which belong to other targets.
//
// An input that crashes, hangs or takes too much memory is written to `findings/`, where the tests run it ever after.

import { basename } from 'node:path';
import { endWithReader, wordsOfCommand } from '../../../../scripts/command.ts';
import { systemProcess } from '../../src/runtime/index.ts';
import { keepInput } from './findings.ts';
import { type FuzzResult, fuzz } from './fuzz-thread.ts';
import { fuzzTargets } from './targets.ts';

endWithReader();
const { values, positionals } = wordsOfCommand({
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
const threads = Math.min(Number(values.threads), chosen.length);

function say(text: string): void {
  systemProcess.writeOut(`${text}\n`);
}

/** What a thread needs until it sends its first input: it loads and instruments the code. */
const startSeconds = 1;

/** What is about to happen, and how long it takes. */
function planText(): string {
  const targets = chosen.length === 1 ? '1 target' : `${chosen.length} targets`;
  const atOnce = `${threads} at a time`;
  if (seconds === Infinity) return `${targets}, ${inputs} inputs each, ${atOnce}`;
  const inAll = Math.ceil(Math.ceil(chosen.length / threads) * (seconds + startSeconds));
  const inputsText = inputs === Infinity ? '' : ` or ${inputs} inputs`;
  const about = inputs === Infinity ? 'about' : 'at most';
  return `${targets}, ${seconds} s${inputsText} each, ${atOnce}: ${about} ${inAll} s with their starts`;
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
  if (
    unknown.length > 0 ||
    !(seconds > 0) ||
    !(inputs > 0) ||
    !Number.isInteger(threads) ||
    threads < 1
  ) {
    say(
      `Cannot fuzz "${unknown.join(', ')}": targets are ${names.join(', ')}; --seconds, --inputs and --threads are numbers above 0`,
    );
    return 2;
  }
  say(`seed ${seed}; ${planText()}`);
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
  await Promise.all(Array.from({ length: threads }, lane));
  say(`${inputCount} inputs, ${findingCount} findings`);
  return findingCount === 0 ? 0 : 1;
}

systemProcess.exit(await main());
