// Interest-rate deltas: a run priced on markets with rates one basis point up and down, the difference halved. What moves
// is made once for a market, not once for a batch, because a worker prices many batches on one snapshot.

import type { RateMarket, RateResults } from '../kernels/rates/index.ts';
import { statusCodes } from '../kernels/status.ts';
import {
  dateText,
  movableQuotes,
  nodeMoves,
  type PreparedMarket,
  quoteMoves,
  withParallelZeroShift,
  withQuoteShift,
} from '../market/index.ts';
import type { IrDeltaMethod, PricingOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { type RateRun, rateMarketOf, withCurve } from './rate-runs.ts';
import { failRow } from './status-message.ts';

const basisPoint = 1e-4;

/** One thing of many that moves. */
interface Bump {
  readonly column: string;
  /** Position of the one curve that moves. */
  readonly curve: number;
  readonly markets: () => MovedMarkets;
}

/** A market a basis point up and down. */
interface MovedMarkets {
  readonly up: RateMarket;
  readonly down: RateMarket;
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
  if (movesOneByOne(method)) priceEach(job, run, { priced, method });
  else if (priced.length > 0) {
    const deltas = deltasOf(run, wholeMove(market, method));
    for (const n of priced) outcome.value[run.rows[n] as number] = deltas[n] as number;
  }
}

/** Whether there is a figure for each node or quote. */
export function movesOneByOne(method: IrDeltaMethod | undefined): method is EachMethod {
  return method === 'eachNode' || method === 'eachQuote';
}

type EachMethod = Extract<IrDeltaMethod, `each${string}`>;

interface EachPart {
  /** Rows of the run. */
  readonly priced: readonly number[];
  readonly method: EachMethod;
}

/** A column for each node or quote, and their sum. What moves no curve of the run is zero without being made. */
function priceEach(
  { market, outcome }: DeltaJob,
  run: RateRun,
  { priced, method }: EachPart,
): void {
  const curves = run.curves();
  for (const n of priced) outcome.value[run.rows[n] as number] = 0;
  for (const bump of bumpsOf(market, method)) {
    const column = outcome.column(bump.column);
    const deltas =
      priced.length > 0 && curves.has(bump.curve) ? deltasOf(run, bump.markets()) : undefined;
    for (const n of priced) {
      const row = run.rows[n] as number;
      const delta = deltas === undefined ? 0 : (deltas[n] as number);
      outcome.value[row] = (outcome.value[row] as number) + delta;
      column[row] = delta;
    }
  }
}

/** Half the difference of each row. */
function deltasOf(run: RateRun, { up, down }: MovedMarkets): Float64Array {
  const deltas = run.price(up).npv.slice(0, run.rows.length);
  const { npv } = run.price(down);
  for (let n = 0; n < deltas.length; n++) {
    deltas[n] = ((deltas[n] as number) - (npv[n] as number)) / 2;
  }
  return deltas;
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

const wholeMoves = {
  zeroRates: new WeakMap<PreparedMarket, MovedMarkets>(),
  quotes: new WeakMap<PreparedMarket, MovedMarkets>(),
};

function wholeMove(market: PreparedMarket, method: 'zeroRates' | 'quotes'): MovedMarkets {
  const known = wholeMoves[method].get(market);
  if (known !== undefined) return known;
  const move = method === 'quotes' ? withQuoteShift : withParallelZeroShift;
  const up = rateMarketOf(move(market, basisPoint));
  const made = { up, down: rateMarketOf(move(market, -basisPoint)) };
  wholeMoves[method].set(market, made);
  return made;
}

function* bumpsOf(market: PreparedMarket, method: EachMethod): Generator<Bump> {
  const rates = rateMarketOf(market);
  const positions = new Map(rates.curves.map(({ name }, position) => [name, position]));
  const moves = method === 'eachNode' ? nodeMoves(market) : quoteMoves(market);
  for (const { name, moved } of moves) {
    const curve = positions.get(name.curve) as number;
    const label = 'label' in name ? name.label : dateText(name.date);
    const markets = () => {
      const { up, down } = moved();
      return { up: withCurve(rates, curve, up), down: withCurve(rates, curve, down) };
    };
    yield { column: `delta ${name.curve} ${label}`, curve, markets };
  }
}
