// Settlement in the United Kingdom: bank holidays as QuantLib 1.29 has them (ql/time/calendars/unitedkingdom.cpp), with
// the days that moved or were added for jubilees, weddings, a funeral and a coronation.

import { type HolidayRule, isWeekend, monday, tuesday, type WesternDay } from './western-days.ts';

/** Bank holidays of one year only, as year * 10000 + month * 100 + day. */
const singleDays = new Set([
  19950508, 19991231, 20020603, 20020604, 20110429, 20120604, 20120605, 20200508, 20220602,
  20220603, 20220919, 20230508,
]);
const earlyMayMoved = new Set([1995, 2020]);
const springMoved = new Set([2002, 2012, 2022]);

export const unitedKingdomHolidays: HolidayRule = (date) => {
  const { year, month, day, afterEasterMonday } = date;
  if (isWeekend(date)) return true;
  if (afterEasterMonday === -3 || afterEasterMonday === 0) return true;
  return (
    isNewYear(date) ||
    isChristmas(date) ||
    isMovableBankHoliday(date) ||
    singleDays.has(year * 10_000 + month * 100 + day)
  );
};

function isNewYear({ month, day, weekday }: Readonly<WesternDay>): boolean {
  return month === 1 && (day === 1 || ((day === 2 || day === 3) && weekday === monday));
}

/** Christmas and Boxing Day, moved to Monday or Tuesday where they fall on a weekend. */
function isChristmas({ month, day, weekday }: Readonly<WesternDay>): boolean {
  if (month !== 12) return false;
  if (day === 25 || day === 26) return true;
  return (day === 27 || day === 28) && (weekday === monday || weekday === tuesday);
}

/** First and last Monday of May, last Monday of August. */
function isMovableBankHoliday({ year, month, day, weekday }: Readonly<WesternDay>): boolean {
  if (weekday !== monday) return false;
  if (month === 8) return day >= 25;
  if (month !== 5) return false;
  return (day <= 7 && !earlyMayMoved.has(year)) || (day >= 25 && !springMoved.has(year));
}
