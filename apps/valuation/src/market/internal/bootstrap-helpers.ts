// What a quote says about a curve: its dates, and the rate that a curve implies for it. Dates as in QuantLib 1.29's
// DepositRateHelper, FraRateHelper (indexed) and SwapRateHelper with their default pillar, the last relevant date.

import type { CalendarName } from '../../instruments/index.ts';
import { calendarOf } from '../calendar.ts';
import {
  adjust,
  advance,
  advanceBusinessDays,
  conventionCode,
  conventions,
} from '../date-arithmetic.ts';
import { dayCountCode, yearFraction } from '../day-count.ts';
import { frequencyPeriod } from '../frequency.ts';
import { type Period, parsePeriod, periodUnits } from '../period.ts';
import {
  fixingDateOf,
  type IndexTerms,
  maturityDateOf,
  parEndDateOf,
  valueDateOf,
} from '../rate-index.ts';
import { buildSchedule, type ScheduleTerms, scheduleDatesMax } from '../schedule.ts';
import { addMonths, dateText } from '../serial-date.ts';
import { type CurveSpec, invalidSnapshot, type Quote } from '../snapshot.ts';

export type DiscountOfDay = (serial: number) => number;

export interface BootstrapHelper {
  readonly label: string;
  /** Where the quote stands in the snapshot. */
  readonly field: string;
  readonly rate: number;
  readonly earliest: number;
  /** Date of the node that the quote determines. */
  readonly pillar: number;
  readonly impliedRate: (discount: DiscountOfDay) => number;
}

export interface HelperContext {
  readonly field: string;
  readonly evaluationDate: number;
  readonly spec: Extract<CurveSpec, { type: 'bootstrapped' }>;
  readonly terms: ReadonlyMap<string, IndexTerms>;
  readonly fixings: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

export function bootstrapHelper(quote: Quote, context: HelperContext): BootstrapHelper {
  if (quote.type === 'swap') return swapHelper(quote, context);
  const index = quotedIndex(quote, context);
  const spot = spotDate(index, context.evaluationDate);
  const start =
    quote.type === 'deposit'
      ? spot
      : advance(index.calendar, spot, months(quote.monthsToStart), index);
  const valueDate = valueDateOf(index, fixingDateOf(index, start));
  const end = maturityDateOf(index, valueDate);
  const time = yearFraction(index.dayCount, valueDate, end);
  return {
    label:
      quote.type === 'deposit'
        ? `deposit ${quote.tenor}`
        : `FRA ${quote.monthsToStart}x${quote.monthsToEnd}`,
    field: context.field,
    rate: quote.rate,
    earliest: start,
    pillar: end,
    impliedRate: (discount) => (discount(valueDate) / discount(end) - 1) / time,
  };
}

function months(length: number): Period {
  return { length, unit: periodUnits.months };
}

/** The index whose rate a deposit or FRA quotes. */
function quotedIndex(
  quote: Exclude<Quote, { type: 'swap' }>,
  { field, spec }: HelperContext,
): IndexTerms {
  const tenor =
    quote.type === 'deposit'
      ? parsePeriod(quote.tenor)
      : months(quote.monthsToEnd - quote.monthsToStart);
  if (tenor === undefined || tenor.length <= 0) {
    const message = 'The quote must end after it starts';
    throw invalidSnapshot([{ field, message }]);
  }
  return {
    name: quote.type,
    tenor,
    fixingDays: quote.fixingDays ?? 2,
    calendar: calendarOf(quote.calendar ?? curveCalendar(spec)),
    convention: conventionCode(quote.businessDayConvention ?? 'ModifiedFollowing'),
    endOfMonth: quote.endOfMonth ?? true,
    dayCount: dayCountCode(quote.dayCount ?? 'Act/360'),
  };
}

function curveCalendar(spec: HelperContext['spec']): CalendarName {
  return spec.calendar ?? 'TARGET';
}

function spotDate(index: IndexTerms, evaluationDate: number): number {
  const from = adjust(index.calendar, evaluationDate, conventions.following);
  return advanceBusinessDays(index.calendar, from, index.fixingDays);
}

type SwapQuote = Extract<Quote, { type: 'swap' }>;

interface SwapDates {
  readonly start: number;
  readonly fixed: Int32Array;
  readonly floating: Int32Array;
}

function swapDates(quote: SwapQuote, index: IndexTerms, context: HelperContext): SwapDates {
  const calendar = calendarOf(quote.calendar ?? curveCalendar(context.spec));
  const from = adjust(calendar, context.evaluationDate, conventions.following);
  const start = valueDateOf(index, from);
  const fixedConvention = conventionCode(quote.fixedConvention ?? 'Unadjusted');
  const terms: ScheduleTerms = {
    start,
    maturity: swapMaturity(start, quote.tenor),
    ...frequencyPeriod(quote.fixedFrequency ?? 'Annual'),
    calendar,
    convention: fixedConvention,
    terminationConvention: fixedConvention,
    backward: true,
    endOfMonth: false,
    firstDate: 0,
    nextToLastDate: 0,
  };
  const fixed = scheduleOf(terms, context.field);
  const { length, unit } = index.tenor;
  const { convention } = index;
  const floating = scheduleOf(
    { ...terms, length, unit, convention, terminationConvention: convention },
    context.field,
  );
  return { start, fixed, floating };
}

function swapMaturity(start: number, tenor: string): number {
  const { length, unit } = parsePeriod(tenor) ?? months(0);
  if (unit === periodUnits.months) return addMonths(start, length);
  return start + length * (unit === periodUnits.weeks ? 7 : 1);
}

/** Room for the longest schedule there is, hundreds of kilobytes, used again by each quote. */
const scheduleRoom = new Int32Array(scheduleDatesMax);

function scheduleOf(terms: ScheduleTerms, field: string): Int32Array {
  const count = buildSchedule(terms, scheduleRoom);
  if (count >= 2) return scheduleRoom.slice(0, count);
  throw invalidSnapshot([
    { field, message: `The swap has no period from ${dateText(terms.start)}` },
  ]);
}

/** A swap quote implies the value of the floating leg over the value of a basis of fixed coupons. */
function swapHelper(quote: SwapQuote, context: HelperContext): BootstrapHelper {
  const name = quote.index ?? 'Euribor6M';
  const index = context.terms.get(name);
  if (index === undefined) {
    const message = `Index "${name}" is not there: define it under indexes`;
    throw invalidSnapshot([{ field: `${context.field}.index`, message }]);
  }
  const dates = swapDates(quote, index, context);
  const pay = (day: number) =>
    adjust(calendarOf(quote.calendar ?? curveCalendar(context.spec)), day, index.convention);
  const fixedDayCount = dayCountCode(quote.fixedDayCount ?? '30/360 European');
  const fixed = periods(dates.fixed).map(([start, end]) => ({
    fraction: yearFraction(fixedDayCount, start, end),
    payment: pay(end),
  }));
  const floating = periods(dates.floating).map(([start, end]) =>
    floatingCoupon(index, context, { start, end, payment: pay(end) }),
  );
  const lastEnd = Math.max(dates.fixed.at(-1) ?? 0, dates.floating.at(-1) ?? 0);
  return {
    label: `swap ${quote.tenor}`,
    field: context.field,
    rate: quote.rate,
    earliest: dates.start,
    pillar: Math.max(lastEnd, floating.at(-1)?.projectionEnd ?? 0),
    impliedRate(discount) {
      let annuity = 0;
      for (const { fraction, payment } of fixed) annuity += fraction * discount(payment);
      let value = 0;
      for (const coupon of floating) {
        value += coupon.rate(discount) * coupon.fraction * discount(coupon.payment);
      }
      return value / annuity;
    },
  };
}

function periods(dates: Int32Array): [number, number][] {
  return Array.from(dates.subarray(1), (end, i) => [dates[i] as number, end]);
}

interface CouponPeriod {
  readonly start: number;
  readonly end: number;
  readonly payment: number;
}

function floatingCoupon(index: IndexTerms, context: HelperContext, period: CouponPeriod) {
  const fixingDate = fixingDateOf(index, period.start);
  const valueDate = valueDateOf(index, fixingDate);
  const projectionEnd = Math.max(parEndDateOf(index, period.end), valueDate + 1);
  const time = yearFraction(index.dayCount, valueDate, projectionEnd);
  const fixing =
    fixingDate <= context.evaluationDate
      ? context.fixings.get(index.name)?.get(fixingDate)
      : undefined;
  const rate = (discount: DiscountOfDay) =>
    fixing ?? (discount(valueDate) / discount(projectionEnd) - 1) / time;
  const fraction = yearFraction(index.dayCount, period.start, period.end);
  return { payment: period.payment, fraction, projectionEnd, rate };
}
