// One job of a million swaps, from the first byte of its upload to the last byte of its results; and what the controller
// and the workers' event loops have to say about it.

import { setTimeout as pause } from 'node:timers/promises';
import { type BenchRow, rowOf } from '../bench-row.ts';
import type { Grid } from './grid-process.ts';
import { swaps, writePortfolio } from './portfolios.ts';

export interface MillionOptions {
  readonly grid: Grid;
  readonly folder: string;
  readonly trades: number;
  readonly rounds: number;
}

interface Round {
  readonly perSecond: number;
  readonly uploadSeconds: number;
  readonly jobSeconds: number;
  readonly resultsSeconds: number;
  readonly bytesBefore: number;
  readonly bytesMost: number;
  readonly bytesAfter: number;
  readonly loopDelays: readonly number[];
}

const warmUpTrades = 2000;
const sampleMs = 250;
const megabyte = 1e6;

export async function million(options: MillionOptions): Promise<BenchRow[]> {
  const file = `${options.folder}/swaps.ndjson`;
  await writePortfolio(file, swaps(options.trades));
  const fresh = options.grid.controllerBytes() / megabyte;
  await warmUp(options);
  const seen: Round[] = [];
  for (let i = 0; i < options.rounds; i++) seen.push(await round(options, file));
  return rowsOf(options, seen, fresh);
}

/** A small job, so that what is loaded with the first upload does not count as growth. */
async function warmUp({ grid, folder }: MillionOptions): Promise<void> {
  const file = `${folder}/warm-up.ndjson`;
  await writePortfolio(file, swaps(warmUpTrades));
  const { id } = await grid.submit(file, 'metric=NPV');
  await grid.ended(id);
  await grid.readResults(id);
}

async function round({ grid, trades }: MillionOptions, file: string): Promise<Round> {
  const watch = watchGrid(grid);
  const bytesBefore = grid.controllerBytes();
  const begin = performance.now();
  const { id } = await grid.submit(file, 'metric=NPV');
  const uploaded = performance.now();
  await grid.ended(id);
  const ended = performance.now();
  const results = await grid.readResults(id);
  const read = performance.now();
  const bytesAfter = grid.controllerBytes();
  const { bytesMost, loopDelays } = await watch.stop();
  if (results !== trades) throw new Error(`${results} of ${trades} results came`);
  return {
    perSecond: trades / ((read - begin) / 1000),
    uploadSeconds: (uploaded - begin) / 1000,
    jobSeconds: (ended - uploaded) / 1000,
    resultsSeconds: (read - ended) / 1000,
    bytesBefore,
    bytesMost,
    bytesAfter,
    loopDelays,
  };
}

/** Looks at the controller's memory and the workers' event loops while a job runs. */
function watchGrid(grid: Grid) {
  let on = true;
  let bytesMost = 0;
  const loopDelays: number[] = [];
  const watching = (async () => {
    while (on) {
      bytesMost = Math.max(bytesMost, grid.controllerBytes());
      const { nodes } = await grid.view();
      for (const { load, roles } of nodes) {
        if (load !== undefined && load.busyShare > 0.5 && roles.includes('valeng')) {
          loopDelays.push(load.loopDelayP99Ms);
        }
      }
      await pause(sampleMs);
    }
  })();
  return {
    async stop() {
      on = false;
      await watching;
      return { bytesMost, loopDelays };
    },
  };
}

function rowsOf(
  { trades }: MillionOptions,
  seen: readonly Round[],
  freshMegabytes: number,
): BenchRow[] {
  const what = `${trades.toLocaleString('en')} swaps, NPV`;
  const row = (
    figure: string,
    unit: string,
    pick: (round: Round) => number,
    goal?: BenchRow['goal'],
  ): BenchRow =>
    rowOf({
      figure: `${what}: ${figure}`,
      unit,
      rounds: seen.map(pick),
      ...(goal === undefined ? {} : { goal }),
    });
  const delays = seen.flatMap(({ loopDelays }) => loopDelays);
  const note = `A fresh controller takes ${freshMegabytes.toFixed(0)} MB; before the first round it had a job of ${warmUpTrades} trades.`;
  return [
    row('first byte sent to last result read', 'trades/s', (one) => one.perSecond),
    row('upload, checked and stored', 's', (one) => one.uploadSeconds),
    row('pricing after the upload', 's', (one) => one.jobSeconds),
    row('reading all results', 's', (one) => one.resultsSeconds),
    row('controller memory before', 'MB', (one) => one.bytesBefore / megabyte),
    row('controller memory at most', 'MB', (one) => one.bytesMost / megabyte),
    row('controller memory after', 'MB', (one) => one.bytesAfter / megabyte),
    {
      ...row(
        'growth of the controller at most',
        'MB',
        (one) => (one.bytesMost - one.bytesBefore) / megabyte,
        { on: 'ours', atMost: 100 },
      ),
      note,
    },
    rowOf({
      figure: `${what}: event loops of the workers while pricing flat out, p99 of each second`,
      unit: 'ms late',
      rounds: delays,
      goal: { on: 'ours', atMost: 20 },
    }),
  ];
}
