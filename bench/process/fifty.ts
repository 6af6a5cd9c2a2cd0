// What a node costs that has nothing to do in a cluster of fifty: processor time, memory, and the talk of the cluster.
// The measured nodes are processes of their own: some run from the sources, some as one file, which is how an image is
// best filled. The others share three processes, which nobody measures.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'rolldown';
import { type BenchRow, rowOf } from '../bench-row.ts';
import { cpuMs, freePort, NodeProcess, residentBytes, until } from '../node-process.ts';

type Counts = Readonly<Record<string, number>>;

interface Idle {
  readonly cpuPercent: number;
  readonly residentMb: number;
  readonly start: Counts;
  readonly end: Counts;
}

const bareNode = join(import.meta.dirname, 'bare-node.mjs');
const members = 50;
const processes = 3;
const settleMs = 10_000;
/** Longer than by default, which costs nothing while idle: many nodes in one process, started together, may fall silent. */
const patience = ['60s', '120s'];
/** Loads the toolkit as a node does, and starts nothing. */
const load = [
  "require('node:module').enableCompileCache();",
  "require('node:v8').setFlagsFromString('--semi-space-growth-factor=1');",
  "import('parvi');",
].join(' ');
const formingMsMax = 180_000;

/** Rows of `measured` nodes of each kind that are idle side by side for so long. */
export async function idleAmongFifty(measured: number, ms: number): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'parvi-bundled-'));
  try {
    await build({
      input: bareNode,
      platform: 'node',
      logLevel: 'silent',
      output: { dir: directory, format: 'esm', minify: true, entryFileNames: 'node.mjs' },
    });
    return await measure({ source: bareNode, bundled: join(directory, 'node.mjs') }, measured, ms);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Programs {
  readonly source: string;
  readonly bundled: string;
}

async function measure(programs: Programs, measured: number, ms: number): Promise<BenchRow[]> {
  const seed = `pekko://Valuation@127.0.50.1:${await freePort()}`;
  const others: NodeProcess[] = [];
  const alone = waiting('');
  const loaded = waiting(load);
  const kinds = [programs.source, programs.bundled];
  const nodes: MeasuredNode[] = [];
  try {
    for (const words of neighbours(seed, members - kinds.length * measured)) {
      const process = new NodeProcess({ name: 'neighbours', words });
      others.push(process);
      await isUp(process);
    }
    // The first start fills the cache of compiled modules; who compiles keeps 20 MB more.
    for (const program of kinds) {
      const first = started(program, seed);
      others.push(first);
      await isUp(first);
      await first.stop();
    }
    for (let i = 0; i < kinds.length * measured; i++) {
      nodes.push(new MeasuredNode(started(kinds[i % kinds.length] ?? '', seed)));
    }
    await Promise.all(nodes.map((node) => node.seesAllUp()));
    await pause(Math.min(settleMs, ms));
    const seen = await Promise.all(nodes.map((node) => node.idle(ms)));
    const bundledMb = seen.filter((_, i) => i % 2 === 1).map(({ residentMb: mb }) => mb);
    const fromSource = seen.filter((_, i) => i % 2 === 0);
    const shown = { ms, nodeAloneMb: residentMb(alone), loadedMb: residentMb(loaded), bundledMb };
    return rowsOf(fromSource, shown);
  } finally {
    const own = nodes.map(({ process }) => process);
    await Promise.all([...own, alone, loaded, ...others].map(stop));
  }
}

function started(program: string, seed: string): NodeProcess {
  return new NodeProcess({ name: 'bare node', words: [program, seed, ...patience] });
}

/** A process that does so much and then waits. */
function waiting(program: string): NodeProcess {
  const words = ['-e', `${program} setInterval(() => undefined, 1e9)`];
  return new NodeProcess({ name: 'waiting', words });
}

const residentMb = ({ processId }: NodeProcess): number => residentBytes(processId) / 1e6;

const stop = (process: NodeProcess): Promise<void> => process.stop();

const isUp = (process: NodeProcess) =>
  process.line((line) => line === 'up' || undefined, formingMsMax);

/** The words of each process of others. */
function neighbours(seed: string, count: number): string[][] {
  const program = join(import.meta.dirname, 'neighbours.mjs');
  return Array.from({ length: processes }, (_, i) => {
    const first = Math.floor((count * i) / processes) + 1;
    const next = Math.floor((count * (i + 1)) / processes) + 1;
    return [program, seed, ...patience, String(first), String(next - first)];
  });
}

class MeasuredNode {
  readonly process: NodeProcess;
  #asked = 0;

  constructor(process: NodeProcess) {
    this.process = process;
  }

  async seesAllUp(): Promise<void> {
    await isUp(this.process);
    const allUp = async () =>
      (await this.#counts())['parvi_cluster_members Up'] === members ? true : undefined;
    await until('all members to be up', allUp, { timeoutMs: formingMsMax, everyMs: 500 });
  }

  async idle(ms: number): Promise<Idle> {
    const start = await this.#counts();
    const startMs = performance.now();
    const cpuBeforeMs = cpuMs(this.process.processId);
    await pause(ms);
    const usedMs = cpuMs(this.process.processId) - cpuBeforeMs;
    const tookMs = performance.now() - startMs;
    const end = await this.#counts();
    return {
      cpuPercent: (usedMs / tookMs) * 100,
      residentMb: residentMb(this.process),
      start,
      end,
    };
  }

  /** What it has counted until now, by name and labels. */
  #counts(): Promise<Counts> {
    const wanted = this.#asked++;
    let found = 0;
    process.kill(this.process.processId, 'SIGUSR2');
    return this.process.line((line) => {
      if (!line.startsWith('counts ') || found++ < wanted) return undefined;
      return JSON.parse(line.slice('counts '.length)) as Counts;
    });
  }
}

function rowsOf(
  seen: readonly Idle[],
  shown: {
    readonly ms: number;
    readonly nodeAloneMb: number;
    readonly loadedMb: number;
    readonly bundledMb: readonly number[];
  },
): BenchRow[] {
  const { ms, nodeAloneMb, loadedMb, bundledMb } = shown;
  const seconds = Math.round(ms / 1000);
  const head = `idle node in a cluster of ${members}`;
  const note = `${seen.length} such nodes beside each other, ${members} members in all; ${seconds} s without work after all were Up.`;
  const nodeAlone = { name: 'Node that waits for a timer', rounds: seen.map(() => nodeAloneMb) };
  const memory = { unit: 'MB', better: 'less', goal: { on: 'ours', atMost: 90 } } as const;
  const rate = (figure: string, unit: string, pattern: RegExp): BenchRow => {
    const total = (counts: Counts): number =>
      Object.entries(counts).reduce((sum, [name, n]) => (pattern.test(name) ? sum + n : sum), 0);
    const rounds = seen.map(({ start, end }) => ((total(end) - total(start)) * 1000) / ms);
    return rowOf({ figure: `${head}: ${figure}`, unit, rounds, note });
  };
  return [
    rowOf({
      figure: `${head}: processor time`,
      unit: '% of a core',
      rounds: seen.map(({ cpuPercent }) => cpuPercent),
      goal: { on: 'ours', atMost: 2 },
      note,
    }),
    rowOf({
      ...memory,
      figure: `${head}: memory (RSS), program and toolkit bundled into one file`,
      rounds: bundledMb,
      peer: nodeAlone,
      note,
    }),
    rowOf({
      ...memory,
      figure: `${head}: memory (RSS), from the sources`,
      rounds: seen.map(({ residentMb: mb }) => mb),
      peer: nodeAlone,
      note: `${note} Of it ${nodeAloneMb.toFixed(0)} MB is Node itself, and ${(loadedMb - nodeAloneMb).toFixed(0)} MB comes with loading the toolkit as some three hundred files, before anything is started.`,
    }),
    rate('heartbeats and answers sent', 'messages/s', /^parvi_cluster_messages_sent\S* Heartbeat/),
    rate('gossip sent', 'messages/s', /^parvi_cluster_messages_sent\S* Gossip/),
    rate('sent', 'bytes/s', /^parvi_remote_sent_bytes_total$/),
    rate('received', 'bytes/s', /^parvi_remote_received_bytes_total$/),
  ];
}
