// Values vanilla swaps: builds the dates of both legs, then sums discounted coupons. The numbers are those of QuantLib
// 1.29's VanillaSwap under its DiscountingSwapEngine: payments on or before the discount curve's reference date are
// gone, a floating coupon takes a past fixing or the forward of its index, and the par rate is the fixed rate less the
// value over the value of a basis of fixed coupons. Nothing is allocated per trade.

import {
  adjust,
  allCalendars,
  buildSchedule,
  type Calendar,
  type DiscountCurve,
  discountOn,
  fixingDateOf,
  maturityDateOf,
  parEndDateOf,
  type RateIndex,
  type ScheduleTerms,
  scheduleDatesMax,
  valueDateOf,
  yearFraction,
} from '../../market/index.ts';
import { statusCodes } from '../status.ts';
import { at, fail, type RateMarket, type RateResults, reportReach } from './rate-market.ts';
import type { LegColumns, SwapBatch } from './swap-batch.ts';

export interface SwapResults extends RateResults {
  readonly fixedLegNpv: Float64Array;
  readonly floatingLegNpv: Float64Array;
  /** Fixed rate at which the swap is worth nothing; not a number where no fixed coupon remains. */
  readonly parRate: Float64Array;
}

export function createSwapResults(capacity: number): SwapResults {
  return {
    npv: new Float64Array(capacity),
    fixedLegNpv: new Float64Array(capacity),
    floatingLegNpv: new Float64Array(capacity),
    parRate: new Float64Array(capacity),
    status: new Uint8Array(capacity),
    detail: new Int32Array(capacity),
  };
}

/** A coupon that fixed at most this many days before its start can have fixed by the evaluation date. */
const fixingLeadDaysMax = 40;

/** Room for one swap's dates and sums, used again for the next: a pricer belongs to one thread. */
export interface SwapPricer {
  price(market: RateMarket, batch: SwapBatch, results: SwapResults): void;
}

export function createSwapPricer(): SwapPricer {
  const dates = new Int32Array(scheduleDatesMax);
  const calendars = allCalendars();
  const terms: ScheduleTerms = {
    start: 0,
    maturity: 0,
    length: 0,
    unit: 0,
    calendar: at(calendars, 0),
    convention: 0,
    terminationConvention: 0,
    backward: true,
    endOfMonth: false,
    firstDate: 0,
    nextToLastDate: 0,
  };
  return {
    price(market, batch, results) {
      const work: Work = { market, batch, results, dates, calendars, terms, count: 0, live: 0 };
      for (let i = 0; i < batch.count; i++) priceSwap(work, i);
    },
  };
}

interface Work {
  readonly market: RateMarket;
  readonly batch: SwapBatch;
  readonly results: SwapResults;
  readonly dates: Int32Array;
  readonly calendars: readonly Calendar[];
  readonly terms: ScheduleTerms;
  /** Dates of the fixed leg, which the floating leg may share. */
  count: number;
  /** Payments still to come of the swap at hand. */
  live: number;
}

function priceSwap(work: Work, i: number): void {
  const { batch, market, results } = work;
  const side = batch.side[i] as number;
  const notional = batch.notional[i] as number;
  const fixedRate = batch.fixedRate[i] as number;
  const curve = at(market.curves, batch.curve[i]);
  results.status[i] = statusCodes.PRICED;
  results.detail[i] = 0;
  work.live = 0;
  const annuity = fixedAnnuity(work, i, curve);
  const floating = floatingValue(work, i, curve);
  if (results.status[i] !== statusCodes.PRICED) {
    failSwap(results, i, results.status[i] as number, results.detail[i]);
    return;
  }
  if (work.live === 0) {
    failSwap(results, i, statusCodes.EXPIRED);
    return;
  }
  const fixedLeg = -side * notional * fixedRate * annuity;
  const floatingLeg = side * notional * floating;
  const npv = fixedLeg + floatingLeg;
  results.npv[i] = npv;
  results.fixedLegNpv[i] = fixedLeg;
  results.floatingLegNpv[i] = floatingLeg;
  results.parRate[i] = annuity === 0 ? Number.NaN : fixedRate + npv / (side * notional * annuity);
  if (!Number.isFinite(npv)) failSwap(results, i, statusCodes.NOT_FINITE);
}

function failSwap(results: SwapResults, i: number, status: number, detail = 0): void {
  fail(results, i, status, detail);
  results.fixedLegNpv[i] = Number.NaN;
  results.floatingLegNpv[i] = Number.NaN;
  results.parRate[i] = Number.NaN;
}

/** Writes the dates of a leg and returns how many. */
function legDates(work: Work, i: number, leg: LegColumns): number {
  const { batch, terms } = work;
  terms.start = batch.start[i] as number;
  terms.maturity = batch.maturity[i] as number;
  terms.firstDate = batch.firstDate[i] as number;
  terms.nextToLastDate = batch.nextToLastDate[i] as number;
  terms.length = leg.length[i] as number;
  terms.unit = leg.unit[i] as number;
  terms.calendar = at(work.calendars, leg.calendar[i]);
  terms.convention = leg.convention[i] as number;
  terms.terminationConvention = leg.terminationConvention[i] as number;
  terms.backward = leg.backward[i] === 1;
  terms.endOfMonth = leg.endOfMonth[i] === 1;
  const count = buildSchedule(terms, work.dates);
  if (count < 2) work.results.status[i] = statusCodes.DEGENERATE_SCHEDULE;
  return count;
}

/** True where both legs run between the same dates, so that they need to be built once only. */
function sameDates({ fixed, floating }: SwapBatch, i: number): boolean {
  return (
    fixed.length[i] === floating.length[i] &&
    fixed.unit[i] === floating.unit[i] &&
    fixed.calendar[i] === floating.calendar[i] &&
    fixed.convention[i] === floating.convention[i] &&
    fixed.terminationConvention[i] === floating.terminationConvention[i] &&
    fixed.backward[i] === floating.backward[i] &&
    fixed.endOfMonth[i] === floating.endOfMonth[i]
  );
}

/** The value of receiving a rate of 1 on a notional of 1. */
function fixedAnnuity(work: Work, i: number, curve: DiscountCurve): number {
  const { batch, dates } = work;
  const count = legDates(work, i, batch.fixed);
  work.count = count;
  const calendar = at(work.calendars, batch.fixed.calendar[i]);
  const dayCount = batch.fixed.dayCount[i] as number;
  const convention = batch.paymentConvention[i] as number;
  let annuity = 0;
  for (let k = 1; k < count; k++) {
    const end = dates[k] as number;
    const payment = adjust(calendar, end, convention);
    if (payment <= curve.referenceDate) continue;
    work.live++;
    const amount = yearFraction(dayCount, dates[k - 1] as number, end) * discountOn(curve, payment);
    if (Number.isNaN(amount)) {
      reportReach(curve, [payment], work.results, i);
      return Number.NaN;
    }
    annuity += amount;
  }
  return annuity;
}

/** The value of receiving the floating coupons on a notional of 1. */
function floatingValue(work: Work, i: number, curve: DiscountCurve): number {
  const { batch, dates, market, results } = work;
  const count = sameDates(batch, i) ? work.count : legDates(work, i, batch.floating);
  const calendar = at(work.calendars, batch.floating.calendar[i]);
  const dayCount = batch.floating.dayCount[i] as number;
  const convention = batch.paymentConvention[i] as number;
  const index = at(market.indexes, batch.index[i]);
  const indexed = batch.indexed[i] === 1;
  const spread = batch.spread[i] as number;
  let value = 0;
  for (let k = 1; k < count; k++) {
    const start = dates[k - 1] as number;
    const end = dates[k] as number;
    const payment = adjust(calendar, end, convention);
    if (payment <= curve.referenceDate) continue;
    work.live++;
    const past = pastFixing(index, market.evaluationDate, start);
    const rate = Number.isNaN(past) ? projectedRate(index, start, end, indexed) : past;
    const amount =
      (rate + spread) * yearFraction(dayCount, start, end) * discountOn(curve, payment);
    if (!Number.isFinite(amount)) {
      explainCoupon(work, i, { start, end, payment });
      return Number.NaN;
    }
    value += amount;
  }
  if (results.status[i] !== statusCodes.PRICED) return Number.NaN;
  return value;
}

/** The fixing of a coupon; not a number where it is yet to be projected, infinite where it is missing. */
function pastFixing(index: RateIndex, evaluationDate: number, start: number): number {
  if (start > evaluationDate + fixingLeadDaysMax) return Number.NaN;
  const fixingDate = fixingDateOf(index, start);
  if (fixingDate > evaluationDate) return Number.NaN;
  const fixing = index.fixings.get(fixingDate);
  if (fixing !== undefined) return fixing;
  return fixingDate === evaluationDate ? Number.NaN : Number.POSITIVE_INFINITY;
}

/** The forward over the coupon's own period (par) or over the index's (indexed). */
function projectedRate(index: RateIndex, start: number, end: number, indexed: boolean): number {
  const isBusinessStart = index.calendar.daysToNext[start] === 0;
  const valueDate = isBusinessStart ? start : valueDateOf(index, fixingDateOf(index, start));
  const projectionEnd = indexed
    ? maturityDateOf(index, valueDate)
    : Math.max(parEndDateOf(index, end), valueDate + 1);
  const growth = discountOn(index.curve, valueDate) / discountOn(index.curve, projectionEnd);
  return (growth - 1) / yearFraction(index.dayCount, valueDate, projectionEnd);
}

interface CouponDays {
  readonly start: number;
  readonly end: number;
  readonly payment: number;
}

/** Says why a floating coupon has no value: its fixing is missing, or a curve does not reach one of its days. */
function explainCoupon(work: Work, i: number, { start, end, payment }: CouponDays): void {
  const { market, batch, results } = work;
  const index = at(market.indexes, batch.index[i]);
  if (pastFixing(index, market.evaluationDate, start) === Number.POSITIVE_INFINITY) {
    results.status[i] = statusCodes.MISSING_FIXING;
    results.detail[i] = fixingDateOf(index, start);
    return;
  }
  const valueDate = valueDateOf(index, fixingDateOf(index, start));
  const projectionEnd =
    batch.indexed[i] === 1 ? maturityDateOf(index, valueDate) : parEndDateOf(index, end);
  if (reportReach(at(market.curves, batch.curve[i]), [payment], results, i)) return;
  if (reportReach(index.curve, [valueDate, projectionEnd], results, i)) return;
  results.status[i] = statusCodes.NOT_FINITE;
}
