// FRAs and deposits as columns for their kernels, with the defaults of every field that was left out.

import {
  businessDayConventions,
  calendarNames,
  type DepositTrade,
  type FraTrade,
} from '../instruments/index.ts';
import {
  createDepositBatch,
  createDepositResults,
  createFraBatch,
  createFraResults,
  type DepositBatch,
  type DepositResults,
  type FraBatch,
  type FraResults,
  priceDeposits,
  priceFras,
  projectFras,
  type RateMarket,
} from '../kernels/rates/index.ts';
import { advance, dayCountCode, parsePeriod, type RateIndex } from '../market/index.ts';
import { curvesOfBatch, type MarketNames, type RateRun, type Selection } from './rate-runs.ts';

export interface FraRun extends RateRun<FraResults> {
  /** Forward rates and spot values instead of present values. */
  project(market: RateMarket): FraResults;
}

export function fraRun(names: MarketNames, selection: Selection<FraTrade>): FraRun {
  const batch = createFraBatch(selection.trades.length);
  const rows: number[] = [];
  const indexes = [...names.market.indexes.values()];
  selection.trades.forEach((trade, i) => {
    const row = selection.rows[i] as number;
    const n = batch.count;
    const curve = names.curve(row, trade.discountCurve);
    if (curve < 0) return;
    const position = names.index(row, trade.index ?? 'Euribor3M');
    if (position < 0) return;
    const start = names.date(row, 'startDate', trade.startDate);
    if (start === 0) return;
    const maturity = fraMaturity(names, row, trade, {
      start,
      index: indexes[position] as RateIndex,
    });
    if (maturity < 0) return;
    batch.start[n] = start;
    batch.maturity[n] = maturity;
    batch.curve[n] = curve;
    batch.index[n] = position;
    fillFra(batch, n, trade, trade.couponType ?? names.market.couponType);
    batch.count = n + 1;
    rows.push(row);
  });
  const results = createFraResults(selection.trades.length);
  return {
    rows,
    curves: () => curvesOfBatch(names.market, batch),
    price(market) {
      priceFras(market, batch, results);
      return results;
    },
    project(market) {
      projectFras(market, batch, results);
      return results;
    },
  };
}

function fillFra(batch: FraBatch, n: number, trade: FraTrade, couponType: string | undefined) {
  batch.side[n] = trade.position === 'short' ? -1 : 1;
  batch.notional[n] = trade.notional;
  batch.strike[n] = trade.strike;
  batch.indexed[n] = couponType === 'par' ? 0 : 1;
}

interface FraStart {
  readonly start: number;
  readonly index: RateIndex;
}

/** Serial date of the maturity, 0 for the tenor of the index, -1 after the trade was failed. */
function fraMaturity(
  names: MarketNames,
  row: number,
  trade: FraTrade,
  { start, index }: FraStart,
): number {
  if (trade.maturityDate !== undefined) {
    const maturity = names.date(row, 'maturityDate', trade.maturityDate);
    return maturity === 0 ? -1 : maturity;
  }
  if (trade.tenor === undefined) return 0;
  const period = parsePeriod(trade.tenor);
  if (period === undefined || names.spanEnd(row, start, trade.tenor) === 0) return -1;
  return advance(index.calendar, start, period, index);
}

export function depositRun(
  names: MarketNames,
  selection: Selection<DepositTrade>,
): RateRun<DepositResults> {
  const batch = createDepositBatch(selection.trades.length);
  const rows: number[] = [];
  selection.trades.forEach((trade, i) => {
    const row = selection.rows[i] as number;
    const curve = names.curve(row, trade.discountCurve);
    if (curve < 0) return;
    const start = names.date(row, 'startDate', trade.startDate);
    if (start === 0) return;
    batch.start[batch.count] = start;
    batch.curve[batch.count] = curve;
    if (!fillDepositEnd(names, row, trade, batch)) return;
    fillDeposit(batch, batch.count, trade);
    batch.count++;
    rows.push(row);
  });
  const results = createDepositResults(selection.trades.length);
  return {
    rows,
    curves: () => curvesOfBatch(names.market, batch),
    price(market) {
      priceDeposits(market, batch, results);
      return results;
    },
  };
}

function fillDepositEnd(
  names: MarketNames,
  row: number,
  trade: DepositTrade,
  batch: DepositBatch,
): boolean {
  const n = batch.count;
  if (trade.maturityDate !== undefined) {
    const maturity = names.date(row, 'maturityDate', trade.maturityDate);
    batch.maturity[n] = maturity;
    return maturity !== 0;
  }
  const period = parsePeriod(trade.tenor ?? '');
  const start = batch.start[n] as number;
  if (period === undefined || names.spanEnd(row, start, trade.tenor ?? '') === 0) return false;
  batch.maturity[n] = 0;
  batch.length[n] = period.length;
  batch.unit[n] = period.unit;
  return true;
}

function fillDeposit(batch: DepositBatch, n: number, trade: DepositTrade): void {
  batch.side[n] = trade.position === 'borrow' ? -1 : 1;
  batch.notional[n] = trade.notional;
  batch.rate[n] = trade.rate;
  batch.calendar[n] = calendarNames.indexOf(trade.calendar ?? 'TARGET');
  batch.convention[n] = businessDayConventions.indexOf(
    trade.businessDayConvention ?? 'ModifiedFollowing',
  );
  batch.endOfMonth[n] = trade.endOfMonth === true ? 1 : 0;
  batch.dayCount[n] = dayCountCode(trade.dayCount ?? 'Act/360');
}
