// Curves with one node or one quote moved a basis point, kept from batch to batch: a worker prices many batches on one
// snapshot, and to bootstrap a curve anew for each quote takes longer than most batches do. Curves are made when they are
// first asked for, and the memory for them is bounded for the whole thread.

import {
  bootstrapOf,
  type CurveNodeName,
  movableNodes,
  movableQuotes,
  type QuoteName,
} from './bumps.ts';
import { type DiscountCurve, withNodeShift } from './discount-curve.ts';
import type { PreparedMarket } from './prepared-market.ts';

const basisPoint = 1e-4;

/** A curve a basis point up and down. */
export interface MovedCurve {
  readonly up: DiscountCurve;
  readonly down: DiscountCurve;
}

/** What can be moved, and the curve when it is. */
export interface CurveMove<Name> {
  readonly name: Name;
  readonly moved: () => MovedCurve;
}

/** Each node of each curve, with its zero rate moved. */
export function* nodeMoves(market: PreparedMarket): Generator<CurveMove<CurveNodeName>> {
  const kept = keptOf(keptNodes, market);
  for (const name of movableNodes(market)) {
    const curve = market.curves.get(name.curve) as DiscountCurve;
    const move = (shift: number) => withNodeShift(curve, name.node, shift);
    yield { name, moved: () => known(kept, `${name.node} ${name.curve}`, move) };
  }
}

/**
 * Each quote of each bootstrapped curve, with its rate moved.
 *
 * @throws MarketError `CURVE_NOT_BUILT` from `moved`
 */
export function* quoteMoves(market: PreparedMarket): Generator<CurveMove<QuoteName>> {
  const kept = keptOf(keptQuotes, market);
  // One curve at a time: the dates of its quotes take more memory than the curves made with them.
  let bootstrap: { readonly curve: string; readonly build: ReturnType<typeof bootstrapOf> };
  const buildOf = (curve: string) => {
    if (bootstrap?.curve !== curve) bootstrap = { curve, build: bootstrapOf(market, curve) };
    return bootstrap.build;
  };
  for (const name of movableQuotes(market)) {
    const move = (shift: number) =>
      buildOf(name.curve)?.((quote) => (quote === name.quote ? shift : 0)) as DiscountCurve;
    yield { name, moved: () => known(kept, `${name.quote} ${name.curve}`, move) };
  }
}

/** The moved curves of one market. */
interface Kept {
  readonly curves: Map<string, MovedCurve>;
  bytes: number;
}

const keptNodes = new WeakMap<PreparedMarket, Kept>();
const keptQuotes = new WeakMap<PreparedMarket, Kept>();

/** All moved curves of a thread, without their day tables: those of a snapshot with as many quotes as are taken are 20 MiB. */
const bytesMax = 32 * 1024 * 1024;
/** The objects around the nodes of a curve. */
const bytesOfCurve = 1024;

/** Those used longest ago first. */
const inUse = new Set<Kept>();
let bytes = 0;
let made = 0;

/** Curves that were moved so far, and the bytes of those that are kept. */
export function movedCurves(): { readonly made: number; readonly bytes: number } {
  return { made, bytes };
}

function keptOf(all: WeakMap<PreparedMarket, Kept>, market: PreparedMarket): Kept {
  const kept = all.get(market) ?? { curves: new Map(), bytes: 0 };
  all.set(market, kept);
  inUse.delete(kept);
  inUse.add(kept);
  return kept;
}

function known(kept: Kept, key: string, move: (shift: number) => DiscountCurve): MovedCurve {
  const before = kept.curves.get(key);
  if (before !== undefined) return before;
  const pair = { up: move(basisPoint), down: move(-basisPoint) };
  made += 2;
  keep(kept, key, pair);
  return pair;
}

/**
 * Makes room by letting whole markets go, those used longest ago first. A market that needs more than there is keeps the
 * curves it has: it asks for all of them in turn, so that to change one for another would keep none in time.
 */
function keep(kept: Kept, key: string, pair: MovedCurve): void {
  const more = bytesOf(pair.up) + bytesOf(pair.down);
  for (const oldest of inUse) {
    if (bytes + more <= bytesMax || oldest === kept) break;
    release(oldest);
  }
  if (bytes + more > bytesMax) return;
  inUse.add(kept);
  kept.curves.set(key, pair);
  kept.bytes += more;
  bytes += more;
}

function release(kept: Kept): void {
  inUse.delete(kept);
  bytes -= kept.bytes;
  kept.curves.clear();
  kept.bytes = 0;
}

function bytesOf({ nodes }: DiscountCurve): number {
  const { dates, times, logDiscounts } = nodes;
  return bytesOfCurve + dates.byteLength + times.byteLength + logDiscounts.byteLength;
}
