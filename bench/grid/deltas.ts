// Interest-rate deltas through the grid, by what moves: one figure or one for each quote or node. Set-up that a worker
// makes once for a snapshot, such as moved curves, is in the first round.

import type { Trade } from '../../apps/valuation/src/instruments/index.ts';
import { generatePortfolio, type IrDeltaMethod } from '../../apps/valuation/src/pricing/index.ts';
import { type BenchRow, rowOf } from '../bench-row.ts';
import type { Grid } from './grid-process.ts';
import { writePortfolio } from './portfolios.ts';

export interface DeltasOptions {
  readonly grid: Grid;
  readonly folder: string;
  readonly trades: number;
  readonly rounds: number;
}

const methods: readonly IrDeltaMethod[] = ['zeroRates', 'quotes', 'eachQuote', 'eachNode'];

function book(trades: number): Generator<Trade> {
  return generatePortfolio({ trades, seed: 1, instruments: ['swap', 'fra', 'deposit'] });
}

export async function deltas({ grid, folder, trades, rounds }: DeltasOptions): Promise<BenchRow[]> {
  const file = `${folder}/rates.ndjson`;
  await writePortfolio(file, book(trades));
  const rows: BenchRow[] = [];
  for (const method of methods) {
    const seen: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const { id } = await grid.submit(file, `metric=IRDelta&irDelta=${method}`);
      const job = await grid.ended(id);
      if (job.priced !== trades) throw new Error(`${job.failed} trades have no price`);
      seen.push(trades / (job.elapsedMs / 1000));
    }
    const figure = `${trades.toLocaleString('en')} swaps, FRAs and deposits, IRDelta by ${method}`;
    rows.push(rowOf({ figure, unit: 'trades/s', rounds: seen }));
  }
  return rows;
}
