// Builds a discount curve that reprices market quotes: deposits, FRAs and swaps in order of their last relevant date,
// one node each, log-linear in between (QuantLib's PiecewiseYieldCurve<Discount, LogLinear>). Each node is solved to the
// precision of the machine rather than to a tolerance, so curves agree with QuantLib's within its own accuracy.

import { dayCountCode, yearFraction } from './day-count.ts';
import {
  type CurveNodes,
  curveNodes,
  type DiscountCurve,
  interpolateLinear,
  logLinearCurve,
} from './discount-curve.ts';
import { MarketError } from './errors.ts';
import { type BootstrapHelper, bootstrapHelper } from './internal/bootstrap-helpers.ts';
import type { IndexTerms } from './rate-index.ts';
import { dateText } from './serial-date.ts';
import { type CurveSpec, invalidSnapshot } from './snapshot.ts';

export interface BootstrapOptions {
  readonly name: string;
  readonly spec: Extract<CurveSpec, { type: 'bootstrapped' }>;
  readonly referenceDate: number;
  readonly evaluationDate: number;
  readonly terms: ReadonlyMap<string, IndexTerms>;
  readonly fixings: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** What is added to the rate of a quote, by its position in the snapshot. */
export type QuoteShift = (quote: number) => number;

export function bootstrapCurve(options: BootstrapOptions): DiscountCurve {
  return curveBootstrap(options)(() => 0);
}

/**
 * Finds the dates of the quotes, which do not depend on rates, once for all curves that are built with shifted rates. A
 * curve takes over what it has in common with the one built before: all nodes up to the first rate that differs.
 */
export function curveBootstrap(options: BootstrapOptions): (shift: QuoteShift) => DiscountCurve {
  const helpers = sortedHelpers(options);
  let before: Solved = { rates: [], logDiscounts: new Float64Array(1) };
  return (shift) => {
    const rates = helpers.map(({ rate, quote }) => rate + shift(quote));
    const differs = rates.findIndex((rate, n) => rate !== before.rates[n]);
    const same = 1 + (differs === -1 ? rates.length : differs);
    const nodes = solvedNodes(options, helpers, rates, before.logDiscounts.subarray(0, same));
    before = { rates, logDiscounts: nodes.logDiscounts };
    const { name, spec } = options;
    const dayCount = dayCountCode(spec.dayCount);
    return logLinearCurve({ name, dayCount, nodes, extrapolate: spec.extrapolate ?? false });
  };
}

interface Solved {
  readonly rates: readonly number[];
  readonly logDiscounts: Float64Array;
}

/** Solves for the nodes after those that are known, which are the first ones. */
function solvedNodes(
  { name, spec, referenceDate }: BootstrapOptions,
  helpers: readonly BootstrapHelper[],
  rates: readonly number[],
  known: Float64Array,
): CurveNodes {
  const dayCount = dayCountCode(spec.dayCount);
  const dates = Int32Array.from([referenceDate, ...helpers.map((helper) => helper.pillar)]);
  const nodes = curveNodes(dayCount, dates, new Float64Array(dates.length));
  const { times, logDiscounts } = nodes;
  logDiscounts.set(known);
  let count = 1;
  // Days before the last node solved for keep their discount, and are asked for again at each step of the search.
  const kept = new Float64Array((dates.at(-1) as number) - referenceDate).fill(Number.NaN);
  let keptDays = 0;
  const discount = (serial: number) => {
    const day = serial - referenceDate;
    const before = day >= 0 && day < keptDays ? (kept[day] as number) : Number.NaN;
    if (!Number.isNaN(before)) return before;
    const time = yearFraction(dayCount, referenceDate, serial);
    const found = Math.exp(interpolateLinear(times, logDiscounts, time, count));
    if (day >= 0 && day < keptDays) kept[day] = found;
    return found;
  };
  for (let node = known.length; node < dates.length; node++) {
    const helper = helpers[node - 1] as BootstrapHelper;
    const rate = rates[node - 1] as number;
    count = node + 1;
    keptDays = (dates[node - 1] as number) - referenceDate;
    solveNode(
      (log) => {
        logDiscounts[node] = log;
        return helper.impliedRate(discount) - rate;
      },
      firstGuess(times, logDiscounts, node),
      () => notBuilt(name, helper, rate),
    );
  }
  return nodes;
}

interface PlacedHelper extends BootstrapHelper {
  /** Position of its quote in the snapshot. */
  readonly quote: number;
}

function sortedHelpers(options: BootstrapOptions): PlacedHelper[] {
  const { name, spec, referenceDate } = options;
  const helpers = spec.quotes.map((one, quote) => {
    const field = `curves.${name}.quotes.${quote}`;
    return { ...bootstrapHelper(one, { ...options, field }), quote };
  });
  helpers.sort((a, b) => a.pillar - b.pillar);
  let previous = { pillar: referenceDate, label: 'the reference date' };
  for (const helper of helpers) {
    if (helper.pillar <= previous.pillar || helper.earliest < referenceDate) {
      const field = helper.field;
      const message =
        helper.earliest < referenceDate
          ? `The ${helper.label} starts on ${dateText(helper.earliest)}, before the curve's reference date ${dateText(referenceDate)}`
          : `The ${helper.label} ends on ${dateText(helper.pillar)}, no later than ${previous.label}: remove one of the two`;
      throw invalidSnapshot([{ field, message }]);
    }
    previous = helper;
  }
  return helpers;
}

/** The last zero rate goes on; 5 per cent for the first node. */
function firstGuess(times: Float64Array, logs: Float64Array, node: number): number {
  const time = times[node] as number;
  if (node === 1) return -0.05 * time;
  return ((logs[node - 1] as number) / (times[node - 1] as number)) * time;
}

const iterationsMax = 60;
/** Steps below this no longer change a discount factor. */
const stepMin = 1e-16;
/** A rate this close is repriced as well as arithmetic allows. */
const residualMax = 1e-12;

/** Secant search on the logarithm of the node's discount, in which a quote is nearly linear. */
function solveNode(error: (log: number) => number, guess: number, failed: () => Error): void {
  let before = guess - 1e-4;
  let errorBefore = error(before);
  let current = guess;
  let best = { log: current, error: Number.POSITIVE_INFINITY };
  for (let i = 0; i < iterationsMax; i++) {
    const now = error(current);
    if (Math.abs(now) < Math.abs(best.error)) best = { log: current, error: now };
    const step = (now * (current - before)) / (now - errorBefore);
    if (now === 0 || !Number.isFinite(step) || Math.abs(step) <= stepMin) break;
    before = current;
    errorBefore = now;
    current -= step;
  }
  if (!(Math.abs(best.error) <= residualMax)) throw failed();
  error(best.log);
}

function notBuilt(name: string, helper: BootstrapHelper, rate: number): MarketError {
  const message = `Cannot bootstrap curve "${name}": no discount factor reprices the ${helper.label} at ${rate}; check its rate and those before it`;
  return new MarketError('CURVE_NOT_BUILT', message, [{ field: helper.field, message }]);
}
