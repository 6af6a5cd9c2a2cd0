// Discount factors by day. A curve computes a day once and keeps it in a table, since a portfolio asks for the same days
// over and over; a kernel sees an array look-up. The table comes with the first day asked for, so that curves nobody
// prices on cost their nodes only. Log-linear interpolation is QuantLib's LogLinear over discounts, flat curves are its
// FlatForward.

import { yearFraction } from './day-count.ts';
import { emptyTable, resizeTable } from './day-tables.ts';
import { maxSerial } from './serial-date.ts';

export interface DiscountCurve {
  readonly name: string;
  readonly referenceDate: number;
  /** Last day that has a discount factor. */
  readonly lastDate: number;
  /** Code of the day count that turns days into curve times. */
  readonly dayCount: number;
  /**
   * Discount factors by days from the reference date; not a number where none was asked for yet. It grows with the days
   * asked for and may be taken away to make room; `discountOn` is the way to read it.
   */
  table: Float64Array;
  /** The discount factor at a time in years; times past the last node only where the curve extrapolates. */
  readonly discountAt: (time: number) => number;
  /** Nodes the curve was built from, the reference date first; a flat curve has that one only. */
  readonly nodes: CurveNodes;
}

export interface CurveNodes {
  readonly dates: Int32Array;
  readonly times: Float64Array;
  readonly logDiscounts: Float64Array;
}

/** Tables beyond this many days are not worth their memory: a century and a half. */
const tableDaysMax = 55_000;

/** The discount factor of a day; not a number when the curve does not reach it. */
export function discountOn(curve: DiscountCurve, serial: number): number {
  const day = serial - curve.referenceDate;
  if (day >= 0 && day < curve.table.length) {
    const known = curve.table[day] as number;
    if (!Number.isNaN(known)) return known;
  }
  return fillDay(curve, day);
}

function fillDay(curve: DiscountCurve, day: number): number {
  const days = curve.lastDate - curve.referenceDate + 1;
  if (!(day >= 0 && day < days)) return Number.NaN;
  if (day >= curve.table.length) resizeTable(curve, day + 1, days);
  const time = yearFraction(curve.dayCount, curve.referenceDate, curve.referenceDate + day);
  const discount = curve.discountAt(time);
  curve.table[day] = discount;
  return discount;
}

interface CurveParts {
  readonly name: string;
  readonly dayCount: number;
  readonly lastDate: number;
  readonly nodes: CurveNodes;
}

function curveOf(
  parts: CurveParts,
  referenceDate: number,
  discountAt: (time: number) => number,
): DiscountCurve {
  const lastDate = Math.min(parts.lastDate, referenceDate + tableDaysMax, maxSerial);
  return { ...parts, referenceDate, lastDate, table: emptyTable, discountAt };
}

/** Nodes from dates and the logarithms of their discount factors. */
export function curveNodes(
  dayCount: number,
  dates: Int32Array,
  logDiscounts: Float64Array,
): CurveNodes {
  const reference = dates[0] as number;
  const times = Float64Array.from(dates, (date) => yearFraction(dayCount, reference, date));
  return { dates, times, logDiscounts };
}

export interface LogLinearOptions {
  readonly name: string;
  readonly dayCount: number;
  readonly nodes: CurveNodes;
  /** Goes on after the last node with the forward rate of the last segment; otherwise the curve ends there. */
  readonly extrapolate: boolean;
}

/** A curve linear in the logarithm of the discount between nodes. */
export function logLinearCurve(options: LogLinearOptions): DiscountCurve {
  const { name, dayCount, nodes } = options;
  const lastDate = options.extrapolate ? maxSerial : (nodes.dates.at(-1) as number);
  const { times, logDiscounts } = nodes;
  return curveOf({ name, dayCount, lastDate, nodes }, nodes.dates[0] as number, (time) =>
    Math.exp(interpolateLinear(times, logDiscounts, time, times.length)),
  );
}

/** Linear between the first `count` points, going on with the last segment beyond them. */
export function interpolateLinear(
  xs: Float64Array,
  ys: Float64Array,
  x: number,
  count: number,
): number {
  let low = 0;
  let high = count - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((xs[middle] as number) <= x) low = middle;
    else high = middle;
  }
  const x0 = xs[low] as number;
  const y0 = ys[low] as number;
  const slope = ((ys[high] as number) - y0) / ((xs[high] as number) - x0);
  return y0 + (x - x0) * slope;
}

export type Compounding = 'Continuous' | 'Simple' | 'Compounded';

export interface FlatOptions {
  readonly name: string;
  readonly dayCount: number;
  readonly referenceDate: number;
  readonly rate: number;
  readonly compounding: Compounding;
  /** Compounding periods a year, for `Compounded`. */
  readonly periodsPerYear: number;
}

/** One rate for all times. */
export function flatCurve(options: FlatOptions): DiscountCurve {
  const { name, dayCount, referenceDate } = options;
  const dates = Int32Array.of(referenceDate);
  const nodes = curveNodes(dayCount, dates, new Float64Array(1));
  return curveOf(
    { name, dayCount, lastDate: maxSerial, nodes },
    referenceDate,
    flatDiscount(options),
  );
}

function flatDiscount({
  rate,
  compounding,
  periodsPerYear,
}: FlatOptions): (time: number) => number {
  if (compounding === 'Continuous') return (time) => Math.exp(-rate * time);
  if (compounding === 'Simple') return (time) => 1 / (1 + rate * time);
  return (time) => (1 + rate / periodsPerYear) ** (-periodsPerYear * time);
}

/** The curve with every continuously compounded zero rate moved by the same amount. */
export function withZeroShift(curve: DiscountCurve, shift: number): DiscountCurve {
  const { discountAt } = curve;
  return {
    ...curve,
    table: emptyTable,
    discountAt: (time) => discountAt(time) * Math.exp(-shift * time),
  };
}

/** The curve with the zero rate of one node moved; a flat curve moves as a whole. */
export function withNodeShift(curve: DiscountCurve, node: number, shift: number): DiscountCurve {
  const { dates, times, logDiscounts } = curve.nodes;
  if (dates.length === 1) return withZeroShift(curve, shift);
  const moved = logDiscounts.slice();
  moved[node] = (moved[node] as number) - shift * (times[node] as number);
  const nodes = { dates, times, logDiscounts: moved };
  return {
    ...curve,
    nodes,
    table: emptyTable,
    discountAt: (time) => Math.exp(interpolateLinear(times, moved, time, times.length)),
  };
}
