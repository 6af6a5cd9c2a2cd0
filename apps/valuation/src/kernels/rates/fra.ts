// Values forward rate agreements as QuantLib 1.29's ForwardRateAgreement: `priceFras` the payoff on the value date,
// discounted; `projectFras` the forward rate and the spot value of the loan at that rate.

import {
  adjust,
  conventions,
  type DiscountCurve,
  discountOn,
  fixingDateOf,
  maturityDateOf,
  type RateIndex,
  valueDateOf,
  yearFraction,
} from '../../market/index.ts';
import { statusCodes } from '../status.ts';
import { at, fail, type RateMarket, type RateResults, reportReach } from './rate-market.ts';

export interface FraBatch {
  count: number;
  /** +1 long (receives the floating rate), -1 short. */
  readonly side: Int8Array;
  readonly notional: Float64Array;
  readonly strike: Float64Array;
  /** Serial date on which the FRA settles. */
  readonly start: Int32Array;
  /** Serial date, adjusted by the index; 0 for one index tenor after the start. */
  readonly maturity: Int32Array;
  /** 1 takes the index's fixing, 0 the forward from start to maturity. */
  readonly indexed: Uint8Array;
  readonly index: Uint16Array;
  readonly curve: Uint16Array;
}

export function createFraBatch(capacity: number): FraBatch {
  return {
    count: 0,
    side: new Int8Array(capacity),
    notional: new Float64Array(capacity),
    strike: new Float64Array(capacity),
    start: new Int32Array(capacity),
    maturity: new Int32Array(capacity),
    indexed: new Uint8Array(capacity),
    index: new Uint16Array(capacity),
    curve: new Uint16Array(capacity),
  };
}

export interface FraResults extends RateResults {
  readonly forwardRate: Float64Array;
  /** Notional and interest at the forward rate, paid at maturity, discounted. */
  readonly spotValue: Float64Array;
}

export function createFraResults(capacity: number): FraResults {
  return {
    npv: new Float64Array(capacity),
    forwardRate: new Float64Array(capacity),
    spotValue: new Float64Array(capacity),
    status: new Uint8Array(capacity),
    detail: new Int32Array(capacity),
  };
}

/** Writes npv and forward rate; a FRA that settles on or before the evaluation date has expired. */
export function priceFras(market: RateMarket, batch: FraBatch, results: FraResults): void {
  for (let i = 0; i < batch.count; i++) {
    const start = batch.start[i] as number;
    results.spotValue[i] = Number.NaN;
    if (start <= market.evaluationDate) {
      results.forwardRate[i] = Number.NaN;
      fail(results, i, statusCodes.EXPIRED, start);
      continue;
    }
    if (!project(market, batch, results, i)) continue;
    const curve = at(market.curves, batch.curve[i]);
    const rate = results.forwardRate[i] as number;
    const time = accrual(market, batch, i);
    const payoff =
      ((batch.side[i] as number) *
        (batch.notional[i] as number) *
        (rate - (batch.strike[i] as number)) *
        time) /
      (1 + rate * time);
    const npv = payoff * discountOn(curve, start);
    if (Number.isFinite(npv)) results.npv[i] = npv;
    else explain(curve, start, results, i);
  }
}

/** Writes forward rate and spot value, also for a FRA that has settled. */
export function projectFras(market: RateMarket, batch: FraBatch, results: FraResults): void {
  for (let i = 0; i < batch.count; i++) {
    results.npv[i] = Number.NaN;
    results.spotValue[i] = Number.NaN;
    if (!project(market, batch, results, i)) continue;
    const rate = results.forwardRate[i] as number;
    const maturity = maturityOf(market, batch, i);
    const curve = at(market.curves, batch.curve[i]);
    const growth = 1 + rate * accrual(market, batch, i);
    const spot = (batch.notional[i] as number) * growth * discountOn(curve, maturity);
    if (Number.isFinite(spot)) results.spotValue[i] = spot;
    else explain(curve, maturity, results, i);
  }
}

function maturityOf(market: RateMarket, batch: FraBatch, i: number): number {
  const index = at(market.indexes, batch.index[i]);
  const maturity = batch.maturity[i] as number;
  if (maturity === 0) return maturityDateOf(index, batch.start[i] as number);
  return adjust(index.calendar, maturity, index.convention);
}

function accrual(market: RateMarket, batch: FraBatch, i: number): number {
  const index = at(market.indexes, batch.index[i]);
  return yearFraction(index.dayCount, batch.start[i] as number, maturityOf(market, batch, i));
}

/** Writes the forward rate and says whether there is one. */
function project(market: RateMarket, batch: FraBatch, results: FraResults, i: number): boolean {
  const index = at(market.indexes, batch.index[i]);
  const start = batch.start[i] as number;
  const maturity = maturityOf(market, batch, i);
  results.status[i] = statusCodes.PRICED;
  results.detail[i] = 0;
  results.forwardRate[i] = Number.NaN;
  if (maturity <= start) {
    fail(results, i, statusCodes.DEGENERATE_SCHEDULE, start);
    return false;
  }
  if (batch.indexed[i] !== 1) return projectBetween(index, start, maturity, { results, i });
  const fixingDate = fixingDateOf(index, start, conventions.following);
  const fixing = fixingDate <= market.evaluationDate ? index.fixings.get(fixingDate) : undefined;
  if (fixing !== undefined) {
    results.forwardRate[i] = fixing;
    return true;
  }
  if (fixingDate < market.evaluationDate) {
    fail(results, i, statusCodes.MISSING_FIXING, fixingDate);
    return false;
  }
  const valueDate = valueDateOf(index, fixingDate);
  return projectBetween(index, valueDate, maturityDateOf(index, valueDate), { results, i });
}

interface Place {
  readonly results: FraResults;
  readonly i: number;
}

function projectBetween(index: RateIndex, start: number, end: number, place: Place): boolean {
  const { results, i } = place;
  const growth = discountOn(index.curve, start) / discountOn(index.curve, end);
  const rate = (growth - 1) / yearFraction(index.dayCount, start, end);
  if (Number.isFinite(rate)) {
    results.forwardRate[i] = rate;
    return true;
  }
  if (!reportReach(index.curve, [start, end], results, i)) {
    results.status[i] = statusCodes.NOT_FINITE;
  }
  results.npv[i] = Number.NaN;
  return false;
}

/** Says why the discount curve gives no value on a day. */
function explain(curve: DiscountCurve, day: number, results: FraResults, i: number): void {
  if (!reportReach(curve, [day], results, i)) {
    results.status[i] = statusCodes.NOT_FINITE;
  }
  results.npv[i] = Number.NaN;
}
