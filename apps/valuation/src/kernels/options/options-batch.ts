// The shape in which options reach the kernels: one typed array a field, the same index in all of them is one option.
// Nothing here knows dates or names; time is in years, rates are continuous per year.

/** Options to price. Only the first `count` places of each array are read, so arrays can be reused for smaller batches. */
export interface OptionBatch {
  count: number;
  /** +1 call, −1 put. */
  readonly type: Int8Array;
  /** Price of the underlying, above 0. */
  readonly spot: Float64Array;
  /** Exercise price, above 0. */
  readonly strike: Float64Array;
  /** Risk-free rate, continuous, per year. */
  readonly rate: Float64Array;
  /** Dividend yield, continuous, per year. */
  readonly dividendYield: Float64Array;
  /** Volatility per square root of a year, as a fraction (0.2 is 20 %). */
  readonly volatility: Float64Array;
  /** Years to maturity, above 0. */
  readonly time: Float64Array;
}

/**
 * Results, in the places of the batch. An option that has no value has NaN in all columns and says why in `status`.
 * Greeks are derivatives by one whole unit: `vega` for volatility +1 (100 points), `rho` and `dividendRho` for a rate
 * +1 (10,000 basis points), `theta` for one year going by (divide by 365 for a day, see `thetaPerDay`).
 */
export interface OptionResults {
  readonly value: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  /** Per year. */
  readonly theta: Float64Array;
  readonly rho: Float64Array;
  readonly dividendRho: Float64Array;
  /** A byte of `statusCodes`. */
  readonly status: Uint8Array;
}

/** An empty batch with room for `capacity` options. */
export function createOptionBatch(capacity: number): OptionBatch {
  return {
    count: capacity,
    type: new Int8Array(capacity),
    spot: new Float64Array(capacity),
    strike: new Float64Array(capacity),
    rate: new Float64Array(capacity),
    dividendYield: new Float64Array(capacity),
    volatility: new Float64Array(capacity),
    time: new Float64Array(capacity),
  };
}

/** Room for the results of `capacity` options. */
export function createOptionResults(capacity: number): OptionResults {
  return {
    value: new Float64Array(capacity),
    delta: new Float64Array(capacity),
    gamma: new Float64Array(capacity),
    vega: new Float64Array(capacity),
    theta: new Float64Array(capacity),
    rho: new Float64Array(capacity),
    dividendRho: new Float64Array(capacity),
    status: new Uint8Array(capacity),
  };
}

/** Theta for one calendar day, as QuantLib's `thetaPerDay` counts it: a 365th of a year. */
export function thetaPerDay(thetaPerYear: number): number {
  return thetaPerYear / 365;
}
