// Interest-rate deltas: a run priced on markets with rates one basis point up and down, the difference halved. Bumped
// markets are made once for a market, not once for a batch, because a worker prices many batches on one snapshot.

import type { RateResults } from '../kernels/rates/index.ts';
import { statusCodes } from '../kernels/status.ts';
import {
  dateText,
  movableNodes,
  movableQuotes,
  type PreparedMarket,
  withNodeZeroShift,
  withParallelZeroShift,
  withQuoteShift,
} from '../market/index.ts';
import type { IrDeltaMethod, PricingOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { type RateRun, rateMarketOf } from './rate-runs.ts';
import { failRow } from './status-message.ts';

const basisPoint = 1e-4;

/** A market a basis point up and down, and the name of what moved where it is one thing of many. */
interface Bump {
  readonly column?: string;
  readonly up: PreparedMarket;
  readonly down: PreparedMarket;
}

interface DeltaJob {
  readonly market: PreparedMarket;
  readonly options: PricingOptions;
  readonly outcome: Outcome;
}

export function priceIrDelta(job: DeltaJob, run: RateRun): void {
  const { market, outcome } = job;
  const method = job.options.irDelta ?? 'zeroRates';
  const priced = priceable(job, run);
  if ((method === 'quotes' || method === 'eachQuote') && movableQuotes(market).length === 0) {
    const message = `Cannot give a delta by quotes: no curve of snapshot "${market.name}" is bootstrapped; take zeroRates or eachNode`;
    for (const n of priced) outcome.fail(run.rows[n] as number, 'MISSING_MARKET_DATA', message);
    return;
  }
  for (const n of priced) outcome.value[run.rows[n] as number] = 0;
  const up = new Float64Array(run.rows.length);
  for (const bump of bumpsOf(market, method)) {
    const column = bump.column === undefined ? undefined : outcome.column(bump.column);
    up.set(run.price(rateMarketOf(bump.up)).npv.subarray(0, up.length));
    const down = run.price(rateMarketOf(bump.down)).npv;
    for (const n of priced) {
      const row = run.rows[n] as number;
      const delta = ((up[n] as number) - (down[n] as number)) / 2;
      outcome.value[row] = (outcome.value[row] as number) + delta;
      if (column !== undefined) column[row] = delta;
    }
  }
}

function bumpsOf(market: PreparedMarket, method: IrDeltaMethod): Iterable<Bump> {
  return method === 'zeroRates' || method === 'quotes'
    ? wholeBump(market, method)
    : eachBump(market, method);
}

/** Rows that have a value on the market as it is; the others are failed. */
function priceable(job: DeltaJob, run: RateRun): number[] {
  const results: RateResults = run.price(rateMarketOf(job.market));
  const priced: number[] = [];
  run.rows.forEach((row, n) => {
    if (results.status[n] === statusCodes.PRICED) priced.push(n);
    else failRow(job, row, results.status[n] as number, results.detail[n]);
  });
  return priced;
}

const wholeBumps = {
  zeroRates: new WeakMap<PreparedMarket, Bump[]>(),
  quotes: new WeakMap<PreparedMarket, Bump[]>(),
};

function wholeBump(market: PreparedMarket, method: 'zeroRates' | 'quotes'): Bump[] {
  const known = wholeBumps[method].get(market);
  if (known !== undefined) return known;
  const made = makeWholeBump(market, method);
  wholeBumps[method].set(market, made);
  return made;
}

function makeWholeBump(market: PreparedMarket, method: 'zeroRates' | 'quotes'): Bump[] {
  const move = method === 'quotes' ? withQuoteShift : withParallelZeroShift;
  return [{ up: move(market, basisPoint), down: move(market, -basisPoint) }];
}

/** One after the other, so that only one moved market is in memory. */
function* eachBump(market: PreparedMarket, method: 'eachNode' | 'eachQuote'): Generator<Bump> {
  if (method === 'eachNode') {
    for (const node of movableNodes(market)) {
      yield {
        column: `delta ${node.curve} ${dateText(node.date)}`,
        up: withNodeZeroShift(market, node, basisPoint),
        down: withNodeZeroShift(market, node, -basisPoint),
      };
    }
    return;
  }
  for (const quote of movableQuotes(market)) {
    yield {
      column: `delta ${quote.curve} ${quote.label}`,
      up: withQuoteShift(market, basisPoint, quote),
      down: withQuoteShift(market, -basisPoint, quote),
    };
  }
}
