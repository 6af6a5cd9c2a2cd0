// Days as small integers. A serial date counts days so that 1901-01-01 is 367, as QuantLib and spreadsheets do; month
// arithmetic is table look-ups, because a swap needs some forty dates and has microseconds to spend on them.

const firstYear = 1901;
const lastYear = 2199;
const monthCount = (lastYear - firstYear + 1) * 12;
const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

export const minSerial = 367;

/** Serial of the first day of each month from January 1901, and of the month after the last. */
export const monthStarts = new Int32Array(monthCount + 1);

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

let nextStart = minSerial;
for (let month = 0; month < monthCount; month++) {
  monthStarts[month] = nextStart;
  const year = firstYear + Math.trunc(month / 12);
  nextStart += monthLengths[month % 12] as number;
  if (month % 12 === 1 && isLeapYear(year)) nextStart += 1;
}
monthStarts[monthCount] = nextStart;

/** The last day of 2199. */
export const maxSerial = nextStart - 1;

/** Number of the month (January 1901 is 0) of each serial date. */
export const monthIndexes = new Uint16Array(maxSerial + 2);
for (let month = 0; month < monthCount; month++) {
  monthIndexes.fill(month, monthStarts[month], monthStarts[month + 1]);
}
monthIndexes[maxSerial + 1] = monthCount;

/** Parts of a day, for code that is not hot. */
export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

export function civilDate(serial: number): CivilDate {
  const month = monthIndexes[serial] as number;
  return {
    year: firstYear + Math.trunc(month / 12),
    month: (month % 12) + 1,
    day: dayOfMonth(serial),
  };
}

export function dayOfMonth(serial: number): number {
  return serial - (monthStarts[monthIndexes[serial] as number] as number) + 1;
}

export function yearOf(serial: number): number {
  return firstYear + Math.trunc((monthIndexes[serial] as number) / 12);
}

/** Serial of 1 January of a year. */
export function yearStart(year: number): number {
  return monthStarts[(year - firstYear) * 12] as number;
}

/** 0 is Saturday, 1 Sunday, 2 Monday and so on to 6, Friday. */
export function weekdayOf(serial: number): number {
  return serial % 7;
}

export function isMonthEnd(serial: number): boolean {
  return monthIndexes[serial + 1] !== monthIndexes[serial];
}

export function monthEnd(serial: number): number {
  return (monthStarts[(monthIndexes[serial] as number) + 1] as number) - 1;
}

/** The same day some months later or earlier; the last day of a shorter month. */
export function addMonths(serial: number, months: number): number {
  const from = monthIndexes[serial] as number;
  const to = from + months;
  const start = monthStarts[to] as number;
  const day = serial - (monthStarts[from] as number);
  const length = (monthStarts[to + 1] as number) - start;
  return start + (day < length ? day : length - 1);
}

export function serialOf(year: number, month: number, day: number): number {
  const index = (year - firstYear) * 12 + month - 1;
  const start = monthStarts[index];
  const end = monthStarts[index + 1];
  if (start === undefined || end === undefined || month < 1 || month > 12) return Number.NaN;
  const serial = start + day - 1;
  return day >= 1 && serial < end ? serial : Number.NaN;
}

/** Reads `YYYY-MM-DD`; not a number when there is no such day from 1901 to 2199. */
export function parseDate(text: string): number {
  if (text.length !== 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) {
    return Number.NaN;
  }
  const year = digit(text, 0) * 1000 + digit(text, 1) * 100 + digit(text, 2) * 10 + digit(text, 3);
  const month = digit(text, 5) * 10 + digit(text, 6);
  const day = digit(text, 8) * 10 + digit(text, 9);
  return serialOf(year, month, day);
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

export function dateText(serial: number): string {
  const { year, month, day } = civilDate(serial);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
