// Values deposits: the notional goes out on the start date and comes back with simple interest at maturity. Flows on or
// before the curve's reference date are gone, as for swaps.

import {
  adjust,
  advance,
  allCalendars,
  discountOn,
  type PeriodUnit,
  yearFraction,
} from '../../market/index.ts';
import { statusCodes } from '../status.ts';
import { at, fail, type RateMarket, type RateResults, reportReach } from './rate-market.ts';

export interface DepositBatch {
  count: number;
  /** +1 lends the notional, -1 borrows it. */
  readonly side: Int8Array;
  readonly notional: Float64Array;
  readonly rate: Float64Array;
  /** Serial dates, unadjusted; a maturity of 0 is one tenor after the start. */
  readonly start: Int32Array;
  readonly maturity: Int32Array;
  readonly length: Int16Array;
  readonly unit: Uint8Array;
  readonly calendar: Uint8Array;
  readonly convention: Uint8Array;
  readonly endOfMonth: Uint8Array;
  readonly dayCount: Uint8Array;
  readonly curve: Uint16Array;
}

export function createDepositBatch(capacity: number): DepositBatch {
  return {
    count: 0,
    side: new Int8Array(capacity),
    notional: new Float64Array(capacity),
    rate: new Float64Array(capacity),
    start: new Int32Array(capacity),
    maturity: new Int32Array(capacity),
    length: new Int16Array(capacity),
    unit: new Uint8Array(capacity),
    calendar: new Uint8Array(capacity),
    convention: new Uint8Array(capacity),
    endOfMonth: new Uint8Array(capacity),
    dayCount: new Uint8Array(capacity),
    curve: new Uint16Array(capacity),
  };
}

export interface DepositResults extends RateResults {
  /** Rate at which the deposit is worth nothing; not a number once it has begun before the reference date. */
  readonly parRate: Float64Array;
}

export function createDepositResults(capacity: number): DepositResults {
  return {
    npv: new Float64Array(capacity),
    parRate: new Float64Array(capacity),
    status: new Uint8Array(capacity),
    detail: new Int32Array(capacity),
  };
}

export function priceDeposits(
  market: RateMarket,
  batch: DepositBatch,
  results: DepositResults,
): void {
  for (let i = 0; i < batch.count; i++) priceDeposit(market, batch, results, i);
}

function priceDeposit(
  market: RateMarket,
  batch: DepositBatch,
  results: DepositResults,
  i: number,
): void {
  const curve = at(market.curves, batch.curve[i]);
  const { start, end } = depositDates(batch, i);
  results.status[i] = statusCodes.PRICED;
  results.detail[i] = 0;
  results.parRate[i] = Number.NaN;
  if (end <= start || end <= curve.referenceDate) {
    const expired = end > start;
    fail(results, i, expired ? statusCodes.EXPIRED : statusCodes.DEGENERATE_SCHEDULE, end);
    return;
  }
  const time = yearFraction(batch.dayCount[i] as number, start, end);
  const lent = start < curve.referenceDate ? Number.NaN : discountOn(curve, start);
  const repaid = discountOn(curve, end);
  const outstanding = start <= curve.referenceDate ? 0 : lent;
  const growth = 1 + (batch.rate[i] as number) * time;
  const npv =
    (batch.side[i] as number) * (batch.notional[i] as number) * (growth * repaid - outstanding);
  if (!Number.isFinite(npv)) {
    fail(results, i, statusCodes.NOT_FINITE);
    reportReach(curve, [end], results, i);
    return;
  }
  results.npv[i] = npv;
  results.parRate[i] = (lent / repaid - 1) / time;
}

function depositDates(batch: DepositBatch, i: number): { start: number; end: number } {
  const calendar = at(allCalendars(), batch.calendar[i]);
  const convention = batch.convention[i] as number;
  const start = adjust(calendar, batch.start[i] as number, convention);
  const maturity = batch.maturity[i] as number;
  if (maturity !== 0) return { start, end: adjust(calendar, maturity, convention) };
  const period = { length: batch.length[i] as number, unit: batch.unit[i] as PeriodUnit };
  const rule = { convention, endOfMonth: batch.endOfMonth[i] === 1 };
  return { start, end: advance(calendar, start, period, rule) };
}
