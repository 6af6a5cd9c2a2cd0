// The status codes a kernel writes, one byte a trade: 0 is priced, every other code names why there is no number.
// Kernels know no strings; the pricing layer turns a code into an error with a sentence.

/** Status of one priced trade; the byte that kernels write into their `status` column. */
export const statusCodes = {
  /** The trade has a value. */
  PRICED: 0,
  /** The instrument has no such metric. */
  METRIC_NOT_DEFINED: 1,
  /** The trade does not hold together: dates out of order, a number that cannot be. */
  INVALID_TRADE: 2,
  /** All payments or the exercise lie at or before the evaluation date. */
  EXPIRED: 3,
  /** A coupon fixed in the past and the snapshot has no fixing for that day. */
  MISSING_FIXING: 4,
  /** A curve, index, underlying or snapshot that the trade names is not there. */
  MISSING_MARKET_DATA: 5,
  /** A date lies before the reference date of the curve. */
  DATE_BEFORE_CURVE: 6,
  /** A date lies after the last date of the curve. */
  DATE_AFTER_CURVE: 7,
  /** Start and maturity fall on one day after adjustment: no coupon remains. */
  DEGENERATE_SCHEDULE: 8,
  /** No fixed coupon remains, so there is no rate that would make the swap fair. */
  PAR_RATE_UNDEFINED: 9,
  /** The arithmetic ended in an infinity or not a number. */
  NOT_FINITE: 10,
  /** The engine does not price this kind of exercise, or does not exist. */
  ENGINE_NOT_AVAILABLE: 11,
  /** An iterative engine did not reach its tolerance. */
  NO_CONVERGENCE: 12,
  /** A tree met a probability outside 0 to 1: too few steps for this volatility and rate. */
  NEGATIVE_PROBABILITY: 13,
  /** Volatility is zero or negative where the engine needs a positive one. */
  INVALID_VOLATILITY: 14,
} as const;

export type StatusName = keyof typeof statusCodes;
export type StatusCode = (typeof statusCodes)[StatusName];

const names = new Map<number, StatusName>(
  (Object.entries(statusCodes) as [StatusName, StatusCode][]).map(([name, code]) => [code, name]),
);

/** The name of a status byte; a byte without a name is a bug of a kernel and reads `NOT_FINITE`. */
export function statusName(code: number): StatusName {
  return names.get(code) ?? 'NOT_FINITE';
}
