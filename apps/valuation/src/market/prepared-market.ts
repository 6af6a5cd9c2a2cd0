// A snapshot made ready for pricing: curves built, fixings keyed by serial date, names resolved. Made once for many
// batches; a bumped market is another one that shares what did not move.

import type { CouponType } from '../instruments/index.ts';
import { bootstrapCurve } from './bootstrap.ts';
import { calendarOf } from './calendar.ts';
import { conventionCode, conventions } from './date-arithmetic.ts';
import { dayCountCode } from './day-count.ts';
import { curveNodes, type DiscountCurve, flatCurve, logLinearCurve } from './discount-curve.ts';
import type { MarketProblem } from './errors.ts';
import { frequencyPeriod } from './frequency.ts';
import { parsePeriod, periodUnits } from './period.ts';
import type { IndexTerms, RateIndex } from './rate-index.ts';
import { parseDate } from './serial-date.ts';
import {
  type CurveSpec,
  type IndexSpec,
  invalidSnapshot,
  type Snapshot,
  type UnderlyingSpec,
} from './snapshot.ts';

export interface Underlying {
  readonly name: string;
  readonly spot: number;
  readonly volatility: number;
  readonly dividendYield: number;
  readonly curve: DiscountCurve;
}

export interface PreparedMarket {
  readonly name: string;
  readonly snapshot: Snapshot;
  /** Serial date on which trades are valued. */
  readonly evaluationDate: number;
  /** Serial date from which option times count. */
  readonly referenceDate: number;
  readonly couponType: CouponType | undefined;
  readonly discountCurve: DiscountCurve;
  readonly curves: ReadonlyMap<string, DiscountCurve>;
  readonly indexes: ReadonlyMap<string, RateIndex>;
  readonly underlyings: ReadonlyMap<string, Underlying>;
}

const euriborTenors = ['1W', '1M', '3M', '6M', '12M'] as const;

/** Builds the curves of a checked snapshot; throws `MarketError` when its data does not hold together. */
export function prepareSnapshot(snapshot: Snapshot): PreparedMarket {
  const parts = commonParts(snapshot);
  const curves = new Map<string, DiscountCurve>();
  for (const [name, spec] of Object.entries(snapshot.curves)) {
    curves.set(name, builtCurve(name, spec, parts));
  }
  return assembleMarket({ ...parts, curves });
}

/** Quotes that are solved for in one go: some tens of milliseconds where they are long swaps. */
const quotesPerTurn = 50;

/**
 * Finds what `prepareSnapshot` would throw, and lets others have their turn while it is at many quotes.
 *
 * @throws MarketError `SNAPSHOT_INVALID`, `CURVE_NOT_BUILT`
 */
export async function checkSnapshot(snapshot: Snapshot, turn: () => Promise<void>): Promise<void> {
  const parts = commonParts(snapshot);
  let quotes = 0;
  for (const [name, spec] of Object.entries(snapshot.curves)) {
    builtCurve(name, spec, parts);
    if (spec.type === 'bootstrapped') quotes += spec.quotes.length;
    if (quotes < quotesPerTurn) continue;
    quotes = 0;
    await turn();
  }
}

type CommonParts = Pick<MarketParts, 'snapshot' | 'terms' | 'fixings'>;

function commonParts(snapshot: Snapshot): CommonParts {
  return { snapshot, terms: indexTerms(snapshot), fixings: allFixings(snapshot) };
}

function builtCurve(name: string, spec: CurveSpec, parts: CommonParts): DiscountCurve {
  const { snapshot, terms, fixings } = parts;
  const evaluationDate = parseDate(snapshot.evaluationDate);
  const referenceDate = parseDate(
    spec.referenceDate ?? snapshot.referenceDate ?? snapshot.evaluationDate,
  );
  return spec.type === 'bootstrapped'
    ? bootstrapCurve({ name, spec, referenceDate, evaluationDate, terms, fixings })
    : givenCurve(name, spec, referenceDate);
}

export interface MarketParts {
  readonly snapshot: Snapshot;
  readonly curves: ReadonlyMap<string, DiscountCurve>;
  readonly terms: ReadonlyMap<string, IndexTerms>;
  readonly fixings: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** Puts indexes and underlyings on their curves. */
export function assembleMarket(parts: MarketParts): PreparedMarket {
  const { snapshot, curves, terms, fixings } = parts;
  const curveOf = (name: string | undefined): DiscountCurve => {
    const curve = curves.get(name ?? snapshot.discountCurve);
    if (curve !== undefined) return curve;
    const field = name === undefined ? 'discountCurve' : 'curve';
    throw invalidSnapshot([
      { field, message: `Curve "${name ?? snapshot.discountCurve}" is not there` },
    ]);
  };
  const indexes = new Map<string, RateIndex>();
  for (const [name, index] of terms) {
    const curve = curveOf(snapshot.indexes?.[name]?.curve);
    indexes.set(name, { ...index, curve, fixings: fixings.get(name) ?? new Map() });
  }
  const underlyings = new Map<string, Underlying>();
  for (const [name, spec] of Object.entries(snapshot.underlyings ?? {})) {
    underlyings.set(name, preparedUnderlying(name, spec, curveOf(spec.curve)));
  }
  return {
    name: snapshot.name,
    snapshot,
    evaluationDate: parseDate(snapshot.evaluationDate),
    referenceDate: parseDate(snapshot.referenceDate ?? snapshot.evaluationDate),
    couponType: snapshot.couponType,
    discountCurve: curveOf(undefined),
    curves,
    indexes,
    underlyings,
  };
}

function preparedUnderlying(name: string, spec: UnderlyingSpec, curve: DiscountCurve): Underlying {
  const { spot, volatility, dividendYield = 0 } = spec;
  return { name, spot, volatility, dividendYield, curve };
}

function givenCurve(
  name: string,
  spec: Exclude<CurveSpec, { type: 'bootstrapped' }>,
  referenceDate: number,
): DiscountCurve {
  const dayCount = dayCountCode(spec.dayCount);
  if (spec.type === 'flat') {
    const { rate, compounding = 'Continuous', frequency = 'Annual' } = spec;
    const period = frequencyPeriod(frequency);
    const periodsPerYear =
      period.unit === periodUnits.months ? 12 / period.length : 52 / period.length;
    if (compounding === 'Compounded' && !Number.isFinite(periodsPerYear)) {
      const message = `"${frequency}" cannot compound: give Annual or more often`;
      throw invalidSnapshot([{ field: `curves.${name}.frequency`, message }]);
    }
    return flatCurve({ name, dayCount, referenceDate, rate, compounding, periodsPerYear });
  }
  const dates = spec.nodes.map((node) => parseDate(node.date));
  const logs = spec.nodes.map((node) => Math.log(node.discount));
  if ((dates[0] as number) > referenceDate) {
    dates.unshift(referenceDate);
    logs.unshift(0);
  }
  checkNodes(name, referenceDate, dates, logs);
  const nodes = curveNodes(dayCount, Int32Array.from(dates), Float64Array.from(logs));
  return logLinearCurve({ name, dayCount, nodes, extrapolate: spec.extrapolate ?? false });
}

function checkNodes(name: string, referenceDate: number, dates: number[], logs: number[]): void {
  const problems: MarketProblem[] = [];
  const field = `curves.${name}.nodes`;
  if (dates[0] !== referenceDate) {
    problems.push({ field, message: 'A node lies before the reference date' });
  } else if (Math.abs(logs[0] as number) > 1e-12) {
    problems.push({ field, message: 'The discount on the reference date must be 1' });
  }
  if (dates.some((date, i) => i > 0 && date <= (dates[i - 1] as number))) {
    problems.push({ field, message: 'Nodes must be in order of date, each date once' });
  }
  if (dates.length < 2)
    problems.push({ field, message: 'A node after the reference date is missing' });
  if (problems.length > 0) throw invalidSnapshot(problems);
}

/** Conventions of every index that the snapshot or Euribor's rules define. */
export function indexTerms(snapshot: Snapshot): Map<string, IndexTerms> {
  const terms = new Map<string, IndexTerms>();
  for (const tenor of euriborTenors) terms.set(`Euribor${tenor}`, euribor(tenor));
  const problems: MarketProblem[] = [];
  for (const [name, spec] of Object.entries(snapshot.indexes ?? {})) {
    const complete = completeIndex(name, spec, terms.get(name));
    if (complete === undefined) {
      const message =
        'Index conventions are incomplete: give tenor, fixingDays, calendar, businessDayConvention, endOfMonth and dayCount';
      problems.push({ field: `indexes.${name}`, message });
    } else terms.set(name, complete);
  }
  if (problems.length > 0) throw invalidSnapshot(problems);
  return terms;
}

/** Euribor as QuantLib has it: 2 TARGET days, Act/360; month ends and ModifiedFollowing from a month on. */
function euribor(tenor: string): IndexTerms {
  const period = parsePeriod(tenor) ?? { length: 6, unit: periodUnits.months };
  const monthly = period.unit === periodUnits.months;
  return {
    name: `Euribor${tenor}`,
    tenor: period,
    fixingDays: 2,
    calendar: calendarOf('TARGET'),
    convention: monthly ? conventions.modifiedFollowing : conventions.following,
    endOfMonth: monthly,
    dayCount: dayCountCode('Act/360'),
  };
}

function completeIndex(
  name: string,
  spec: IndexSpec,
  known: IndexTerms | undefined,
): IndexTerms | undefined {
  const { businessDayConvention } = spec;
  const tenor = spec.tenor === undefined ? known?.tenor : parsePeriod(spec.tenor);
  const fixingDays = spec.fixingDays ?? known?.fixingDays;
  const calendar = spec.calendar === undefined ? known?.calendar : calendarOf(spec.calendar);
  const convention =
    businessDayConvention === undefined ? known?.convention : conventionCode(businessDayConvention);
  const endOfMonth = spec.endOfMonth ?? known?.endOfMonth;
  const dayCount = spec.dayCount === undefined ? known?.dayCount : dayCountCode(spec.dayCount);
  if (tenor === undefined || fixingDays === undefined || calendar === undefined) return undefined;
  if (convention === undefined || endOfMonth === undefined || dayCount === undefined) {
    return undefined;
  }
  return { name, tenor, fixingDays, calendar, convention, endOfMonth, dayCount };
}

/** Fixings of all indexes by serial date. */
export function allFixings(snapshot: Snapshot): Map<string, ReadonlyMap<number, number>> {
  const all = new Map<string, ReadonlyMap<number, number>>();
  for (const [name, spec] of Object.entries(snapshot.indexes ?? {})) {
    const entries = Object.entries(spec.fixings ?? {});
    all.set(name, new Map(entries.map(([day, rate]) => [parseDate(day), rate])));
  }
  return all;
}
