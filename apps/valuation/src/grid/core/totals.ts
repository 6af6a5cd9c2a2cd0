// The figures of a job, added up from those of its chunks in any order.

import { addSums, type ExactSum, zeroSum } from './exact-sum.ts';

/** What a worker reports of one chunk beside the results themselves. */
export interface ChunkFigures {
  readonly priced: number;
  readonly failed: number;
  /** Failed trades by error code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly sum: ExactSum;
  /** Least and greatest priced value; undefined when no trade was priced. */
  readonly min?: number;
  readonly max?: number;
  /** Time in the pricing itself. */
  readonly pricingMs: number;
  /** Time a thread was busy with the chunk: reading, pricing, writing. */
  readonly busyMs: number;
}

export interface WorkerShare {
  readonly trades: number;
  readonly chunks: number;
  readonly busyMs: number;
}

export interface Totals extends Omit<ChunkFigures, 'min' | 'max'> {
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly chunks: number;
  /** Shares by worker. */
  readonly workers: ReadonlyMap<string, WorkerShare>;
}

export const emptyTotals: Totals = {
  priced: 0,
  failed: 0,
  errors: {},
  sum: zeroSum,
  min: undefined,
  max: undefined,
  pricingMs: 0,
  busyMs: 0,
  chunks: 0,
  workers: new Map(),
};

/** The totals with one more chunk, priced by `worker`; undefined when the grid itself made up the results. */
export function addChunk(
  totals: Totals,
  figures: ChunkFigures,
  worker: string | undefined,
): Totals {
  return {
    priced: totals.priced + figures.priced,
    failed: totals.failed + figures.failed,
    errors: addCounts(totals.errors, figures.errors),
    sum: addSums(totals.sum, figures.sum),
    min: least(totals.min, figures.min),
    max: greatest(totals.max, figures.max),
    pricingMs: totals.pricingMs + figures.pricingMs,
    busyMs: totals.busyMs + figures.busyMs,
    chunks: totals.chunks + 1,
    workers: worker === undefined ? totals.workers : addShare(totals.workers, worker, figures),
  };
}

/** Figures of trades that the grid reports as failed itself. */
export function failedFigures(code: string, trades: number): ChunkFigures {
  const errors = { [code]: trades };
  return { priced: 0, failed: trades, errors, sum: zeroSum, pricingMs: 0, busyMs: 0 };
}

function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const entries = Object.entries(b);
  if (entries.length === 0) return a;
  const sum: Record<string, number> = { ...a };
  for (const [code, count] of entries) sum[code] = (sum[code] ?? 0) + count;
  return sum;
}

function addShare(
  workers: ReadonlyMap<string, WorkerShare>,
  worker: string,
  figures: ChunkFigures,
): ReadonlyMap<string, WorkerShare> {
  const share = workers.get(worker) ?? { trades: 0, chunks: 0, busyMs: 0 };
  return new Map(workers).set(worker, {
    trades: share.trades + figures.priced + figures.failed,
    chunks: share.chunks + 1,
    busyMs: share.busyMs + figures.busyMs,
  });
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

function greatest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}
