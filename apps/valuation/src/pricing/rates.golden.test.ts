// Holds FRAs, deposits, swaps, curves and deltas to native QuantLib on varied markets.

import { describe, expect, it } from 'vitest';
import { goldenFile, rows, type Table } from '../../test/golden-tables.ts';
import type { FrequencyName, Trade } from '../instruments/index.ts';
import {
  discountOn,
  type PreparedMarket,
  parseDate,
  parseSnapshot,
  prepareSnapshot,
} from '../market/index.ts';
import type { Metric } from './metric.ts';
import type { PricingOptions } from './options.ts';
import { priceTrades } from './price-trades.ts';

interface IndexRow {
  name: string;
  tenor: string;
  fixingDays: number;
  calendar: string;
  convention: string;
  endOfMonth: boolean;
  dayCount: string;
}

interface GoldenCurve {
  kind: string;
  referenceDate: string;
  dayCount: string;
  dates: string[];
  discounts: number[];
  rate: number;
  compounding: string;
  frequency: string | null;
  calendar: string;
  fixingDays: number;
  convention: string;
  endOfMonth: boolean;
  depositDayCount: string;
  swapFixedFrequency: string;
  swapFixedConvention: string;
  swapFixedDayCount: string;
  swapIndex: string;
  helpers: Table<{ kind: string; tenor: string; rate: number }>;
  nodeDates: string[];
  nodeDiscounts: number[];
}

interface GoldenSnapshot {
  name: string;
  evaluationDate: string;
  curve: GoldenCurve;
  fixings: Record<string, { dates: string[]; rates: number[] }>;
}

type Cell = string | number | boolean | null;
type Row = Record<string, Cell>;

interface Golden {
  indexes: Table<IndexRow>;
  snapshots: GoldenSnapshot[];
  curves: Table<{ snapshot: string; date: string; discount: number }>;
  swaps: Table<Row>;
  fras: Table<Row>;
  deposits: Table<Row>;
  nodeDeltas: Table<{ likeSwap: string; payReceive: string; couponType: string; deltas: number[] }>;
}

const golden = goldenFile<Golden>('rates.json');

const frequencies: Record<string, FrequencyName> = {
  '1M': 'Monthly',
  '3M': 'Quarterly',
  '4M': 'EveryFourthMonth',
  '6M': 'Semiannual',
  '1Y': 'Annual',
};

function frequencyOf(tenor: Cell | undefined): FrequencyName {
  const name = frequencies[String(tenor)];
  if (name === undefined) throw new Error(`no frequency for ${tenor}`);
  return name;
}

function curveOf(curve: GoldenCurve): object {
  const { referenceDate, dayCount } = curve;
  if (curve.kind === 'nodes') {
    const nodes = curve.dates.map((date, i) => ({ date, discount: curve.discounts[i] }));
    return { type: 'nodes', referenceDate, dayCount, nodes };
  }
  if (curve.kind === 'flat') {
    const { rate, compounding } = curve;
    const frequency = curve.frequency === null ? {} : { frequency: frequencyOf(curve.frequency) };
    return { type: 'flat', referenceDate, dayCount, rate, compounding, ...frequency };
  }
  const { calendar } = curve;
  const quotes = [...rows(curve.helpers)].map((helper) => quoteOf(curve, helper));
  return { type: 'bootstrapped', referenceDate, dayCount, calendar, quotes };
}

function quoteOf(
  curve: GoldenCurve,
  helper: { kind: string; tenor: string; rate: number },
): object {
  const { kind, tenor, rate } = helper;
  if (kind === 'swap') {
    return {
      type: 'swap',
      tenor,
      rate,
      index: curve.swapIndex,
      fixedFrequency: frequencyOf(curve.swapFixedFrequency),
      fixedConvention: curve.swapFixedConvention,
      fixedDayCount: curve.swapFixedDayCount,
    };
  }
  const terms = {
    rate,
    fixingDays: curve.fixingDays,
    businessDayConvention: curve.convention,
    endOfMonth: curve.endOfMonth,
    dayCount: curve.depositDayCount,
  };
  if (kind === 'deposit') return { type: 'deposit', tenor, ...terms };
  const [monthsToStart, monthsToEnd] = tenor.split('x').map(Number);
  return { type: 'fra', monthsToStart, monthsToEnd, ...terms };
}

function prepared(snapshot: GoldenSnapshot): PreparedMarket {
  const indexes = [...rows(golden.indexes)].map(({ name, convention, ...terms }) => {
    const fixed = snapshot.fixings[name];
    const fixings = Object.fromEntries(
      (fixed?.dates ?? []).map((date, i) => [date, fixed?.rates[i]]),
    );
    return [name, { ...terms, businessDayConvention: convention, fixings }];
  });
  const { name, evaluationDate, curve } = snapshot;
  return prepareSnapshot(
    parseSnapshot({
      name,
      evaluationDate,
      discountCurve: 'only',
      curves: { only: curveOf(curve) },
      indexes: Object.fromEntries(indexes),
    }),
  );
}

const markets = new Map(golden.snapshots.map((snapshot) => [snapshot.name, prepared(snapshot)]));
const market = markets.get('swap-curve-2013-12-26');
if (market === undefined) throw new Error('the goldens lack the reference swap curve');

/** Fields of a golden row under the names of our trades; what is null is left out. */
function trade(
  row: Row,
  instrument: string,
  rename: Record<string, string>,
  results: RegExp,
): Trade {
  const fields = Object.entries(row)
    .filter(([name, cell]) => cell !== null && !results.test(name))
    .map(([name, cell]) => [
      rename[name] ?? name,
      name.endsWith('Frequency') ? frequencyOf(cell) : cell,
    ]);
  return { instrument, ...Object.fromEntries(fields) } as Trade;
}

const resultNames =
  /^(npv|fixedLegNpv|floatingLegNpv|parRate|fairSpread|irDelta|irDeltaQuotes|forwardRate|fwdRate)$/;

function swapOf(row: Row): Trade {
  const rename = { fixedRule: 'fixedDateGeneration', floatingRule: 'floatingDateGeneration' };
  return trade(row, 'swap', rename, resultNames);
}

function fraOf(row: Row): Trade {
  return trade(row, 'fra', {}, resultNames);
}

function depositOf(row: Row): Trade {
  const { maturityDate: _, ...given } = row;
  return trade(given, 'deposit', { convention: 'businessDayConvention' }, resultNames);
}

interface Check {
  readonly table: Row[];
  readonly make: (row: Row) => Trade;
  readonly metric: Metric;
  readonly expected: string;
  readonly options?: PricingOptions;
  /** Column that holds the figure; the value when left out. */
  readonly column?: string;
}

/** Prices the whole table in one batch and returns the worst error in units of the tolerance. */
function worst(check: Check): { worst: number; compared: number; at: string } {
  const trades = check.table.map(check.make);
  const { metric, options = {} } = check;
  const result = priceTrades({
    market: market as PreparedMarket,
    markets,
    metric,
    trades,
    options,
  });
  const figures = check.column === undefined ? result.value : result.columns[check.column];
  let found = { worst: 0, compared: 0, at: '' };
  check.table.forEach((row, i) => {
    const expected = row[check.expected];
    if (typeof expected !== 'number') return;
    const rate = Math.abs(expected) < 1 && /Rate/.test(check.expected);
    const scale = rate ? 1 : Math.max(Number(row.notional), Math.abs(expected));
    const error = Math.abs((figures?.[i] ?? Number.NaN) - expected) / (1e-12 * scale);
    const failure = result.errors.find((one) => one.index === i)?.message;
    expect(error, `${row.id} ${failure ?? `${figures?.[i]} not ${expected}`}`).toBeLessThanOrEqual(
      1,
    );
    found = {
      worst: Math.max(found.worst, error),
      compared: found.compared + 1,
      at: String(row.id),
    };
  });
  return found;
}

const swaps = [...rows(golden.swaps)];
const fras = [...rows(golden.fras)];
const deposits = [...rows(golden.deposits)];

describe('rate trades against QuantLib', () => {
  it('has the same discount factors on every curve', () => {
    for (const { snapshot, date, discount } of rows(golden.curves)) {
      const curve = markets.get(snapshot)?.discountCurve;
      const ours = curve === undefined ? Number.NaN : discountOn(curve, parseDate(date));
      expect(Math.abs(ours - discount), `${snapshot} ${date}`).toBeLessThanOrEqual(1e-12);
    }
  });

  it.each([
    ['swap values', { table: swaps, make: swapOf, metric: 'NPV', expected: 'npv' }],
    [
      'fixed legs',
      { table: swaps, make: swapOf, metric: 'NPV', expected: 'fixedLegNpv', column: 'fixedLegNpv' },
    ],
    [
      'floating legs',
      {
        table: swaps,
        make: swapOf,
        metric: 'NPV',
        expected: 'floatingLegNpv',
        column: 'floatingLegNpv',
      },
    ],
    ['swap par rates', { table: swaps, make: swapOf, metric: 'ParRate', expected: 'parRate' }],
    ['swap deltas', { table: swaps, make: swapOf, metric: 'IRDelta', expected: 'irDelta' }],
    ['FRA values', { table: fras, make: fraOf, metric: 'NPV', expected: 'npv' }],
    ['FRA spot values', { table: fras, make: fraOf, metric: 'FwdRate', expected: 'fwdRate' }],
    [
      'FRA forward rates',
      {
        table: fras,
        make: fraOf,
        metric: 'FwdRate',
        expected: 'forwardRate',
        column: 'forwardRate',
      },
    ],
    ['FRA deltas', { table: fras, make: fraOf, metric: 'IRDelta', expected: 'irDelta' }],
    ['deposit values', { table: deposits, make: depositOf, metric: 'NPV', expected: 'npv' }],
    [
      'deposit par rates',
      { table: deposits, make: depositOf, metric: 'ParRate', expected: 'parRate' },
    ],
    [
      'deposit deltas',
      { table: deposits, make: depositOf, metric: 'IRDelta', expected: 'irDelta' },
    ],
  ] satisfies [string, Check][])('gives the same %s', (_, check) => {
    const { compared } = worst(check);
    expect(compared).toBeGreaterThan(200);
  });

  it.each([
    ['swaps', { table: swaps, make: swapOf, metric: 'IRDelta', expected: 'irDeltaQuotes' }],
    ['FRAs', { table: fras, make: fraOf, metric: 'IRDelta', expected: 'irDeltaQuotes' }],
    [
      'deposits',
      { table: deposits, make: depositOf, metric: 'IRDelta', expected: 'irDeltaQuotes' },
    ],
  ] satisfies [string, Check][])('gives %s the same deltas to bootstrapped quotes', (_, check) => {
    const { compared } = worst({ ...check, options: { irDelta: 'quotes' } });
    expect(compared).toBeGreaterThan(30);
  });

  it('gives the same delta to each node of the curve', () => {
    const like = swaps.find((row) => row.id === 'reference-swap-2013');
    for (const { payReceive, couponType, deltas } of rows(golden.nodeDeltas)) {
      const one = swapOf({ ...like, payReceive, couponType });
      const options = { irDelta: 'eachNode' } as const;
      const result = priceTrades({ market, markets, metric: 'IRDelta', trades: [one], options });
      const ours = Object.values(result.columns).map((column) => column[0] ?? Number.NaN);
      expect(ours).toHaveLength(deltas.length);
      ours.forEach((delta, node) => {
        expect(Math.abs(delta - (deltas[node] ?? Number.NaN))).toBeLessThanOrEqual(1e-5);
      });
      expect(result.value[0]).toBeCloseTo(
        deltas.reduce((sum, delta) => sum + delta, 0),
        4,
      );
    }
  });
});
