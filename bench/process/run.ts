// One node as a process: how long from its start until the cluster counts it as Up, and how much memory it takes while
// it has nothing to do, beside one other and among fifty. Run it with `node bench/process/run.ts`; the common runner
// imports `run`.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { GridView, MemberEventView } from '../../apps/valuation/src/http/views.ts';
import { type BenchRow, rowOf } from '../bench-row.ts';
import { type Grid, startGrid } from '../grid/grid-process.ts';
import { host, NodeProcess, residentBytes, startNode, until } from '../node-process.ts';
import { tableOf } from '../table.ts';
import { idleAmongFifty } from './fifty.ts';

export interface ProcessBenchOptions {
  readonly rounds?: number;
  /** Share of the idle time of a full measurement. */
  readonly scale?: number;
}

const idleMs = 60_000;
const megabyte = 1e6;
const kinds = {
  'grid worker': (seed: string) => {
    const cluster = ['--cluster.seed-nodes', seed, '--remote.host', host, '--remote.port', '0'];
    return startNode('worker', ['worker', ...cluster, '--worker.threads', '1']);
  },
  'toolkit node': (seed: string) =>
    new NodeProcess({
      name: 'bare node',
      words: [join(import.meta.dirname, 'bare-node.mjs'), `pekko://Valuation@${seed}`],
    }),
} as const;

export async function run({
  rounds = 5,
  scale = 1,
}: ProcessBenchOptions = {}): Promise<BenchRow[]> {
  const rows = await besideGrid(rounds, scale);
  return [...rows, ...(await idleAmongFifty(Math.min(3, rounds), idleMs * scale))];
}

async function besideGrid(rounds: number, scale: number): Promise<BenchRow[]> {
  const grid = await startGrid({ workers: 1, threads: 1 });
  try {
    const rows: BenchRow[] = [];
    for (const [kind, start] of Object.entries(kinds)) {
      // The first start fills the cache of compiled modules, as an installation's first start does.
      const first = await startToUp(grid, start);
      const ups: number[] = [];
      for (let i = 0; i < rounds; i++) ups.push(await startToUp(grid, start));
      rows.push(
        rowOf({
          figure: `${kind}: start of the process to Up in a running cluster`,
          unit: 's',
          rounds: ups,
          goal: { on: 'ours', atMost: 2.5 },
          note: `The first start of this run took ${first.toFixed(2)} s and is not counted.`,
        }),
      );
    }
    rows.push(...(await idleRows(grid, Math.min(3, rounds), idleMs * scale)));
    return rows;
  } finally {
    await grid.stop();
  }
}

/** Seconds from `spawn` until a controller of the cluster has published `MemberUp` of the new node. */
async function startToUp(grid: Grid, start: (seed: string) => NodeProcess): Promise<number> {
  const events = await openEvents(`${grid.url}/v1/grid/events`);
  const begin = performance.now();
  const node = start(grid.clusterAddress);
  try {
    await Promise.race([events.up, node.died]);
    return (performance.now() - begin) / 1000;
  } finally {
    events.close();
    const before = await grid.view();
    await node.stop();
    await until('the node to be gone', async () => {
      return gone(before, await grid.view()) ? true : undefined;
    });
  }
}

const gone = (before: GridView, after: GridView): boolean =>
  after.nodes.length < before.nodes.length;

/** Resolves with the first member that comes Up after the events were opened. */
async function openEvents(url: string) {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  const up = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      if (events.some(isUp)) return;
    }
    throw new Error('The events ended before a member was up');
  })();
  return { up, close: () => abort.abort() };
}

function isUp(event: string): boolean {
  if (!event.includes('event: member\n')) return false;
  const data = event.slice(event.indexOf('data: ') + 'data: '.length);
  return (JSON.parse(data) as MemberEventView).change === 'up';
}

/** Nodes of each kind, one after the other idle side by side: waiting costs nothing. */
async function idleRows(grid: Grid, count: number, ms: number): Promise<BenchRow[]> {
  const groups = Object.entries(kinds).map(([kind, start]) => ({
    kind,
    nodes: Array.from({ length: count }, () => start(grid.clusterAddress)),
  }));
  const all = groups.flatMap(({ nodes }) => nodes);
  try {
    await until('all nodes to be up', async () => {
      const { nodes } = await grid.view();
      const up = nodes.filter(({ status }) => status === 'Up').length;
      return up === all.length + 2 ? true : undefined;
    });
    await pause(ms);
    return groups.map(({ kind, nodes }) =>
      rowOf({
        figure: `${kind}: memory after ${Math.round(ms / 1000)} s without work (RSS)`,
        unit: 'MB',
        rounds: nodes.map(({ processId }) => residentBytes(processId) / megabyte),
        goal: { on: 'ours', atMost: 90 },
      }),
    );
  } finally {
    await Promise.all(all.map((node) => node.stop()));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const short = process.argv.includes('--short');
  console.log(tableOf(await run(short ? { rounds: 2, scale: 0.1 } : {})));
}
