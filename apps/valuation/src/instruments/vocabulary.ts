// The words trades and snapshots are written in: QuantLib's names for calendars, conventions, day counts and
// frequencies, each list in the order of the small integers that kernels use for it.

import { z } from 'zod';

/** TARGET, United States (settlement), United Kingdom (settlement), and a calendar without holidays. */
export const calendarNames = ['TARGET', 'US', 'UK', 'null'] as const;
export type CalendarName = (typeof calendarNames)[number];

export const businessDayConventions = [
  'Unadjusted',
  'Following',
  'ModifiedFollowing',
  'Preceding',
  'ModifiedPreceding',
  'HalfMonthModifiedFollowing',
  'Nearest',
] as const;
export type BusinessDayConvention = (typeof businessDayConventions)[number];

/** `30/360 US` is the bond basis (ISMA) rule; `30/360 European` the Eurobond basis. */
export const dayCountNames = [
  'Act/360',
  'Act/365F',
  'Act/Act ISDA',
  '30/360 European',
  '30/360 US',
] as const;
export type DayCountName = (typeof dayCountNames)[number];

/** How often a leg pays; `Once` is a single coupon from start to maturity. */
export const frequencyNames = [
  'Once',
  'Annual',
  'Semiannual',
  'EveryFourthMonth',
  'Quarterly',
  'Bimonthly',
  'Monthly',
  'EveryFourthWeek',
  'Biweekly',
  'Weekly',
] as const;
export type FrequencyName = (typeof frequencyNames)[number];

/** The coupon period of each frequency, as a tenor. */
export const frequencyTenors: Readonly<Record<FrequencyName, string>> = {
  Once: '0D',
  Annual: '12M',
  Semiannual: '6M',
  EveryFourthMonth: '4M',
  Quarterly: '3M',
  Bimonthly: '2M',
  Monthly: '1M',
  EveryFourthWeek: '4W',
  Biweekly: '2W',
  Weekly: '1W',
};

/** The end from which coupon dates are counted. */
export const dateGenerationRules = ['Backward', 'Forward'] as const;
export type DateGenerationRule = (typeof dateGenerationRules)[number];

/**
 * What a floating coupon pays: `par` projects over the coupon's own accrual period, `indexed` over the period of
 * its index.
 */
export const couponTypes = ['par', 'indexed'] as const;
export type CouponType = (typeof couponTypes)[number];

/** First and last day that a trade or snapshot may name. */
export const dateRange = { first: '1950-01-01', last: '2150-12-31' } as const;

export const calendarSchema = z.enum(calendarNames);
export const conventionSchema = z.enum(businessDayConventions);
export const dayCountSchema = z.enum(dayCountNames);
export const frequencySchema = z.enum(frequencyNames);
export const dateGenerationSchema = z.enum(dateGenerationRules);
export const couponTypeSchema = z.enum(couponTypes);

const outsideRange = `must lie from ${dateRange.first} to ${dateRange.last}`;

/** A day as `YYYY-MM-DD`, one that exists and lies within `dateRange`. */
export const dateSchema = z.iso
  .date('must be a day that exists, as YYYY-MM-DD')
  .refine((day) => day >= dateRange.first && day <= dateRange.last, outsideRange);

/** A span such as `2D`, `1W`, `6M` or `5Y`, at most 100 years. */
export const tenorSchema = z
  .string()
  .regex(/^[1-9]\d{0,4}[DWMY]$/, 'must be a number and D, W, M or Y, such as 6M or 5Y')
  .refine((tenor) => tenorYears(tenor) <= 100, 'must be at most 100 years');

const yearsOfUnit: Readonly<Record<string, number>> = { D: 1 / 365, W: 7 / 365, M: 1 / 12, Y: 1 };

function tenorYears(tenor: string): number {
  return Number.parseInt(tenor, 10) * (yearsOfUnit[tenor.slice(-1)] ?? Number.POSITIVE_INFINITY);
}

/** A name of an index, curve, underlying or snapshot. */
export const nameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._/&-]{0,63}$/,
    'must be 1 to 64 letters, digits, spaces or . _ / & -',
  );

/** An interest rate as a fraction: 0.02 is two per cent. Beyond ±1 it was surely meant in per cent. */
export const rateSchema = z
  .number()
  .min(-1, 'must be a fraction, not per cent: at least -1')
  .max(1, 'must be a fraction, not per cent: at most 1');
