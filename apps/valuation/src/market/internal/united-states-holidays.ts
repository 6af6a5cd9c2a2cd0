// Settlement in the United States: holidays as QuantLib 1.29 has them (ql/time/calendars/unitedstates.cpp, market
// Settlement), each with the year from which it holds.

import {
  friday,
  type HolidayRule,
  isWeekend,
  monday,
  thursday,
  type WesternDay,
} from './western-days.ts';

export const unitedStatesHolidays: HolidayRule = (date) =>
  isWeekend(date) || isNewYear(date) || isFixedHoliday(date) || isMovableHoliday(date);

/** 1 January; a Saturday gives the Friday before, a Sunday the Monday after. */
function isNewYear(date: Readonly<WesternDay>): boolean {
  const { month, day, weekday } = date;
  if (month === 1) return day === 1 || (day === 2 && weekday === monday);
  return month === 12 && day === 31 && weekday === friday;
}

/** The day itself, the Friday before a Saturday or the Monday after a Sunday. */
function observed({ day, weekday }: Readonly<WesternDay>, holiday: number): boolean {
  return (
    day === holiday ||
    (day === holiday + 1 && weekday === monday) ||
    (day === holiday - 1 && weekday === friday)
  );
}

function isFixedHoliday(date: Readonly<WesternDay>): boolean {
  const { year, month } = date;
  switch (month) {
    case 2: // Washington's birthday, before it moved to a Monday
      return year < 1971 && observed(date, 22);
    case 5: // Memorial Day, before it moved to a Monday
      return year < 1971 && observed(date, 30);
    case 6: // Juneteenth
      return year >= 2022 && observed(date, 19);
    case 7: // Independence Day
      return observed(date, 4);
    case 11: // Veterans Day, but for the years it was a Monday in October
      return (year <= 1970 || year >= 1978) && observed(date, 11);
    case 12: // Christmas
      return observed(date, 25);
    default:
      return false;
  }
}

/** The n-th given weekday of a month. */
function nth(n: number, weekday: number, date: Readonly<WesternDay>): boolean {
  return date.weekday === weekday && date.day > 7 * (n - 1) && date.day <= 7 * n;
}

function isMovableHoliday(date: Readonly<WesternDay>): boolean {
  const { year, month, day, weekday } = date;
  switch (month) {
    case 1: // Martin Luther King's birthday
      return year >= 1983 && nth(3, monday, date);
    case 2: // Washington's birthday
      return year >= 1971 && nth(3, monday, date);
    case 5: // Memorial Day
      return year >= 1971 && weekday === monday && day >= 25;
    case 9: // Labor Day
      return nth(1, monday, date);
    case 10: // Columbus Day; Veterans Day from 1971 to 1977
      if (year >= 1971 && nth(2, monday, date)) return true;
      return year >= 1971 && year <= 1977 && nth(4, monday, date);
    case 11: // Thanksgiving
      return nth(4, thursday, date);
    default:
      return false;
  }
}
