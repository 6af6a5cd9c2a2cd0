// The one runner of all benchmarks: `npm run bench [-- name… --short --save]`. Runs the parts named, or all of them, one
// after the other, prints a table for each, and after a full run of everything writes it all to `bench/RESULTS.md`; with
// `--save` the sections of the parts named are replaced there.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import effect from 'effect/package.json' with { type: 'json' };
import { ServiceBroker } from 'moleculer';
import { newestPekko } from '../interop/harness/peer-build.ts';
import type { BenchRow } from './bench-row.ts';
import { withSections } from './results-page.ts';
import { tableOf } from './table.ts';

/** What a part can be asked for; each has defaults of its own. */
interface PartOptions {
  readonly rounds?: number;
  /** Share of the work of a full round. */
  readonly scale?: number;
}

interface Part {
  readonly title: string;
  readonly run: (options: PartOptions) => Promise<BenchRow[]>;
}

/** Loaded when they run: one part must not warm up or burden another. */
const parts: Readonly<Record<string, Part>> = {
  kernels: {
    title: 'Pricing kernels beside native QuantLib',
    run: async (options) => (await import('./kernels/run.ts')).run(options),
  },
  actors: {
    title: 'Messages within one process',
    run: async (options) => (await import('./actors/run.ts')).run(options),
  },
  remoting: {
    title: 'Messages between two processes on loopback',
    run: async (options) => (await import('./remoting/run.ts')).run(options),
  },
  tracing: {
    title: 'What tracing costs',
    run: async (options) => (await import('./tracing/run.ts')).run(options),
  },
  sizes: {
    title: 'Large messages between two processes on loopback',
    run: async (options) => (await import('./sizes/run.ts')).run(options),
  },
  pekko: {
    title: 'Beside Pekko, and with it',
    run: async (options) => (await import('./pekko/run.ts')).run(options),
  },
  profile: {
    title: 'Where the time of a message goes',
    run: async (options) => (await import('./profile/run.ts')).run(options),
  },
  detection: {
    title: 'Death and partition, until the cluster has decided',
    run: async (options) => (await import('./detection/run.ts')).run(options),
  },
  grid: {
    title: 'The pricing grid: one controller, two workers',
    run: async (options) => (await import('./grid/run.ts')).run(options),
  },
  process: {
    title: 'One node as a process',
    run: async (options) => (await import('./process/run.ts')).run(options),
  },
};

const short: PartOptions = { rounds: 2, scale: 0.1 };
const resultsFile = join(import.meta.dirname, 'RESULTS.md');

async function main(words: readonly string[]): Promise<number> {
  const isShort = words.includes('--short');
  const saves = words.includes('--save');
  const names = words.filter((word) => word !== '--short' && word !== '--save');
  const unknown = names.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) {
    console.error(
      `There is no benchmark "${unknown}": give some of ${Object.keys(parts).join(', ')}, or none for all`,
    );
    return 2;
  }
  const chosen = names.length === 0 ? Object.keys(parts) : names;
  const sections = new Map<string, string>();
  const missed: BenchRow[] = [];
  for (const name of chosen) {
    const { title, run } = parts[name] as Part;
    const load = loadText();
    const rows = await run(isShort ? short : {});
    const section = `## ${title}\n\n${tableOf(rows)}\n\nLoad of the machine before: ${load}.`;
    console.log(`${section}\n`);
    sections.set(title, names.length === 0 ? section : `${section} Measured on ${today()}.`);
    missed.push(...rows.filter((row) => !row.met));
  }
  for (const row of missed) console.log(`Missed: ${row.figure}`);
  if ((names.length === 0 || saves) && !isShort) {
    const titles = Object.values(parts).map(({ title }) => title);
    const before = names.length === 0 ? head() : readFileSync(resultsFile, 'utf8');
    writeFileSync(resultsFile, withSections(before, sections, titles));
    console.log(`Written to ${resultsFile}`);
  }
  // A short run shows that everything works; its figures are too few to judge by.
  return missed.length === 0 || isShort ? 0 : 1;
}

function head(): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    '# Benchmarks',
    `Written by \`npm run bench\` on ${today()}; do not edit. Figures are medians of the rounds, spreads are the lowest and the highest round. What is compared took turns in the same run.`,
    `- Machine: ${availableParallelism()} cores (${model}), ${memory} GB, ${process.platform} ${process.arch}`,
    `- Node.js ${process.versions.node} (V8 ${process.versions.v8})`,
    `- QuantLib ${packageVersion('libquantlib0-dev')}`,
    `- NATS server ${packageVersion('nats-server')}, Moleculer ${ServiceBroker.MOLECULER_VERSION}, Effect Cluster ${effect.version}`,
    `- Pekko ${newestPekko} on ${javaVersion()}; its flags and settings stand below its figures`,
  ]
    .join('\n\n')
    .replaceAll('\n\n- ', '\n- ');
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** Version of an installed Debian package. */
function packageVersion(name: string): string {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', `$\{Version}`, name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return 'not installed here';
  }
}

function javaVersion(): string {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = /^(.*) version "([^"]+)"/m.exec(stderr ?? '');
  return version === null ? 'no Java' : `${version[1]} ${version[2]}`;
}

/** Programs that wanted to run, as an average of the last minute: above 0 somebody else was at work. */
function loadText(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

process.exitCode = await main(process.argv.slice(2));
