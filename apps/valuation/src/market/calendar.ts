// Which days are business days. A calendar is a rule that is asked once a day of 1901 to 2199; what remains are two
// byte tables, the number of days to the next and to the previous business day, so that adjusting costs one look-up.

import { type CalendarName, calendarNames } from '../instruments/index.ts';
import { targetHolidays } from './internal/target-holidays.ts';
import { unitedKingdomHolidays } from './internal/united-kingdom-holidays.ts';
import { unitedStatesHolidays } from './internal/united-states-holidays.ts';
import { type HolidayRule, noHolidays, westernDays } from './internal/western-days.ts';
import { maxSerial, minSerial } from './serial-date.ts';

export interface Calendar {
  readonly name: CalendarName;
  /** Days from each serial date to the first business day on or after it. */
  readonly daysToNext: Uint8Array;
  /** Days from each serial date back to the last business day on or before it. */
  readonly daysToPrevious: Uint8Array;
}

const rules: Readonly<Record<CalendarName, HolidayRule>> = {
  TARGET: targetHolidays,
  US: unitedStatesHolidays,
  UK: unitedKingdomHolidays,
  null: noHolidays,
};

const built = new Map<CalendarName, Calendar>();
const inOrder: Calendar[] = [];

/** The calendar of a name, its tables made at the first call. */
export function calendarOf(name: CalendarName): Calendar {
  const known = built.get(name);
  if (known !== undefined) return known;
  const calendar = buildCalendar(name);
  built.set(name, calendar);
  return calendar;
}

/** The calendars in the order of their codes. */
export function allCalendars(): readonly Calendar[] {
  if (inOrder.length === 0) inOrder.push(...calendarNames.map(calendarOf));
  return inOrder;
}

function buildCalendar(name: CalendarName): Calendar {
  const isHoliday = holidayFlags(rules[name]);
  const daysToNext = new Uint8Array(maxSerial + 2);
  const daysToPrevious = new Uint8Array(maxSerial + 2);
  for (let serial = maxSerial; serial >= minSerial; serial--) {
    daysToNext[serial] = isHoliday[serial] === 1 ? (daysToNext[serial + 1] as number) + 1 : 0;
  }
  for (let serial = minSerial; serial <= maxSerial; serial++) {
    daysToPrevious[serial] =
      isHoliday[serial] === 1 ? (daysToPrevious[serial - 1] as number) + 1 : 0;
  }
  return { name, daysToNext, daysToPrevious };
}

function holidayFlags(rule: HolidayRule): Uint8Array {
  const flags = new Uint8Array(maxSerial + 1);
  for (const day of westernDays()) flags[day.serial] = rule(day) ? 1 : 0;
  return flags;
}

export function isBusinessDay(calendar: Calendar, serial: number): boolean {
  return calendar.daysToNext[serial] === 0;
}
