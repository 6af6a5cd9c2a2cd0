// The reference trade of each metric, with the snapshot it is priced on: what a batch without a portfolio is made of, and
// figures that anybody with QuantLib can check.

import type { Trade } from '../instruments/index.ts';
import { bundledSnapshot, defaultSnapshot, type Snapshot } from '../market/index.ts';
import type { Metric } from './metric.ts';

const fra: Trade = {
  id: 'reference-fra',
  instrument: 'fra',
  snapshot: 'reference-fra',
  notional: 100,
  position: 'long',
  strike: 0.05,
  startDate: '2017-05-01',
  maturityDate: '2017-08-24',
  index: 'Euribor3M',
  couponType: 'indexed',
};

const swap: Trade = {
  id: 'reference-swap',
  instrument: 'swap',
  snapshot: 'reference-swap',
  notional: 10_000_000,
  payReceive: 'receiver',
  fixedRate: 0.02,
  startDate: '2013-12-26',
  maturityDate: '2018-12-26',
  index: 'Euribor6M',
  couponType: 'par',
  calendar: 'TARGET',
  businessDayConvention: 'ModifiedFollowing',
  dateGeneration: 'Forward',
  fixedFrequency: 'Semiannual',
  fixedDayCount: 'Act/360',
  floatingFrequency: 'Semiannual',
  floatingDayCount: 'Act/360',
};

const option: Trade = {
  id: 'reference-option',
  instrument: 'europeanOption',
  snapshot: 'reference-option',
  optionType: 'put',
  underlying: 'STOCK',
  strike: 40,
  maturityDate: '1999-05-17',
  dayCount: 'Act/365F',
  engine: 'consensus',
};

const trades: Readonly<Record<Metric, Trade>> = {
  NPV: swap,
  ParRate: swap,
  FwdRate: fra,
  IRDelta: swap,
  OptionPV: option,
};

export interface ReferenceTrade {
  readonly trade: Trade;
  readonly snapshot: Snapshot;
}

/** The reference trade of a metric and the snapshot that it names. */
export function referenceTrade(metric: Metric): ReferenceTrade {
  const trade = trades[metric];
  return { trade, snapshot: bundledSnapshot(trade.snapshot ?? '') ?? defaultSnapshot() };
}
