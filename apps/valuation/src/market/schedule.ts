// The dates between which coupons run: generated from one end of a trade, with stubs, then adjusted. The rules follow
// the constructor of QuantLib 1.29's Schedule for the rules Backward, Forward and Zero, down to its removal of doubled
// dates and its treatment of month ends, because one date elsewhere is a value elsewhere.

import type { Calendar } from './calendar.ts';
import {
  addPeriod,
  adjust,
  businessMonthEnd,
  conventions,
  isBusinessMonthEnd,
} from './date-arithmetic.ts';
import { periodUnits } from './period.ts';
import { maxSerial, minSerial, monthEnd } from './serial-date.ts';

/** What a schedule is made from; an object of this shape is filled again for each trade. */
export interface ScheduleTerms {
  start: number;
  maturity: number;
  /** Coupon period; a length of 0 gives a single one. */
  length: number;
  unit: number;
  calendar: Calendar;
  convention: number;
  terminationConvention: number;
  /** Counted back from maturity rather than forward from start. */
  backward: boolean;
  endOfMonth: boolean;
  /** End of an irregular first period, or 0. */
  firstDate: number;
  /** Start of an irregular last period, or 0. */
  nextToLastDate: number;
}

/** Room for the dates of the longest schedule: a coupon on each day there is, between two stubs. */
export const scheduleDatesMax = maxSerial - minSerial + 4;

/**
 * Writes the dates in order and returns how many; fewer than 2 when start and maturity fall together or the maturity lies
 * beyond all days there are. Counting periods ends where a day is no number: a period may reach beyond them as well.
 */
export function buildSchedule(terms: ScheduleTerms, dates: Int32Array): number {
  const { start, maturity } = terms;
  if (!(start < maturity && maturity <= maxSerial)) return 0;
  const endOfMonth = terms.endOfMonth && terms.unit === periodUnits.months && terms.length >= 1;
  let count: number;
  let seed = 0;
  if (terms.length === 0) {
    dates[0] = start;
    dates[1] = maturity;
    count = 2;
  } else if (terms.backward) {
    const nextToLast = terms.nextToLastDate === maturity ? 0 : terms.nextToLastDate;
    seed = nextToLast === 0 ? maturity : nextToLast;
    count = generateBackward(terms, endOfMonth, dates);
  } else {
    const first = terms.firstDate === start ? 0 : terms.firstDate;
    seed = first === 0 ? start : first;
    count = generateForward(terms, endOfMonth, dates);
  }
  if (endOfMonth && isBusinessMonthEnd(terms.calendar, seed)) moveToMonthEnds(terms, dates, count);
  else adjustAll(terms, dates, count);
  return removeDoubledEnds(dates, count);
}

function generateBackward(terms: ScheduleTerms, endOfMonth: boolean, dates: Int32Array): number {
  const { calendar, convention, start, maturity, length, unit } = terms;
  const first = terms.firstDate === start ? 0 : terms.firstDate;
  let seed = maturity;
  let count = 0;
  dates[count++] = maturity;
  if (terms.nextToLastDate !== 0 && terms.nextToLastDate !== maturity) {
    seed = terms.nextToLastDate;
    dates[count++] = seed;
  }
  const exit = first === 0 ? start : first;
  let last = adjust(calendar, seed, convention);
  for (let periods = 1; ; periods++) {
    const day = addPeriod(seed, -periods * length, unit, endOfMonth);
    if (!(day >= exit)) break;
    const adjusted = adjust(calendar, day, convention);
    if (adjusted !== last) {
      dates[count++] = day;
      last = adjusted;
    }
  }
  if (first !== 0 && adjust(calendar, first, convention) !== last) {
    dates[count++] = first;
    last = adjust(calendar, first, convention);
  }
  if (adjust(calendar, start, convention) !== last) dates[count++] = start;
  reverse(dates, count);
  return count;
}

/** In place; a view to reverse would be an allocation a trade. */
function reverse(dates: Int32Array, count: number): void {
  for (let low = 0, high = count - 1; low < high; low++, high--) {
    const day = dates[low] as number;
    dates[low] = dates[high] as number;
    dates[high] = day;
  }
}

function generateForward(terms: ScheduleTerms, endOfMonth: boolean, dates: Int32Array): number {
  const { calendar, convention, start, maturity, length, unit } = terms;
  const nextToLast = terms.nextToLastDate === maturity ? 0 : terms.nextToLastDate;
  let seed = start;
  let count = 0;
  dates[count++] = start;
  if (terms.firstDate !== 0 && terms.firstDate !== start) {
    seed = terms.firstDate;
    dates[count++] = seed;
  }
  const exit = nextToLast === 0 ? maturity : nextToLast;
  let last = adjust(calendar, seed, convention);
  for (let periods = 1; ; periods++) {
    const day = addPeriod(seed, periods * length, unit, endOfMonth);
    if (!(day <= exit)) break;
    const adjusted = adjust(calendar, day, convention);
    if (adjusted !== last) {
      dates[count++] = day;
      last = adjusted;
    }
  }
  if (nextToLast !== 0 && adjust(calendar, nextToLast, convention) !== last) {
    dates[count++] = nextToLast;
  }
  const termination = terms.terminationConvention;
  const previous = dates[count - 1] as number;
  if (adjust(calendar, previous, termination) !== adjust(calendar, maturity, termination)) {
    dates[count++] = maturity;
  }
  return count;
}

function adjustAll(terms: ScheduleTerms, dates: Int32Array, count: number): void {
  const { calendar, convention } = terms;
  for (let i = 0; i < count - 1; i++) {
    dates[i] = adjust(calendar, dates[i] as number, convention);
  }
  dates[count - 1] = adjust(calendar, dates[count - 1] as number, terms.terminationConvention);
}

/** Month ends stay month ends; the two outer dates only where they would not fall together. */
function moveToMonthEnds(terms: ScheduleTerms, dates: Int32Array, count: number): void {
  const { calendar } = terms;
  const first = dates[0] as number;
  const last = dates[count - 1] as number;
  const unadjusted = terms.convention === conventions.unadjusted;
  for (let i = 1; i < count - 1; i++) {
    const day = dates[i] as number;
    dates[i] = unadjusted ? monthEnd(day) : businessMonthEnd(calendar, day);
  }
  let newFirst = first;
  let newLast = last;
  if (terms.terminationConvention !== conventions.unadjusted) {
    newFirst = businessMonthEnd(calendar, first);
    newLast = businessMonthEnd(calendar, last);
  } else if (terms.backward) newLast = monthEnd(last);
  else newFirst = monthEnd(first);
  if (newFirst !== newLast) {
    dates[0] = newFirst;
    dates[count - 1] = newLast;
  }
}

/** A date next to an end can reach or pass it by adjustment; then the end stands for both. */
function removeDoubledEnds(dates: Int32Array, count: number): number {
  let left = count;
  if (left >= 2 && (dates[left - 2] as number) >= (dates[left - 1] as number)) {
    dates[left - 2] = dates[left - 1] as number;
    left--;
  }
  if (left >= 2 && (dates[1] as number) <= (dates[0] as number)) {
    dates[1] = dates[0] as number;
    dates.copyWithin(0, 1, left);
    left--;
  }
  return left;
}
