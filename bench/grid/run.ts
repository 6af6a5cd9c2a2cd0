// The pricing grid as real processes: what it adds to the pricing, one big job from end to end, and deltas.
// Run it with `node bench/grid/run.ts`; the common runner imports `run`.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BenchRow } from '../bench-row.ts';
import { tableOf } from '../table.ts';
import { deltas } from './deltas.ts';
import { startGrid } from './grid-process.ts';
import { million } from './million.ts';
import { overhead } from './overhead.ts';

export interface GridBenchOptions {
  readonly rounds?: number;
  /** Share of the trades of a full round. */
  readonly scale?: number;
}

const workers = 2;
const overheadTrades = 100_000;
const millionTrades = 1_000_000;
const deltaTrades = 100_000;
/** Steps of the trees that the overhead is measured with. */
const trees = [101, 201];

export async function run({ rounds = 3, scale = 1 }: GridBenchOptions = {}): Promise<BenchRow[]> {
  const threads = Math.max(1, Math.floor(availableParallelism() / workers));
  const folder = mkdtempSync(join(tmpdir(), 'parvi-bench-'));
  try {
    const rows: BenchRow[] = [];
    for (const steps of trees) {
      const trades = overheadTrades * scale;
      rows.push(
        ...(await withGrid(threads, (grid) =>
          overhead({ grid, folder, trades, steps, rounds, threads: threads * workers }),
        )),
      );
    }
    const trades = millionTrades * scale;
    const options = { folder, trades, rounds: Math.ceil(rounds / 2) };
    rows.push(...(await withGrid(threads, (grid) => million({ grid, ...options }))));
    const book = { folder, trades: deltaTrades * scale, rounds };
    rows.push(...(await withGrid(threads, (grid) => deltas({ grid, ...book }))));
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A grid of its own for each figure, so that none starts with what another left in memory. */
async function withGrid<T>(
  threads: number,
  use: (grid: Awaited<ReturnType<typeof startGrid>>) => Promise<T>,
): Promise<T> {
  const grid = await startGrid({ workers, threads });
  try {
    return await use(grid);
  } finally {
    await grid.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const short = process.argv.includes('--short');
  console.log(tableOf(await run(short ? { rounds: 1, scale: 0.1 } : {})));
}
