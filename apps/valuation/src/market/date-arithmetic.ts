// Moves days as a calendar wants them: to a business day by a convention, by business days, weeks or months. Rules as in
// QuantLib's Calendar::adjust and Calendar::advance.

import { businessDayConventions } from '../instruments/index.ts';
import type { Calendar } from './calendar.ts';
import { type Period, periodUnits } from './period.ts';
import { addMonths, dayOfMonth, isMonthEnd, monthEnd, monthIndexes } from './serial-date.ts';

/** Codes of the business day conventions: positions in `businessDayConventions`. */
export const conventions = {
  unadjusted: 0,
  following: 1,
  modifiedFollowing: 2,
  preceding: 3,
  modifiedPreceding: 4,
  halfMonthModifiedFollowing: 5,
  nearest: 6,
} as const;

const conventionCodes = new Map<string, number>(
  businessDayConventions.map((name, code) => [name, code]),
);

export function conventionCode(name: (typeof businessDayConventions)[number]): number {
  return conventionCodes.get(name) ?? conventions.unadjusted;
}

/** The business day that a day becomes under a convention. */
export function adjust(calendar: Calendar, serial: number, convention: number): number {
  const ahead = calendar.daysToNext[serial] as number;
  if (ahead === 0 || convention === conventions.unadjusted) return serial;
  const back = calendar.daysToPrevious[serial] as number;
  const next = serial + ahead;
  const previous = serial - back;
  switch (convention) {
    case conventions.following:
      return next;
    case conventions.modifiedFollowing:
      return monthIndexes[next] === monthIndexes[serial] ? next : previous;
    case conventions.preceding:
      return previous;
    case conventions.modifiedPreceding:
      return monthIndexes[previous] === monthIndexes[serial] ? previous : next;
    case conventions.halfMonthModifiedFollowing:
      if (monthIndexes[next] !== monthIndexes[serial]) return previous;
      return dayOfMonth(serial) <= 15 && dayOfMonth(next) > 15 ? previous : next;
    default:
      return ahead <= back ? next : previous;
  }
}

/** Some business days later (or earlier, where negative). Zero days leave the day as it is. */
export function advanceBusinessDays(calendar: Calendar, serial: number, days: number): number {
  let day = serial;
  for (let n = 0; n < days; n++) {
    day++;
    day += calendar.daysToNext[day] as number;
  }
  for (let n = 0; n > days; n--) {
    day--;
    day -= calendar.daysToPrevious[day] as number;
  }
  return day;
}

/** True from the last business day of a month on. */
export function isBusinessMonthEnd(calendar: Calendar, serial: number): boolean {
  const next = serial + 1;
  return monthIndexes[next + (calendar.daysToNext[next] as number)] !== monthIndexes[serial];
}

/** The last business day of the month. */
export function businessMonthEnd(calendar: Calendar, serial: number): number {
  const end = monthEnd(serial);
  return end - (calendar.daysToPrevious[end] as number);
}

/** Some periods later, without a calendar; `endOfMonth` keeps month ends at month ends. */
export function addPeriod(
  serial: number,
  length: number,
  unit: number,
  endOfMonth: boolean,
): number {
  if (unit === periodUnits.days) return serial + length;
  if (unit === periodUnits.weeks) return serial + 7 * length;
  const day = addMonths(serial, length);
  return endOfMonth && isMonthEnd(serial) ? monthEnd(day) : day;
}

export interface AdvanceRule {
  readonly convention: number;
  readonly endOfMonth: boolean;
}

/** A period later, adjusted: days count as business days, weeks and months as QuantLib's `advance`. */
export function advance(
  calendar: Calendar,
  serial: number,
  period: Period,
  rule: AdvanceRule,
): number {
  const { length, unit } = period;
  if (length === 0) return adjust(calendar, serial, rule.convention);
  if (unit === periodUnits.days) return advanceBusinessDays(calendar, serial, length);
  if (unit === periodUnits.weeks) return adjust(calendar, serial + 7 * length, rule.convention);
  const day = addMonths(serial, length);
  if (rule.endOfMonth && isBusinessMonthEnd(calendar, serial)) {
    return businessMonthEnd(calendar, day);
  }
  return adjust(calendar, day, rule.convention);
}
