// Markets moved a little, for deltas: all zero rates, one node of a curve, or the quotes that a curve was bootstrapped
// from. What does not move is shared with the market it came from.

import { curveBootstrap, type QuoteShift } from './bootstrap.ts';
import { type DiscountCurve, withNodeShift, withZeroShift } from './discount-curve.ts';
import type { PreparedMarket } from './prepared-market.ts';

function withCurves(
  market: PreparedMarket,
  move: (curve: DiscountCurve) => DiscountCurve,
): PreparedMarket {
  const curves = new Map([...market.curves].map(([name, curve]) => [name, move(curve)]));
  const moved = (curve: DiscountCurve) => curves.get(curve.name) ?? curve;
  const indexes = new Map(
    [...market.indexes].map(([name, index]) => [name, { ...index, curve: moved(index.curve) }]),
  );
  const underlyings = new Map(
    [...market.underlyings].map(([name, one]) => [name, { ...one, curve: moved(one.curve) }]),
  );
  return { ...market, curves, indexes, underlyings, discountCurve: moved(market.discountCurve) };
}

/** Every continuously compounded zero rate of every curve moved by `shift`, in the time of its curve. */
export function withParallelZeroShift(market: PreparedMarket, shift: number): PreparedMarket {
  return withCurves(market, (curve) => withZeroShift(curve, shift));
}

/** One node of a curve whose zero rate can be moved. */
export interface CurveNodeName {
  readonly curve: string;
  readonly node: number;
  /** Serial date of the node; the reference date for a flat curve, which moves as a whole. */
  readonly date: number;
}

/** The nodes that `withNodeZeroShift` can move: all but those on the reference date. */
export function movableNodes(market: PreparedMarket): CurveNodeName[] {
  return [...market.curves.values()].flatMap((curve) => {
    const { dates } = curve.nodes;
    const from = dates.length === 1 ? 0 : 1;
    return Array.from(dates.subarray(from), (date, i) => ({
      curve: curve.name,
      node: i + from,
      date,
    }));
  });
}

export function withNodeZeroShift(
  market: PreparedMarket,
  name: CurveNodeName,
  shift: number,
): PreparedMarket {
  return withCurves(market, (curve) =>
    curve.name === name.curve ? withNodeShift(curve, name.node, shift) : curve,
  );
}

/** One quote of a bootstrapped curve. */
export interface QuoteName {
  readonly curve: string;
  readonly quote: number;
  readonly label: string;
}

/** All quotes of all bootstrapped curves. */
export function movableQuotes(market: PreparedMarket): QuoteName[] {
  return Object.entries(market.snapshot.curves).flatMap(([curve, spec]) => {
    if (spec.type !== 'bootstrapped') return [];
    return spec.quotes.map((quote, i) => {
      const label =
        quote.type === 'fra'
          ? `FRA ${quote.monthsToStart}x${quote.monthsToEnd}`
          : `${quote.type} ${quote.tenor}`;
      return { curve, quote: i, label };
    });
  });
}

/**
 * The market with the rates of quotes moved by `shift` and their curves bootstrapped anew: all quotes, or only the one
 * named. Curves given by nodes or a flat rate stay as they are.
 */
export function withQuoteShift(
  market: PreparedMarket,
  shift: number,
  only?: QuoteName,
): PreparedMarket {
  return withCurves(market, (curve) => {
    if (only !== undefined && only.curve !== curve.name) return curve;
    const build = bootstrapOf(market, curve.name);
    return build?.((quote) => (only === undefined || only.quote === quote ? shift : 0)) ?? curve;
  });
}

/** What builds a bootstrapped curve of the market with other rates; `undefined` for curves that are given. */
export function bootstrapOf(
  market: PreparedMarket,
  name: string,
): ((shift: QuoteShift) => DiscountCurve) | undefined {
  const { snapshot, evaluationDate, indexes } = market;
  const spec = snapshot.curves[name];
  const curve = market.curves.get(name);
  if (spec?.type !== 'bootstrapped' || curve === undefined) return undefined;
  const { referenceDate } = curve;
  const fixings = new Map([...indexes].map(([index, { fixings: known }]) => [index, known]));
  return curveBootstrap({ name, spec, referenceDate, evaluationDate, terms: indexes, fixings });
}
