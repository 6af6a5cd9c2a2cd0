// Turns rate trades into columns for their kernel. A run holds one kind of instrument on one market; it can be priced
// again on a bumped market, which is how deltas come about.

import {
  type DepositTrade,
  dateRange,
  type FraTrade,
  nearestName,
  type SwapTrade,
  type Trade,
} from '../instruments/index.ts';
import type { RateMarket, RateResults } from '../kernels/rates/index.ts';
import {
  addPeriod,
  type DiscountCurve,
  type PreparedMarket,
  parseDate,
  parsePeriod,
  type RateIndex,
} from '../market/index.ts';
import type { Outcome } from './outcome.ts';

const lastDay = parseDate(dateRange.last);

/** Trades of one kind as columns: price them on a market, then read the results at each row. */
export interface RateRun<Results extends RateResults = RateResults> {
  /** Position in the batch of each row. */
  readonly rows: readonly number[];
  /** Positions of the curves that rows are priced on: nothing else moves their values. */
  curves(): ReadonlySet<number>;
  /** Prices all rows and returns the results, whose arrays are the same at every call. */
  price(market: RateMarket): Results;
}

/** The names of a market as the positions that kernels use, and the complaint about a name that is not there. */
export class MarketNames {
  readonly market: PreparedMarket;
  readonly #outcome: Outcome;
  readonly #curves: ReadonlyMap<string, number>;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #discount: number;

  constructor(market: PreparedMarket, outcome: Outcome) {
    this.market = market;
    this.#outcome = outcome;
    this.#curves = positions(market.curves);
    this.#indexes = positions(market.indexes);
    this.#discount = this.#curves.get(market.discountCurve.name) ?? 0;
  }

  /** Position of the discount curve, or -1 after the trade was failed. */
  curve(row: number, name: string | undefined): number {
    if (name === undefined) return this.#discount;
    const position = this.#curves.get(name);
    if (position !== undefined) return position;
    this.#missing(row, 'discountCurve', `curve "${name}"`, near(name, this.#curves));
    return -1;
  }

  /** Position of an index, or -1 after the trade was failed. */
  index(row: number, name: string): number {
    const position = this.#indexes.get(name);
    if (position !== undefined) return position;
    this.#missing(row, 'index', `index "${name}"`, near(name, this.#indexes));
    return -1;
  }

  /** Serial date of a field, or 0 after the trade was failed because it is none. */
  date(row: number, field: string, text: string): number {
    const serial = parseDate(text);
    if (serial > 0) return serial;
    this.invalid(row, field, `"${text}" is no day`);
    return 0;
  }

  /** Serial date at the end of a span, unadjusted, or 0 after the trade was failed. */
  spanEnd(row: number, start: number, tenor: string): number {
    const period = parsePeriod(tenor);
    const end =
      period === undefined ? Number.NaN : addPeriod(start, period.length, period.unit, false);
    if (end > start && end <= lastDay) return end;
    this.invalid(row, 'tenor', `"${tenor}" must end after its start and by ${dateRange.last}`);
    return 0;
  }

  invalid(row: number, field: string, reason: string): void {
    const { id, instrument } = this.#outcome.trade(row);
    const message = `Cannot price ${instrument} "${id}": field "${field}" ${reason}`;
    this.#outcome.fail(row, 'INVALID_TRADE', message, field);
  }

  #missing(row: number, field: string, what: string, hint: string): void {
    const { id, instrument } = this.#outcome.trade(row);
    const message = `Cannot price ${instrument} "${id}": snapshot "${this.market.name}" has no ${what}${hint}`;
    this.#outcome.fail(row, 'MISSING_MARKET_DATA', message, field);
  }
}

function positions(names: ReadonlyMap<string, unknown>): Map<string, number> {
  return new Map([...names.keys()].map((name, position) => [name, position]));
}

function near(name: string, known: ReadonlyMap<string, unknown>): string {
  const hint = nearestName(name, known.keys());
  return hint === undefined ? '' : `; did you mean "${hint}"?`;
}

/** The market as kernels see it; positions follow the order of its maps, which bumps keep. */
export function rateMarketOf(market: PreparedMarket): RateMarket {
  return {
    evaluationDate: market.evaluationDate,
    curves: [...market.curves.values()],
    indexes: [...market.indexes.values()],
  };
}

/** The market with another curve at a position, for all that is priced on it. */
export function withCurve(market: RateMarket, position: number, curve: DiscountCurve): RateMarket {
  const before = market.curves[position];
  return {
    evaluationDate: market.evaluationDate,
    curves: market.curves.map((one, n) => (n === position ? curve : one)),
    indexes: market.indexes.map((one) => (one.curve === before ? { ...one, curve } : one)),
  };
}

/** What a batch says of the curves of its rows. */
interface CurveColumns {
  readonly count: number;
  readonly curve: Uint16Array;
  readonly index?: Uint16Array;
}

/** Positions of the curves that discount the rows of a batch or project their indexes. */
export function curvesOfBatch(market: PreparedMarket, batch: CurveColumns): ReadonlySet<number> {
  const { curves, indexes } = rateMarketOf(market);
  const found = new Set(batch.curve.subarray(0, batch.count));
  for (const index of new Set(batch.index?.subarray(0, batch.count))) {
    found.add(curves.indexOf((indexes[index] as RateIndex).curve));
  }
  return found;
}

/** The trades at some positions of a batch, of one kind. */
export interface Selection<Kind extends Trade> {
  readonly rows: readonly number[];
  readonly trades: readonly Kind[];
}

/** Parts whose trades name the same curve and index, so that what moves no curve of a part need not be priced. */
export function partsByCurve<Kind extends SwapTrade | FraTrade | DepositTrade>(
  selection: Selection<Kind>,
): Selection<Kind>[] {
  const parts = new Map<string, { rows: number[]; trades: Kind[] }>();
  selection.trades.forEach((trade, i) => {
    const index = trade.instrument === 'deposit' ? undefined : trade.index;
    const key = JSON.stringify([trade.discountCurve, index]);
    const part = parts.get(key) ?? { rows: [], trades: [] };
    if (part.rows.length === 0) parts.set(key, part);
    part.rows.push(selection.rows[i] as number);
    part.trades.push(trade);
  });
  return [...parts.values()];
}
