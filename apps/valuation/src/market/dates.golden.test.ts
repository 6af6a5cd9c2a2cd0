// Holds dates to native QuantLib: holidays, adjustment, advancing, year fractions and schedules.

import { describe, expect, it } from 'vitest';
import { goldenFile, rows, type Table } from '../../test/golden-tables.ts';
import type {
  BusinessDayConvention,
  CalendarName,
  DateGenerationRule,
  DayCountName,
} from '../instruments/index.ts';
import { calendarOf, isBusinessDay } from './calendar.ts';
import { adjust, advance, conventionCode } from './date-arithmetic.ts';
import { dayCountCode, yearFraction } from './day-count.ts';
import { type Period, parsePeriod } from './period.ts';
import { buildSchedule, scheduleDatesMax } from './schedule.ts';
import { dateText, parseDate, weekdayOf } from './serial-date.ts';

interface Golden {
  holidays: Record<CalendarName, string[]>;
  adjustments: Table<{
    calendar: CalendarName;
    convention: BusinessDayConvention;
    date: string;
    adjusted: string;
  }>;
  advances: Table<{
    calendar: CalendarName;
    convention: BusinessDayConvention;
    endOfMonth: boolean;
    date: string;
    tenor: string;
    advanced: string;
  }>;
  dayCounts: Table<{ dayCount: DayCountName; start: string; end: string; yearFraction: number }>;
  schedules: Table<{
    startDate: string;
    maturityDate: string;
    tenor: string;
    calendar: CalendarName;
    convention: BusinessDayConvention;
    terminationConvention: BusinessDayConvention;
    rule: DateGenerationRule;
    endOfMonth: boolean;
    firstDate: string | null;
    nextToLastDate: string | null;
    dates: string[];
  }>;
}

const golden = goldenFile<Golden>('calendars.json');

function period(text: string): Period {
  const parsed = parsePeriod(text);
  if (parsed === undefined) throw new Error(`not a period: ${text}`);
  return parsed;
}

describe('dates against QuantLib', () => {
  it('has the same weekday holidays from 2000 to 2060', () => {
    for (const [name, holidays] of Object.entries(golden.holidays)) {
      const calendar = calendarOf(name as CalendarName);
      const ours: string[] = [];
      for (let day = parseDate('2000-01-01'); day <= parseDate('2060-12-31'); day++) {
        if (weekdayOf(day) > 1 && !isBusinessDay(calendar, day)) ours.push(dateText(day));
      }
      expect(ours, name).toEqual(holidays);
    }
  });

  it('adjusts days by every convention alike', () => {
    for (const row of rows(golden.adjustments)) {
      const to = adjust(
        calendarOf(row.calendar),
        parseDate(row.date),
        conventionCode(row.convention),
      );
      expect(dateText(to), JSON.stringify(row)).toBe(row.adjusted);
    }
  });

  it('advances by days, weeks, months and years alike', () => {
    for (const row of rows(golden.advances)) {
      const rule = { convention: conventionCode(row.convention), endOfMonth: row.endOfMonth };
      const to = advance(calendarOf(row.calendar), parseDate(row.date), period(row.tenor), rule);
      expect(dateText(to), JSON.stringify(row)).toBe(row.advanced);
    }
  });

  it('counts year fractions alike', () => {
    for (const row of rows(golden.dayCounts)) {
      const years = yearFraction(
        dayCountCode(row.dayCount),
        parseDate(row.start),
        parseDate(row.end),
      );
      expect(Math.abs(years - row.yearFraction), JSON.stringify(row)).toBeLessThan(1e-14);
    }
  });

  it('makes the same schedules, regular and with stubs', () => {
    const dates = new Int32Array(scheduleDatesMax);
    for (const row of rows(golden.schedules)) {
      const count = buildSchedule(
        {
          start: parseDate(row.startDate),
          maturity: parseDate(row.maturityDate),
          ...period(row.tenor),
          calendar: calendarOf(row.calendar),
          convention: conventionCode(row.convention),
          terminationConvention: conventionCode(row.terminationConvention),
          backward: row.rule === 'Backward',
          endOfMonth: row.endOfMonth,
          firstDate: row.firstDate === null ? 0 : parseDate(row.firstDate),
          nextToLastDate: row.nextToLastDate === null ? 0 : parseDate(row.nextToLastDate),
        },
        dates,
      );
      expect(Array.from(dates.subarray(0, count), dateText), JSON.stringify(row)).toEqual(
        row.dates,
      );
    }
  });
});
