// Prices the rate trades of one market: builds a run for each kind, asks its kernel, and writes what the metric wants.

import type { DepositTrade, FraTrade, SwapTrade } from '../instruments/index.ts';
import type { RateResults } from '../kernels/rates/index.ts';
import { statusCodes } from '../kernels/status.ts';
import type { PreparedMarket } from '../market/index.ts';
import { movesOneByOne, priceIrDelta } from './ir-delta.ts';
import { depositRun, type FraRun, fraRun } from './loan-runs.ts';
import type { Metric } from './metric.ts';
import type { PricingOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import {
  MarketNames,
  partsByCurve,
  type RateRun,
  rateMarketOf,
  type Selection,
} from './rate-runs.ts';
import { failRow } from './status-message.ts';
import { swapRun } from './swap-run.ts';

export interface RateJob {
  readonly market: PreparedMarket;
  readonly metric: Metric;
  readonly options: PricingOptions;
  readonly outcome: Outcome;
}

/** The rate trades of a batch by kind. */
export interface RateSelections {
  readonly swap: Selection<SwapTrade>;
  readonly fra: Selection<FraTrade>;
  readonly deposit: Selection<DepositTrade>;
}

export function priceRates(job: RateJob, selections: RateSelections): void {
  const names = new MarketNames(job.market, job.outcome);
  if (job.metric === 'IRDelta') {
    for (const part of deltaParts(job, selections.swap)) priceIrDelta(job, swapRun(names, part));
    for (const part of deltaParts(job, selections.deposit)) {
      priceIrDelta(job, depositRun(names, part));
    }
    for (const part of deltaParts(job, selections.fra)) priceIrDelta(job, fraRun(names, part));
    return;
  }
  if (selections.swap.rows.length > 0) priceSwaps(job, swapRun(names, selections.swap));
  if (selections.deposit.rows.length > 0) priceDeposits(job, depositRun(names, selections.deposit));
  if (selections.fra.rows.length > 0) priceFras(job, fraRun(names, selections.fra));
}

function deltaParts<Kind extends SwapTrade | FraTrade | DepositTrade>(
  { options }: RateJob,
  selection: Selection<Kind>,
): readonly Selection<Kind>[] {
  if (movesOneByOne(options.irDelta)) return partsByCurve(selection);
  return selection.rows.length > 0 ? [selection] : [];
}

function priceSwaps(job: RateJob, run: ReturnType<typeof swapRun>): void {
  const results = run.price(rateMarketOf(job.market));
  if (job.metric === 'ParRate') {
    writeParRates(job, run, results);
    return;
  }
  write(job, run, results, {
    value: results.npv,
    columns: { fixedLegNpv: results.fixedLegNpv, floatingLegNpv: results.floatingLegNpv },
  });
}

function priceDeposits(job: RateJob, run: ReturnType<typeof depositRun>): void {
  const results = run.price(rateMarketOf(job.market));
  if (job.metric === 'ParRate') writeParRates(job, run, results);
  else write(job, run, results, { value: results.npv });
}

function priceFras(job: RateJob, run: FraRun): void {
  const market = rateMarketOf(job.market);
  const results = job.metric === 'FwdRate' ? run.project(market) : run.price(market);
  const { forwardRate } = results;
  if (job.metric === 'ParRate') write(job, run, results, { value: forwardRate });
  else if (job.metric === 'NPV') write(job, run, results, { value: results.npv });
  else write(job, run, results, { value: results.spotValue, columns: { forwardRate } });
}

/** Par rates, where a priced trade may still have none. */
function writeParRates(
  job: RateJob,
  run: RateRun,
  results: RateResults & { readonly parRate: Float64Array },
): void {
  run.rows.forEach((_, n) => {
    if (results.status[n] !== statusCodes.PRICED) return;
    if (Number.isNaN(results.parRate[n])) results.status[n] = statusCodes.PAR_RATE_UNDEFINED;
  });
  write(job, run, results, { value: results.parRate });
}

interface Figures {
  readonly value: Float64Array;
  readonly columns?: Readonly<Record<string, Float64Array>>;
}

/** Copies figures from the rows of a run to the places of the batch, and failures to the errors. */
function write(job: RateJob, run: RateRun, results: RateResults, figures: Figures): void {
  const { outcome } = job;
  const columns = Object.entries(figures.columns ?? {}).map(
    ([name, figure]) => [outcome.column(name), figure] as const,
  );
  run.rows.forEach((row, n) => {
    if (results.status[n] !== statusCodes.PRICED) {
      failRow(job, row, results.status[n] as number, results.detail[n]);
      return;
    }
    outcome.value[row] = figures.value[n] as number;
    for (const [column, figure] of columns) column[row] = figure[n] as number;
  });
}
