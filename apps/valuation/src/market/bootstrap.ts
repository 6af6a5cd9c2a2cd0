// Builds a discount curve that reprices market quotes: deposits, FRAs and swaps in order of their last relevant date,
// one node each, log-linear in between (QuantLib's PiecewiseYieldCurve<Discount, LogLinear>). Each node is solved to the
// precision of the machine rather than to a tolerance, so curves agree with QuantLib's within its own accuracy.

import { dayCountCode, yearFraction } from './day-count.ts';
import {
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
  /** Added to the rate of each quote, by its position in the snapshot. */
  readonly quoteShift?: (quote: number) => number;
}

export function bootstrapCurve(options: BootstrapOptions): DiscountCurve {
  const { name, spec, referenceDate } = options;
  const dayCount = dayCountCode(spec.dayCount);
  const helpers = sortedHelpers(options);
  const dates = Int32Array.from([referenceDate, ...helpers.map((helper) => helper.pillar)]);
  const nodes = curveNodes(dayCount, dates, new Float64Array(dates.length));
  const { times, logDiscounts } = nodes;
  let count = 1;
  const discount = (serial: number) => {
    const time = yearFraction(dayCount, referenceDate, serial);
    return Math.exp(interpolateLinear(times, logDiscounts, time, count));
  };
  for (const helper of helpers) {
    const node = count;
    count = node + 1;
    solveNode(
      (log) => {
        logDiscounts[node] = log;
        return helper.impliedRate(discount) - helper.rate;
      },
      firstGuess(times, logDiscounts, node),
      () => notBuilt(name, helper),
    );
  }
  return logLinearCurve({ name, dayCount, nodes, extrapolate: spec.extrapolate ?? false });
}

function sortedHelpers(options: BootstrapOptions): BootstrapHelper[] {
  const { name, spec, referenceDate } = options;
  const helpers = spec.quotes.map((quote, position) => {
    const field = `curves.${name}.quotes.${position}`;
    const helper = bootstrapHelper(quote, { ...options, field });
    return { ...helper, field, rate: quote.rate + (options.quoteShift?.(position) ?? 0) };
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

function notBuilt(name: string, helper: BootstrapHelper): MarketError {
  const message = `Cannot bootstrap curve "${name}": no discount factor reprices the ${helper.label} at ${helper.rate}; check its rate and those before it`;
  return new MarketError('CURVE_NOT_BUILT', message, [{ field: helper.field, message }]);
}
