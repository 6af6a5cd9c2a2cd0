// Prices the options of one market: resolves spot, volatility and rates of each, groups by engine and steps, and copies
// value and greeks of the kernels to the places of the batch.

import {
  type AmericanEngine,
  type AmericanOptionTrade,
  americanEngines,
  type EuropeanEngine,
  type EuropeanOptionTrade,
  europeanEngines,
  nearestName,
} from '../instruments/index.ts';
import {
  createOptionBatch,
  createOptionResults,
  type OptionBatch,
  type OptionResults,
  priceAmerican,
  priceEuropean,
} from '../kernels/options/index.ts';
import { statusCodes } from '../kernels/status.ts';
import {
  type DiscountCurve,
  dayCountCode,
  discountOn,
  type PreparedMarket,
  parseDate,
  yearFraction,
} from '../market/index.ts';
import { greekColumns, type Metric } from './metric.ts';
import type { PricingOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { failRow } from './status-message.ts';

export interface OptionJob {
  readonly market: PreparedMarket;
  readonly metric: Metric;
  readonly options: PricingOptions;
  readonly outcome: Outcome;
}

export type OptionTrade = EuropeanOptionTrade | AmericanOptionTrade;

/** Steps of American trees that name none: a tenth of a cent at a hundredth of the cost of 801. */
const americanStepsDefault = 101;
const stepsDefault = 801;

interface Group {
  readonly trades: OptionTrade[];
  readonly rows: number[];
  readonly steps: number;
  readonly price: (batch: OptionBatch, out: OptionResults, greeks: 'all' | 'own') => void;
}

export function priceOptions(job: OptionJob, rows: readonly number[]): void {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const trade = job.outcome.trade(row);
    if (trade.instrument !== 'europeanOption' && trade.instrument !== 'americanOption') continue;
    const group = groupOf(groups, trade, job.options);
    group.trades.push(trade);
    group.rows.push(row);
  }
  for (const group of groups.values()) priceGroup(job, group);
}

function groupOf(groups: Map<string, Group>, trade: OptionTrade, options: PricingOptions): Group {
  const american = trade.instrument === 'americanOption';
  const engine = american ? americanEngine(trade, options) : europeanEngine(trade, options);
  const tree = american && engine !== 'finiteDifferences';
  const steps = trade.steps ?? options.steps ?? (tree ? americanStepsDefault : stepsDefault);
  const key = `${trade.instrument} ${engine} ${steps}`;
  const known = groups.get(key);
  if (known !== undefined) return known;
  const made: Group = {
    trades: [],
    rows: [],
    steps,
    price(batch, out, greeks) {
      const settings = { steps, timeSteps: steps, greeks };
      if (american) priceAmerican(engine as AmericanEngine, batch, out, settings);
      else priceEuropean(engine as EuropeanEngine, batch, out, settings);
    },
  };
  groups.set(key, made);
  return made;
}

function europeanEngine(trade: EuropeanOptionTrade, options: PricingOptions): EuropeanEngine {
  const wanted = europeanEngines.find((engine) => engine === options.engine);
  return trade.engine ?? wanted ?? 'analytic';
}

function americanEngine(trade: AmericanOptionTrade, options: PricingOptions): AmericanEngine {
  const wanted = americanEngines.find((engine) => engine === options.engine);
  return trade.engine ?? wanted ?? 'leisenReimer';
}

function priceGroup(job: OptionJob, group: Group): void {
  const { outcome, metric } = job;
  const batch = createOptionBatch(group.trades.length);
  const out = createOptionResults(group.trades.length);
  const rows: number[] = [];
  batch.count = 0;
  group.trades.forEach((trade, i) => {
    const row = group.rows[i] as number;
    if (!fillOption(job, batch, row, trade)) return;
    batch.count++;
    rows.push(row);
  });
  group.price(batch, out, metric === 'OptionPV' ? 'all' : 'own');
  const greeks =
    metric === 'OptionPV'
      ? greekColumns.map((name) => [outcome.column(name), greekOf(out, name)] as const)
      : [];
  rows.forEach((row, n) => {
    const trade = outcome.trade(row) as OptionTrade;
    if (out.status[n] !== statusCodes.PRICED) {
      failRow(job, row, out.status[n] as number);
      return;
    }
    const quantity = trade.quantity ?? 1;
    outcome.value[row] = quantity * (out.value[n] as number);
    for (const [column, greek] of greeks) column[row] = quantity * greek(n);
  });
}

function greekOf(out: OptionResults, name: (typeof greekColumns)[number]): (n: number) => number {
  if (name === 'thetaPerDay') return (n) => (out.theta[n] as number) / 365;
  const column = out[name];
  return (n) => column[n] as number;
}

/** Writes the option to the next place of the batch, or fails the trade and says so. */
function fillOption(job: OptionJob, batch: OptionBatch, row: number, trade: OptionTrade): boolean {
  const { market } = job;
  const maturity = parseDate(trade.maturityDate);
  // Time to maturity counts from the reference date, which may lie behind the evaluation date.
  if (!(maturity > Math.max(market.evaluationDate, market.referenceDate))) {
    failRow(job, row, statusCodes.EXPIRED);
    return false;
  }
  const inputs = optionInputs(job, row, trade);
  if (inputs === undefined) return false;
  const dayCount = dayCountCode(trade.dayCount ?? 'Act/365F');
  const time = yearFraction(dayCount, market.referenceDate, maturity);
  const growth =
    discountOn(inputs.curve, market.referenceDate) / discountOn(inputs.curve, maturity);
  if (Number.isNaN(growth)) {
    const late = maturity > inputs.curve.lastDate;
    const status = late ? statusCodes.DATE_AFTER_CURVE : statusCodes.DATE_BEFORE_CURVE;
    failRow(job, row, status, late ? maturity : market.referenceDate);
    return false;
  }
  const n = batch.count;
  batch.type[n] = trade.optionType === 'call' ? 1 : -1;
  batch.spot[n] = inputs.spot;
  batch.strike[n] = trade.strike;
  batch.rate[n] = Math.log(growth) / time;
  batch.dividendYield[n] = inputs.dividendYield;
  batch.volatility[n] = inputs.volatility;
  batch.time[n] = time;
  return true;
}

interface OptionInputs {
  readonly spot: number;
  readonly volatility: number;
  readonly dividendYield: number;
  readonly curve: DiscountCurve;
}

/** What the trade brings, filled up by its underlying in the snapshot. */
function optionInputs(job: OptionJob, row: number, trade: OptionTrade): OptionInputs | undefined {
  const { market } = job;
  const underlying =
    trade.underlying === undefined ? undefined : market.underlyings.get(trade.underlying);
  const spot = trade.spot ?? underlying?.spot;
  const volatility = trade.volatility ?? underlying?.volatility;
  if (spot === undefined || volatility === undefined) {
    failUnderlying(job, row, trade);
    return undefined;
  }
  const curve =
    trade.discountCurve === undefined
      ? (underlying?.curve ?? market.discountCurve)
      : market.curves.get(trade.discountCurve);
  if (curve === undefined) {
    const near = nearestName(trade.discountCurve ?? '', market.curves.keys());
    missing(job, row, 'discountCurve', `curve "${trade.discountCurve}"${hint(near)}`);
    return undefined;
  }
  const dividendYield = trade.dividendYield ?? underlying?.dividendYield ?? 0;
  return { spot, volatility, dividendYield, curve };
}

function failUnderlying(job: OptionJob, row: number, trade: OptionTrade): void {
  if (trade.underlying === undefined) {
    const message = `Cannot price ${trade.instrument} "${trade.id}": name an underlying of the snapshot, or give spot and volatility`;
    job.outcome.fail(row, 'MISSING_MARKET_DATA', message, 'underlying');
    return;
  }
  const near = nearestName(trade.underlying, job.market.underlyings.keys());
  missing(job, row, 'underlying', `underlying "${trade.underlying}"${hint(near)}`);
}

function missing(job: OptionJob, row: number, field: string, what: string): void {
  const { id, instrument } = job.outcome.trade(row);
  const message = `Cannot price ${instrument} "${id}": snapshot "${job.market.name}" has no ${what}`;
  job.outcome.fail(row, 'MISSING_MARKET_DATA', message, field);
}

function hint(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean "${near}"?`;
}
