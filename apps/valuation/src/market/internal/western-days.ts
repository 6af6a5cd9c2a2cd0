// The days of 1901 to 2199 with what holiday rules ask of them: weekday, day of the year, distance to Easter.

import { maxSerial, minSerial, monthIndexes, monthStarts } from '../serial-date.ts';

export interface WesternDay {
  serial: number;
  year: number;
  month: number;
  day: number;
  /** 0 is Saturday, 1 Sunday, 2 Monday. */
  weekday: number;
  /** Days after Easter Monday; -3 is Good Friday. */
  afterEasterMonday: number;
}

export type HolidayRule = (day: Readonly<WesternDay>) => boolean;

export const monday = 2;
export const tuesday = 3;
export const thursday = 5;
export const friday = 6;

export function isWeekend(day: Readonly<WesternDay>): boolean {
  return day.weekday <= 1;
}

export const noHolidays: HolidayRule = () => false;

/** Serial of Easter Monday: the Gregorian computus in the form of Meeus, Jones and Butcher, a day later. */
export function easterMonday(year: number): number {
  const a = year % 19;
  const b = Math.trunc(year / 100);
  const c = year % 100;
  const d = Math.trunc(b / 4);
  const e = b % 4;
  const f = Math.trunc((b + 8) / 25);
  const g = Math.trunc((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.trunc(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.trunc((a + 11 * h + 22 * l) / 451);
  const marchDays = h + l - 7 * m + 114;
  const month = Math.trunc(marchDays / 31);
  const day = (marchDays % 31) + 1;
  const start = monthStarts[(year - 1901) * 12 + month - 1] as number;
  return start + day;
}

/** Every day in turn; the object is one and the same, so a rule must not keep it. */
export function* westernDays(): Generator<Readonly<WesternDay>> {
  const day: WesternDay = {
    serial: 0,
    year: 0,
    month: 0,
    day: 0,
    weekday: 0,
    afterEasterMonday: 0,
  };
  let easter = 0;
  for (let serial = minSerial; serial <= maxSerial; serial++) {
    const index = monthIndexes[serial] as number;
    const year = 1901 + Math.trunc(index / 12);
    if (year !== day.year) easter = easterMonday(year);
    day.serial = serial;
    day.year = year;
    day.month = (index % 12) + 1;
    day.day = serial - (monthStarts[index] as number) + 1;
    day.weekday = serial % 7;
    day.afterEasterMonday = serial - easter;
    yield day;
  }
}
