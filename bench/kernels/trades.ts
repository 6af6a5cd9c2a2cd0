// The trades both sides price: drawn once from a seed, filled into the kernels' columns here and written as text for the
// native side. Dates are serial numbers, which both sides count alike.

import {
  createOptionBatch,
  type OptionBatch,
} from '../../apps/valuation/src/kernels/options/index.ts';
import {
  createSwapBatch,
  type LegColumns,
  type RateMarket,
  type SwapBatch,
} from '../../apps/valuation/src/kernels/rates/index.ts';
import {
  addMonths,
  allCalendars,
  bundledSnapshot,
  conventionCode,
  dayCountCode,
  periodUnits,
  prepareSnapshot,
} from '../../apps/valuation/src/market/index.ts';

/** Swaps by the thousands, as they come in a chunk of a job: the curve is built once for all of them. */
const swapCount = 5000;
/** Few enough that the objects of the native side stay in the processor's cache, where it is fastest. */
const europeanCount = 1000;
const americanCount = 40;
/** Steps of the American options' tree. */
export const treeSteps = 801;

export interface BenchTrades {
  readonly swaps: SwapBatch;
  readonly europeans: OptionBatch;
  readonly americans: OptionBatch;
  /** The same trades and the curve as the native side reads them. */
  readonly text: string;
}

/** A market whose curve nobody has read yet, so that a pass pays for every discount factor it uses. */
export function freshMarket(): RateMarket {
  const snapshot = bundledSnapshot('reference-swap');
  if (snapshot === undefined) throw new Error('The snapshot "reference-swap" is not bundled');
  const market = prepareSnapshot(snapshot);
  const index = market.indexes.get('Euribor6M');
  if (index === undefined) throw new Error('The snapshot "reference-swap" has no Euribor6M');
  return {
    evaluationDate: market.evaluationDate,
    curves: [market.discountCurve],
    indexes: [index],
  };
}

/** Mulberry32: a small generator, so that every run prices the same trades. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
}

export function benchTrades(): BenchTrades {
  const random = chance(20131226);
  const market = freshMarket();
  const lines: string[] = [...curveLines(market)];
  const swaps = drawSwaps(random, market.evaluationDate, lines);
  const europeans = drawOptions(random, europeanCount, market.evaluationDate, lines);
  const americans = drawOptions(random, americanCount, market.evaluationDate, lines);
  return { swaps, europeans, americans, text: `${lines.join('\n')}\n` };
}

function* curveLines(market: RateMarket): Generator<string> {
  const nodes = market.curves[0]?.nodes;
  if (nodes === undefined) throw new Error('The benchmark market has no curve');
  yield `${market.evaluationDate} ${nodes.dates.length}`;
  for (const [i, date] of nodes.dates.entries()) {
    yield `${date} ${Math.exp(nodes.logDiscounts[i] ?? Number.NaN)}`;
  }
}

function drawSwaps(random: () => number, today: number, lines: string[]): SwapBatch {
  const batch = createSwapBatch(swapCount);
  batch.count = swapCount;
  lines.push(String(swapCount));
  for (let i = 0; i < swapCount; i++) {
    const side = random() < 0.5 ? 1 : -1;
    const notional = Math.round(1 + 99 * random()) * 1e5;
    const rate = Math.round(600 * random()) / 1e4;
    const spread = random() < 0.3 ? Math.round(50 * random()) / 1e4 : 0;
    const start = today + 5 + Math.floor(random() * 700);
    const end = addMonths(start, 12 * Math.ceil(20 * random()));
    const fixedMonths = random() < 0.5 ? 12 : 6;
    const thirty = random() < 0.5;
    const indexed = random() < 0.3;
    batch.side[i] = side;
    batch.notional[i] = notional;
    batch.fixedRate[i] = rate;
    batch.spread[i] = spread;
    batch.start[i] = start;
    batch.maturity[i] = end;
    fillLeg(batch.fixed, i, fixedMonths, thirty ? '30/360 European' : 'Act/360');
    fillLeg(batch.floating, i, 6, 'Act/360');
    batch.paymentConvention[i] = conventionCode('ModifiedFollowing');
    batch.indexed[i] = indexed ? 1 : 0;
    lines.push(
      [side, notional, rate, spread, start, end, fixedMonths, thirty ? 1 : 0, indexed ? 1 : 0].join(
        ' ',
      ),
    );
  }
  return batch;
}

function fillLeg(
  leg: LegColumns,
  i: number,
  months: number,
  dayCount: '30/360 European' | 'Act/360',
): void {
  const modifiedFollowing = conventionCode('ModifiedFollowing');
  leg.length[i] = months;
  leg.unit[i] = periodUnits.months;
  leg.calendar[i] = allCalendars().findIndex((calendar) => calendar.name === 'TARGET');
  leg.convention[i] = modifiedFollowing;
  leg.terminationConvention[i] = modifiedFollowing;
  leg.dayCount[i] = dayCountCode(dayCount);
  leg.backward[i] = 0;
  leg.endOfMonth[i] = 0;
}

/**
 * QuantLib 1.29 loses the payoff at maturity in the tree of an American option where the last grid time is rounded to less
 * than the time to maturity; there is nothing to compare then, so such maturities are not drawn.
 */
function drawDays(random: () => number): number {
  for (;;) {
    const days = 60 + Math.floor(random() * 1000);
    const time = days / 365;
    if (treeSteps * (time / treeSteps) >= time) return days;
  }
}

function drawOptions(
  random: () => number,
  count: number,
  today: number,
  lines: string[],
): OptionBatch {
  const batch = createOptionBatch(count);
  lines.push(String(count));
  for (let i = 0; i < count; i++) {
    const sign = random() < 0.5 ? 1 : -1;
    const spot = Math.round(1000 + 9000 * random()) / 100;
    const strike = Math.round(spot * (0.7 + 0.6 * random()) * 100) / 100;
    const rate = Math.round(600 * random()) / 1e4;
    const dividendYield = random() < 0.4 ? 0 : Math.round(400 * random()) / 1e4;
    const volatility = Math.round(1000 + 4000 * random()) / 1e4;
    const days = drawDays(random);
    batch.type[i] = sign;
    batch.spot[i] = spot;
    batch.strike[i] = strike;
    batch.rate[i] = rate;
    batch.dividendYield[i] = dividendYield;
    batch.volatility[i] = volatility;
    batch.time[i] = days / 365;
    lines.push([sign, spot, strike, rate, dividendYield, volatility, today + days].join(' '));
  }
  return batch;
}
