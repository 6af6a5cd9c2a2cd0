// Swaps as columns: one typed array a term, one place a trade. Calendars, conventions and day counts are their codes,
// curves and indexes their positions in the market.

/** How the dates and coupons of one leg are made, a column a term. */
export interface LegColumns {
  /** Coupon period; 0 for a single coupon. */
  readonly length: Int16Array;
  readonly unit: Uint8Array;
  readonly calendar: Uint8Array;
  readonly convention: Uint8Array;
  readonly terminationConvention: Uint8Array;
  readonly dayCount: Uint8Array;
  readonly backward: Uint8Array;
  readonly endOfMonth: Uint8Array;
}

export interface SwapBatch {
  count: number;
  /** +1 pays the fixed rate, -1 receives it. */
  readonly side: Int8Array;
  readonly notional: Float64Array;
  readonly fixedRate: Float64Array;
  readonly spread: Float64Array;
  /** Serial dates, unadjusted. */
  readonly start: Int32Array;
  readonly maturity: Int32Array;
  /** Serial dates of stubs, or 0. */
  readonly firstDate: Int32Array;
  readonly nextToLastDate: Int32Array;
  readonly fixed: LegColumns;
  readonly floating: LegColumns;
  readonly paymentConvention: Uint8Array;
  /** 1 for indexed coupons, 0 for par coupons. */
  readonly indexed: Uint8Array;
  readonly index: Uint16Array;
  readonly curve: Uint16Array;
}

function legColumns(capacity: number): LegColumns {
  return {
    length: new Int16Array(capacity),
    unit: new Uint8Array(capacity),
    calendar: new Uint8Array(capacity),
    convention: new Uint8Array(capacity),
    terminationConvention: new Uint8Array(capacity),
    dayCount: new Uint8Array(capacity),
    backward: new Uint8Array(capacity),
    endOfMonth: new Uint8Array(capacity),
  };
}

/** An empty batch with room for `capacity` swaps. */
export function createSwapBatch(capacity: number): SwapBatch {
  return {
    count: 0,
    side: new Int8Array(capacity),
    notional: new Float64Array(capacity),
    fixedRate: new Float64Array(capacity),
    spread: new Float64Array(capacity),
    start: new Int32Array(capacity),
    maturity: new Int32Array(capacity),
    firstDate: new Int32Array(capacity),
    nextToLastDate: new Int32Array(capacity),
    fixed: legColumns(capacity),
    floating: legColumns(capacity),
    paymentConvention: new Uint8Array(capacity),
    indexed: new Uint8Array(capacity),
    index: new Uint16Array(capacity),
    curve: new Uint16Array(capacity),
  };
}
