// The part of a year between two days, by the rule a contract names. As QuantLib: Actual360, Actual365Fixed,
// ActualActual(ISDA), Thirty360(European) and Thirty360(BondBasis).

import { type DayCountName, dayCountNames } from '../instruments/index.ts';
import { dayOfMonth, monthIndexes, yearOf, yearStart } from './serial-date.ts';

/** Codes of the day counts: positions in `dayCountNames`. */
export const dayCounts = {
  actual360: 0,
  actual365Fixed: 1,
  actualActualIsda: 2,
  thirty360European: 3,
  thirty360BondBasis: 4,
} as const;

const codes = new Map<string, number>(dayCountNames.map((name, code) => [name, code]));

export function dayCountCode(name: DayCountName): number {
  return codes.get(name) ?? dayCounts.actual360;
}

/** Years from one day to another; negative when `end` is before `start`. */
export function yearFraction(dayCount: number, start: number, end: number): number {
  switch (dayCount) {
    case dayCounts.actual360:
      return (end - start) / 360;
    case dayCounts.actual365Fixed:
      return (end - start) / 365;
    case dayCounts.actualActualIsda:
      if (start === end) return 0;
      return end > start ? actualActualIsda(start, end) : -actualActualIsda(end, start);
    default:
      return thirty360Days(dayCount, start, end) / 360;
  }
}

/** Each part of the span over the length of the year it lies in. */
function actualActualIsda(start: number, end: number): number {
  const firstYear = yearOf(start);
  const lastYear = yearOf(end);
  const afterFirst = yearStart(firstYear + 1);
  const lastStart = yearStart(lastYear);
  const firstLength = afterFirst - yearStart(firstYear);
  const lastLength = (yearStart(lastYear + 1) || lastStart + 365) - lastStart;
  return (
    lastYear - firstYear - 1 + (afterFirst - start) / firstLength + (end - lastStart) / lastLength
  );
}

function thirty360Days(dayCount: number, start: number, end: number): number {
  let firstDay = dayOfMonth(start);
  let lastDay = dayOfMonth(end);
  if (firstDay === 31) firstDay = 30;
  if (lastDay === 31 && (dayCount === dayCounts.thirty360European || firstDay === 30)) lastDay = 30;
  const months = (monthIndexes[end] as number) - (monthIndexes[start] as number);
  return 30 * months + lastDay - firstDay;
}
