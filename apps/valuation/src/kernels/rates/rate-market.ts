// The market as rate kernels see it: curves and indexes in arrays, so that a batch names them by position, and the one
// question every kernel asks, whether a curve reaches a day.

import { type DiscountCurve, discountOn, type RateIndex } from '../../market/index.ts';
import { statusCodes } from '../status.ts';

export interface RateMarket {
  /** Serial date on which trades are valued. */
  readonly evaluationDate: number;
  readonly curves: readonly DiscountCurve[];
  readonly indexes: readonly RateIndex[];
}

/** What every rate kernel says of each trade. */
export interface RateResults {
  readonly npv: Float64Array;
  /** A byte of `statusCodes`. */
  readonly status: Uint8Array;
  /** Serial date that a status is about: the missing fixing, the day a curve does not reach; else 0. */
  readonly detail: Int32Array;
}

/** Writes why there is no discount factor on the first of these days that a curve does not reach. */
export function reportReach(
  curve: DiscountCurve,
  days: readonly number[],
  results: RateResults,
  i: number,
): boolean {
  for (const day of days) {
    if (!Number.isNaN(discountOn(curve, day))) continue;
    results.status[i] =
      day < curve.referenceDate ? statusCodes.DATE_BEFORE_CURVE : statusCodes.DATE_AFTER_CURVE;
    results.detail[i] = day;
    return true;
  }
  return false;
}

/** Marks a trade as failed. */
export function fail(results: RateResults, i: number, status: number, detail = 0): void {
  results.npv[i] = Number.NaN;
  results.status[i] = status;
  results.detail[i] = detail;
}

/** The curve or index at a position that the batch builder made, so it is there. */
export function at<T>(items: readonly T[], position: number | undefined): T {
  return items[position as number] as T;
}
