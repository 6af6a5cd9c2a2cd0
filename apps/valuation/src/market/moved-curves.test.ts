import { describe, expect, it } from 'vitest';
import { withNodeZeroShift, withQuoteShift } from './bumps.ts';
import { bundledSnapshot } from './bundled-snapshots.ts';
import type { DiscountCurve } from './discount-curve.ts';
import { movedCurves, nodeMoves, quoteMoves } from './moved-curves.ts';
import { type PreparedMarket, prepareSnapshot } from './prepared-market.ts';
import { dateText, parseDate } from './serial-date.ts';
import { parseSnapshot } from './snapshot.ts';

const evaluationDate = '2025-06-18';

function bundled(name: string): PreparedMarket {
  const snapshot = bundledSnapshot(name);
  if (snapshot === undefined) throw new Error(`no snapshot ${name}`);
  return prepareSnapshot(snapshot);
}

/** As many nodes as a curve may have: 80 KB each time it is moved up and down. */
function longMarket(): PreparedMarket {
  const first = parseDate(evaluationDate);
  const nodes = Array.from({ length: 1999 }, (_, i) => {
    return { date: dateText(first + 1 + i), discount: 1 - i * 1e-5 };
  });
  const curves = { EUR: { type: 'nodes', dayCount: 'Act/365F', nodes } };
  return prepareSnapshot(
    parseSnapshot({ name: 'long', evaluationDate, discountCurve: 'EUR', curves }),
  );
}

/** Asks for all moved nodes; how many curves were made for it. */
function walkNodes(market: PreparedMarket): number {
  const { made } = movedCurves();
  for (const { moved } of nodeMoves(market)) moved();
  return movedCurves().made - made;
}

const nodesOf = (curve: DiscountCurve | undefined) => curve?.nodes;

describe('moved curves', () => {
  it.each(['default', 'reference-bootstrap'])(
    'of snapshot %s are those that each quote alone gives, to the bit',
    (name) => {
      const market = bundled(name);
      for (const { name: quote, moved } of quoteMoves(market)) {
        const alone = (shift: number) =>
          withQuoteShift(market, shift, quote).curves.get(quote.curve);
        expect(moved().up.nodes).toEqual(nodesOf(alone(1e-4)));
        expect(moved().down.nodes).toEqual(nodesOf(alone(-1e-4)));
      }
    },
  );

  it('are those that each node alone gives, to the bit', () => {
    const market = bundled('default');
    for (const { name, moved } of nodeMoves(market)) {
      const alone = (shift: number) =>
        withNodeZeroShift(market, name, shift).curves.get(name.curve);
      expect(moved().up.nodes).toEqual(nodesOf(alone(1e-4)));
      expect(moved().down.nodes).toEqual(nodesOf(alone(-1e-4)));
    }
  });

  it('are made when they are asked for, and once', () => {
    const market = bundled('default');
    const { made } = movedCurves();
    const [first] = [...quoteMoves(market)];
    expect(movedCurves().made).toBe(made);
    const pair = first?.moved();
    expect(movedCurves().made).toBe(made + 2);
    const [again] = [...quoteMoves(market)];
    expect(again?.moved()).toBe(pair);
    expect(movedCurves().made).toBe(made + 2);
  });

  it('are kept as far as their memory goes, and some of them for a market that needs more', () => {
    const market = longMarket();
    const all = 2 * 1999;
    expect(walkNodes(market)).toBeGreaterThan(all - 100);
    const { bytes } = movedCurves();
    expect(bytes).toBeLessThanOrEqual(32 * 1024 * 1024);
    expect(bytes).toBeGreaterThan(31 * 1024 * 1024);
    const keptOfIt = all - walkNodes(market);
    expect(keptOfIt).toBeGreaterThan(500);
    expect(walkNodes(market)).toBe(all - keptOfIt);
    expect(movedCurves().bytes).toBe(bytes);
  });

  it('go to make room for those of the market that is priced now', () => {
    const [before, now] = [longMarket(), longMarket()];
    walkNodes(before);
    walkNodes(now);
    const missing = walkNodes(now);
    expect(missing).toBeLessThan(2 * 1999);
    expect(walkNodes(before)).toBe(2 * 1999);
    expect(movedCurves().bytes).toBeLessThanOrEqual(32 * 1024 * 1024);
  });
});
