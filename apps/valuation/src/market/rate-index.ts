// A floating index such as Euribor6M: its conventions, the curve that projects it and the fixings known. The date rules
// are QuantLib's IborIndex and, for what a coupon projects, its IborCoupon.

import type { Calendar } from './calendar.ts';
import { adjust, advance, advanceBusinessDays, conventions } from './date-arithmetic.ts';
import { yearFraction } from './day-count.ts';
import { type DiscountCurve, discountOn } from './discount-curve.ts';
import type { Period } from './period.ts';

export interface RateIndex {
  readonly name: string;
  readonly tenor: Period;
  readonly fixingDays: number;
  readonly calendar: Calendar;
  readonly convention: number;
  readonly endOfMonth: boolean;
  readonly dayCount: number;
  readonly curve: DiscountCurve;
  /** Published rates by serial date of their fixing. */
  readonly fixings: ReadonlyMap<number, number>;
}

/** The terms an index has apart from any market. */
export type IndexTerms = Omit<RateIndex, 'curve' | 'fixings'>;

/**
 * The day on which a period that starts on `start` was or will be fixed. Where the index has no fixing days a start on a
 * holiday moves by `convention`: coupons take the day before, FRAs the day after.
 */
export function fixingDateOf(
  index: IndexTerms,
  start: number,
  convention: number = conventions.preceding,
): number {
  const { calendar, fixingDays } = index;
  if (fixingDays === 0) return adjust(calendar, start, convention);
  return advanceBusinessDays(calendar, start, -fixingDays);
}

/** The day on which the period of a fixing begins. */
export function valueDateOf(index: IndexTerms, fixingDate: number): number {
  const { calendar, fixingDays } = index;
  if (fixingDays === 0) return adjust(calendar, fixingDate, conventions.following);
  return advanceBusinessDays(calendar, fixingDate, fixingDays);
}

/** The day on which a period of the index's tenor ends. */
export function maturityDateOf(index: IndexTerms, valueDate: number): number {
  return advance(index.calendar, valueDate, index.tenor, index);
}

/** The end of the period that a par coupon projects: where the next coupon's period would begin. */
export function parEndDateOf(index: IndexTerms, accrualEnd: number): number {
  const { calendar, fixingDays } = index;
  if (calendar.daysToNext[accrualEnd] === 0) return accrualEnd;
  if (fixingDays === 0) return adjust(calendar, accrualEnd, conventions.following);
  const next = advanceBusinessDays(calendar, accrualEnd, -fixingDays);
  return advanceBusinessDays(calendar, next, fixingDays);
}

/** The simple forward rate between two days on the index's curve. */
export function forwardRate(index: RateIndex, start: number, end: number): number {
  const growth = discountOn(index.curve, start) / discountOn(index.curve, end);
  return (growth - 1) / yearFraction(index.dayCount, start, end);
}
