// Laws of dates that hold whatever the day: checked on random ones.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { businessDayConventions, calendarNames } from '../instruments/index.ts';
import { calendarOf, isBusinessDay } from './calendar.ts';
import { adjust, advance, advanceBusinessDays, conventions } from './date-arithmetic.ts';
import { dayCounts, yearFraction } from './day-count.ts';
import { parsePeriod, periodUnits } from './period.ts';
import { buildSchedule, scheduleDatesMax } from './schedule.ts';
import {
  addMonths,
  civilDate,
  dateText,
  maxSerial,
  minSerial,
  parseDate,
  serialOf,
} from './serial-date.ts';

const day = fc.integer({ min: parseDate('1950-01-01'), max: parseDate('2150-12-31') });
const calendar = fc.constantFrom(...calendarNames).map(calendarOf);
const convention = fc.integer({ min: 0, max: businessDayConventions.length - 1 });

describe('serial dates', () => {
  it('number days as QuantLib and spreadsheets do', () => {
    expect(parseDate('1901-01-01')).toBe(minSerial);
    expect(parseDate('1970-01-01')).toBe(25_569);
    expect(parseDate('2199-12-31')).toBe(maxSerial);
  });

  it('read back what they write', () => {
    fc.assert(
      fc.property(day, (serial) => {
        expect(parseDate(dateText(serial))).toBe(serial);
        const { year, month, day: ofMonth } = civilDate(serial);
        expect(serialOf(year, month, ofMonth)).toBe(serial);
      }),
    );
  });

  it.each([
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-01-00',
    '1900-01-01',
    '2200-01-01',
    '24-1-1',
    'today',
    '2024-1x-01',
    '',
  ])('know that %j is no day', (text) => {
    expect(parseDate(text)).toBeNaN();
  });

  it('keep the day of the month when months are added, or take the last one', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -500, max: 500 }), (serial, months) => {
        const moved = civilDate(addMonths(serial, months));
        const lastOfMonth = civilDate(addMonths(serialOf(moved.year, moved.month, 1), 1) - 1).day;
        expect(moved.day).toBe(Math.min(civilDate(serial).day, lastOfMonth));
      }),
    );
  });
});

describe('periods', () => {
  it('read years as months and refuse other text', () => {
    expect(parsePeriod('5Y')).toEqual({ length: 60, unit: periodUnits.months });
    expect(parsePeriod('-3W')).toEqual({ length: -3, unit: periodUnits.weeks });
    for (const text of ['', '5', 'Y', '5y', '1.5Y', '5 Y', '6M1']) {
      expect(parsePeriod(text)).toBeUndefined();
    }
  });
});

describe('adjustment', () => {
  it('ends on a business day, except unadjusted, and does not move one', () => {
    fc.assert(
      fc.property(calendar, day, convention, (days, serial, how) => {
        const adjusted = adjust(days, serial, how);
        if (how === conventions.unadjusted || isBusinessDay(days, serial)) {
          expect(adjusted).toBe(serial);
        } else expect(isBusinessDay(days, adjusted)).toBe(true);
      }),
    );
  });

  it('by ModifiedFollowing stays in its month', () => {
    fc.assert(
      fc.property(calendar, day, (days, serial) => {
        const adjusted = civilDate(adjust(days, serial, conventions.modifiedFollowing));
        expect(adjusted.month).toBe(civilDate(serial).month);
      }),
    );
  });

  it('forth and back by business days returns to a business day', () => {
    fc.assert(
      fc.property(calendar, day, fc.integer({ min: 1, max: 60 }), (days, serial, n) => {
        const start = adjust(days, serial, conventions.following);
        expect(advanceBusinessDays(days, advanceBusinessDays(days, start, n), -n)).toBe(start);
      }),
    );
  });

  it('takes the middle of the month into account where asked to', () => {
    const target = calendarOf('TARGET');
    const saturday = parseDate('2025-03-15');
    expect(dateText(adjust(target, saturday, conventions.halfMonthModifiedFollowing))).toBe(
      '2025-03-14',
    );
    expect(dateText(adjust(target, saturday, conventions.nearest))).toBe('2025-03-14');
    const rule = { convention: conventions.modifiedFollowing, endOfMonth: true };
    const month = { length: 1, unit: periodUnits.months };
    expect(dateText(advance(target, parseDate('2025-02-28'), month, rule))).toBe('2025-03-31');
  });
});

describe('day counts', () => {
  const additive = fc.constantFrom(
    dayCounts.actual360,
    dayCounts.actual365Fixed,
    dayCounts.actualActualIsda,
  );

  it('of actual days add up over a day in between', () => {
    fc.assert(
      fc.property(additive, fc.tuple(day, day, day), (dayCount, days) => {
        const [first, middle, last] = days.toSorted((a, b) => a - b) as [number, number, number];
        const parts = yearFraction(dayCount, first, middle) + yearFraction(dayCount, middle, last);
        expect(parts).toBeCloseTo(yearFraction(dayCount, first, last), 10);
      }),
    );
  });

  it('turn their sign when the days change places', () => {
    fc.assert(
      fc.property(additive, day, day, (dayCount, a, b) => {
        expect(yearFraction(dayCount, a, b)).toBeCloseTo(-yearFraction(dayCount, b, a), 12);
      }),
    );
  });

  it('count a whole year as one, by 30/360 from any day to the same day', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 40 }), (serial, years) => {
        const start = addMonths(serial, 0);
        if (civilDate(start).month === 2) return;
        const end = addMonths(start, 12 * years);
        expect(yearFraction(dayCounts.thirty360European, start, end)).toBe(years);
        expect(yearFraction(dayCounts.thirty360BondBasis, start, end)).toBe(years);
      }),
    );
  });
});

describe('schedules', () => {
  const terms = fc.record({
    start: fc.integer({ min: parseDate('1960-01-01'), max: parseDate('2090-12-31') }),
    days: fc.integer({ min: 1, max: 15_000 }),
    length: fc.constantFrom(0, 1, 2, 3, 4, 6, 12),
    unit: fc.constantFrom(periodUnits.weeks, periodUnits.months),
    calendar,
    convention,
    terminationConvention: convention,
    backward: fc.boolean(),
    endOfMonth: fc.boolean(),
    stub: fc.double({ min: 0, max: 1, noNaN: true }),
    stubAt: fc.constantFrom('none', 'first', 'nextToLast'),
  });

  it('rise from the adjusted start to the adjusted maturity', () => {
    const dates = new Int32Array(scheduleDatesMax);
    fc.assert(
      fc.property(terms, ({ days, stub, stubAt, ...rest }) => {
        const maturity = rest.start + days;
        const inside = rest.start + Math.round(stub * days);
        const firstDate = stubAt === 'first' ? inside : 0;
        const nextToLastDate = stubAt === 'nextToLast' ? inside : 0;
        const count = buildSchedule({ ...rest, maturity, firstDate, nextToLastDate }, dates);
        const made = [...dates.subarray(0, count)];
        expect(made).toEqual([...new Set(made)].sort((a, b) => a - b));
        for (const date of made) {
          expect(date).toBeGreaterThan(rest.start - 40);
          expect(date).toBeLessThan(maturity + 40);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('hold a coupon on each business day of two centuries', () => {
    const dates = new Int32Array(scheduleDatesMax);
    const daily = {
      start: parseDate('1950-01-02'),
      maturity: parseDate('2150-12-31'),
      length: 1,
      unit: periodUnits.days,
      calendar: calendarOf('null'),
      convention: conventions.following,
      terminationConvention: conventions.following,
      backward: true,
      endOfMonth: false,
      firstDate: 0,
      nextToLastDate: 0,
    };
    const count = buildSchedule(daily, dates);
    expect([dates[0], dates[count - 1]]).toEqual([daily.start, daily.maturity]);
    expect(count).toBeGreaterThan(52_000);
  });

  it.each([true, false])(
    'end also where a period leads beyond all days, backward: %s',
    (backward) => {
      const dates = new Int32Array(scheduleDatesMax);
      const century = {
        start: parseDate('1960-01-04'),
        maturity: parseDate('2150-01-05'),
        length: 1200,
        unit: periodUnits.months,
        calendar: calendarOf('TARGET'),
        convention: conventions.unadjusted,
        terminationConvention: conventions.unadjusted,
        backward,
        endOfMonth: false,
        firstDate: 0,
        nextToLastDate: 0,
      };
      expect(buildSchedule(century, dates)).toBe(3);
      expect(buildSchedule({ ...century, maturity: maxSerial + 1 }, dates)).toBe(0);
    },
  );

  it('have no date where the start is not before the maturity', () => {
    const one = {
      start: 45_000,
      maturity: 45_000,
      length: 6,
      unit: periodUnits.months,
      calendar: calendarOf('TARGET'),
      convention: conventions.following,
      terminationConvention: conventions.following,
      backward: true,
      endOfMonth: false,
      firstDate: 0,
      nextToLastDate: 0,
    };
    expect(buildSchedule(one, new Int32Array(scheduleDatesMax))).toBe(0);
  });
});
