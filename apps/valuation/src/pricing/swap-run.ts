// Swaps as columns for the kernel, with the defaults of every field that was left out.

import {
  businessDayConventions,
  calendarNames,
  dayCountNames,
  type SwapTrade,
} from '../instruments/index.ts';
import {
  createSwapBatch,
  createSwapPricer,
  createSwapResults,
  type LegColumns,
  type SwapBatch,
  type SwapResults,
} from '../kernels/rates/index.ts';
import {
  dayCountCode,
  frequencyPeriod,
  type Period,
  parseDate,
  type RateIndex,
} from '../market/index.ts';
import { curvesOfBatch, type MarketNames, type RateRun, type Selection } from './rate-runs.ts';

const calendarCodes = codesOf(calendarNames);
const conventionCodes = codesOf(businessDayConventions);
const dayCountCodes = codesOf(dayCountNames);
const defaultDayCount = dayCountCode('30/360 European');

function codesOf(names: readonly string[]): Map<string, number> {
  return new Map(names.map((name, code) => [name, code]));
}

function code(codes: ReadonlyMap<string, number>, name: string): number {
  return codes.get(name) as number;
}

/** One pricer for all runs of this thread: its room for dates is used again. */
const pricer = createSwapPricer();

export function swapRun(names: MarketNames, selection: Selection<SwapTrade>): RateRun<SwapResults> {
  const capacity = selection.trades.length;
  const batch = createSwapBatch(capacity);
  const rows: number[] = [];
  const indexes = [...names.market.indexes.values()];
  selection.trades.forEach((trade, i) => {
    const row = selection.rows[i] as number;
    const n = batch.count;
    const curve = names.curve(row, trade.discountCurve);
    if (curve < 0) return;
    const position = names.index(row, trade.index ?? 'Euribor6M');
    if (position < 0) return;
    if (!fillDates(batch, trade, names, row)) return;
    batch.curve[n] = curve;
    batch.index[n] = position;
    fillTerms(batch, n, trade, indexes[position] as RateIndex);
    const couponType = trade.couponType ?? names.market.couponType;
    batch.indexed[n] = couponType === 'indexed' ? 1 : 0;
    batch.count = n + 1;
    rows.push(row);
  });
  const results = createSwapResults(capacity);
  return {
    rows,
    curves: () => curvesOfBatch(names.market, batch),
    price(market) {
      pricer.price(market, batch, results);
      return results;
    },
  };
}

/** Writes the dates to the next place of the batch, or fails the trade and says so. */
function fillDates(batch: SwapBatch, trade: SwapTrade, names: MarketNames, row: number): boolean {
  const { maturityDate, tenor = '' } = trade;
  const n = batch.count;
  const start = names.date(row, 'startDate', trade.startDate);
  if (start === 0) return false;
  const maturity =
    maturityDate === undefined
      ? names.spanEnd(row, start, tenor)
      : names.date(row, 'maturityDate', maturityDate);
  if (maturity === 0) return false;
  const first = trade.firstDate === undefined ? 0 : parseDate(trade.firstDate);
  const nextToLast = trade.nextToLastDate === undefined ? 0 : parseDate(trade.nextToLastDate);
  const refuse = (field: string, reason: string): false => {
    names.invalid(row, field, reason);
    return false;
  };
  if (maturity <= start) return refuse('maturityDate', 'must be a day after the start');
  if (first !== 0 && !(first >= start && first <= maturity)) {
    return refuse('firstDate', 'must lie between start and maturity');
  }
  if (nextToLast !== 0 && !(nextToLast >= start && nextToLast <= maturity)) {
    return refuse('nextToLastDate', 'must lie between start and maturity');
  }
  batch.start[n] = start;
  batch.maturity[n] = maturity;
  batch.firstDate[n] = first;
  batch.nextToLastDate[n] = nextToLast;
  return true;
}

function fillTerms(batch: SwapBatch, n: number, trade: SwapTrade, index: RateIndex): void {
  const calendar = trade.calendar ?? index.calendar.name;
  const convention = trade.businessDayConvention ?? 'ModifiedFollowing';
  const rule = trade.dateGeneration ?? 'Backward';
  const endOfMonth = trade.endOfMonth ?? false;
  batch.side[n] = trade.payReceive === 'payer' ? 1 : -1;
  batch.notional[n] = trade.notional;
  batch.fixedRate[n] = trade.fixedRate;
  batch.spread[n] = trade.floatingSpread ?? 0;
  const fixedConvention = trade.fixedConvention ?? convention;
  fillLeg(batch.fixed, n, {
    period: frequencyPeriod(trade.fixedFrequency ?? 'Annual'),
    dayCount:
      trade.fixedDayCount === undefined
        ? defaultDayCount
        : code(dayCountCodes, trade.fixedDayCount),
    calendar: trade.fixedCalendar ?? calendar,
    convention: fixedConvention,
    termination: trade.fixedTerminationConvention ?? fixedConvention,
    backward: (trade.fixedDateGeneration ?? rule) === 'Backward',
    endOfMonth: trade.fixedEndOfMonth ?? endOfMonth,
  });
  const floatingConvention = trade.floatingConvention ?? convention;
  const { floatingFrequency, floatingDayCount } = trade;
  fillLeg(batch.floating, n, {
    period: floatingFrequency === undefined ? index.tenor : frequencyPeriod(floatingFrequency),
    dayCount:
      floatingDayCount === undefined ? index.dayCount : code(dayCountCodes, floatingDayCount),
    calendar: trade.floatingCalendar ?? calendar,
    convention: floatingConvention,
    termination: trade.floatingTerminationConvention ?? floatingConvention,
    backward: (trade.floatingDateGeneration ?? rule) === 'Backward',
    endOfMonth: trade.floatingEndOfMonth ?? endOfMonth,
  });
  batch.paymentConvention[n] = code(conventionCodes, trade.paymentConvention ?? floatingConvention);
}

interface LegTerms {
  readonly period: Period;
  readonly dayCount: number;
  readonly calendar: string;
  readonly convention: string;
  readonly termination: string;
  readonly backward: boolean;
  readonly endOfMonth: boolean;
}

function fillLeg(leg: LegColumns, n: number, terms: LegTerms): void {
  leg.length[n] = terms.period.length;
  leg.unit[n] = terms.period.unit;
  leg.dayCount[n] = terms.dayCount;
  leg.calendar[n] = code(calendarCodes, terms.calendar);
  leg.convention[n] = code(conventionCodes, terms.convention);
  leg.terminationConvention[n] = code(conventionCodes, terms.termination);
  leg.backward[n] = terms.backward ? 1 : 0;
  leg.endOfMonth[n] = terms.endOfMonth ? 1 : 0;
}
