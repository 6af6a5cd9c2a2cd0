// TARGET, the euro payment system: its holidays as QuantLib 1.29 has them (ql/time/calendars/target.cpp), after the
// calendar that the European Central Bank set in December 2000.

import { type HolidayRule, isWeekend } from './western-days.ts';

export const targetHolidays: HolidayRule = (date) => {
  const { year, month, day, afterEasterMonday } = date;
  if (isWeekend(date)) return true;
  if (month === 1 && day === 1) return true;
  if (month === 12 && day === 25) return true;
  if (month === 12 && day === 31) return year === 1998 || year === 1999 || year === 2001;
  if (year < 2000) return false;
  if (afterEasterMonday === -3 || afterEasterMonday === 0) return true;
  return (month === 5 && day === 1) || (month === 12 && day === 26);
};
