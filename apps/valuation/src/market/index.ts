// Market data and the calendar arithmetic it needs: from a snapshot as JSON to curves, indexes and underlyings.

export {
  type CurveNodeName,
  movableNodes,
  movableQuotes,
  type QuoteName,
  withNodeZeroShift,
  withParallelZeroShift,
  withQuoteShift,
} from './bumps.ts';
export { bundledSnapshot, bundledSnapshotNames, defaultSnapshot } from './bundled-snapshots.ts';
export { allCalendars, type Calendar, calendarOf, isBusinessDay } from './calendar.ts';
export {
  addPeriod,
  adjust,
  advance,
  advanceBusinessDays,
  conventionCode,
  conventions,
} from './date-arithmetic.ts';
export { dayCountCode, yearFraction } from './day-count.ts';
export { type DiscountCurve, discountOn } from './discount-curve.ts';
export {
  MarketError,
  type MarketErrorCode,
  type MarketProblem,
  marketErrorCodes,
} from './errors.ts';
export { frequencyPeriod } from './frequency.ts';
export {
  type CurveMove,
  type MovedCurve,
  movedCurves,
  nodeMoves,
  quoteMoves,
} from './moved-curves.ts';
export { type Period, type PeriodUnit, parsePeriod, periodUnits } from './period.ts';
export {
  checkSnapshot,
  type PreparedMarket,
  prepareSnapshot,
  type Underlying,
} from './prepared-market.ts';
export {
  fixingDateOf,
  forwardRate,
  maturityDateOf,
  parEndDateOf,
  type RateIndex,
  valueDateOf,
} from './rate-index.ts';
export { buildSchedule, type ScheduleTerms, scheduleDatesMax } from './schedule.ts';
export { addMonths, dateText, parseDate } from './serial-date.ts';
export { parseSnapshot, type Snapshot, snapshotSchema } from './snapshot.ts';
