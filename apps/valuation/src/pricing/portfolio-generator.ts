// Makes portfolios of any size from a seed: mixed trades of realistic terms, all of which price on the default
// snapshot. Trades come one at a time, so a million of them need no memory.

import {
  assert,
  type Random,
  randomFloat,
  randomInt,
  randomPick,
  seededRandom,
} from 'parvi/runtime';
import type { FrequencyName, InstrumentName, Trade } from '../instruments/index.ts';
import {
  addMonths,
  adjust,
  calendarOf,
  conventions,
  dateText,
  defaultSnapshot,
  parseDate,
} from '../market/index.ts';

export interface PortfolioOptions {
  /** How many trades. */
  readonly trades: number;
  /** Any 32-bit integer: the same seed gives the same trades. Default 1. */
  readonly seed?: number;
  /** Only these instruments, in the same proportions to each other. Default all. */
  readonly instruments?: readonly InstrumentName[];
}

/** The trades of a seed, one after the other. */
export function* generatePortfolio(options: PortfolioOptions): Generator<Trade> {
  const random = seededRandom(options.seed ?? 1);
  const wanted = options.instruments;
  const mix = shares.filter((share) => wanted === undefined || wanted.includes(share.instrument));
  assert(mix.length > 0, 'a portfolio is made of at least one known instrument');
  const today = parseDate(defaultSnapshot().evaluationDate);
  for (let n = 1; n <= options.trades; n++) {
    const draw: Draw = { random, today, id: `T${String(n).padStart(7, '0')}` };
    yield pickMaker(random, mix)(draw);
  }
}

interface Share {
  readonly instrument: InstrumentName;
  /** Parts of a hundred. */
  readonly weight: number;
  readonly make: (draw: Draw) => Trade;
}

const shares: readonly Share[] = [
  { instrument: 'swap', weight: 60, make: someSwap },
  { instrument: 'fra', weight: 14, make: someFra },
  { instrument: 'deposit', weight: 12, make: someDeposit },
  { instrument: 'europeanOption', weight: 10, make: someEuropean },
  { instrument: 'americanOption', weight: 4, make: someAmerican },
];

function pickMaker(random: Random, mix: readonly Share[]): Share['make'] {
  const total = mix.reduce((sum, { weight }) => sum + weight, 0);
  let left = randomInt(random, total);
  for (const { weight, make } of mix) {
    if (left < weight) return make;
    left -= weight;
  }
  return someSwap;
}

interface Draw {
  readonly random: Random;
  readonly today: number;
  readonly id: string;
}

interface RateTerms {
  readonly curve: 'EUR' | 'USD' | 'GBP';
  readonly calendar: 'TARGET' | 'US' | 'UK';
  readonly index: string;
  readonly months: number;
  readonly level: number;
}

const rateTerms: readonly RateTerms[] = [
  { curve: 'EUR', calendar: 'TARGET', index: 'Euribor6M', months: 6, level: 0.022 },
  { curve: 'EUR', calendar: 'TARGET', index: 'Euribor6M', months: 6, level: 0.024 },
  { curve: 'EUR', calendar: 'TARGET', index: 'Euribor3M', months: 3, level: 0.021 },
  { curve: 'USD', calendar: 'US', index: 'UsdTerm3M', months: 3, level: 0.041 },
  { curve: 'USD', calendar: 'US', index: 'UsdTerm6M', months: 6, level: 0.041 },
  { curve: 'GBP', calendar: 'UK', index: 'GbpTerm6M', months: 6, level: 0.043 },
];

/** Between two numbers, rounded to a multiple of `step`. */
function between(random: Random, low: number, high: number, step: number): number {
  const multiple = Math.round((low + (high - low) * randomFloat(random)) / step);
  return Number((multiple * step).toPrecision(12));
}

function rateNear({ random }: Draw, level: number): number {
  return between(random, level - 0.012, level + 0.012, 0.00005);
}

function notional({ random }: Draw): number {
  return randomPick(random, [1, 2, 5, 10]) * randomPick(random, [1e5, 1e6, 1e6, 1e7]);
}

/** Some start from years back to a year ahead, mostly near today, on a business day. */
function startDay({ random, today }: Draw, terms: RateTerms, yearsBack: number): number {
  const kind = randomFloat(random);
  const day =
    kind < 0.5
      ? today - randomInt(random, Math.round(365 * yearsBack))
      : kind < 0.8
        ? today + randomInt(random, 10)
        : today + 10 + randomInt(random, 365);
  return adjust(calendarOf(terms.calendar), day, conventions.following);
}

const fixedFrequencies: readonly FrequencyName[] = ['Annual', 'Annual', 'Semiannual', 'Quarterly'];
const swapYears = [2, 3, 4, 5, 5, 7, 10, 10, 12, 15, 20, 30];

function someSwap(draw: Draw): Trade {
  const { random, today, id } = draw;
  const terms = randomPick(random, rateTerms);
  const start = startDay(draw, terms, 6);
  const years = randomPick(random, swapYears);
  const whole = addMonths(start, 12 * years);
  const end = whole > today + 30 ? whole : addMonths(start, 12 * (years + 7));
  return {
    id,
    instrument: 'swap',
    notional: notional(draw),
    payReceive: randomPick(random, ['payer', 'receiver']),
    fixedRate: rateNear(draw, terms.level),
    startDate: dateText(start),
    maturityDate: dateText(end),
    index: terms.index,
    fixedFrequency: randomPick(random, fixedFrequencies),
    fixedDayCount: randomPick(random, ['30/360 European', '30/360 US', 'Act/365F', 'Act/360']),
    calendar: terms.calendar,
    dateGeneration: randomPick(random, ['Backward', 'Forward']),
    ...(randomInt(random, 4) === 0
      ? { floatingSpread: between(random, -0.002, 0.004, 0.0001) }
      : {}),
    ...(randomInt(random, 3) === 0 ? { couponType: 'indexed' as const } : {}),
    ...(terms.curve === 'EUR' ? {} : { discountCurve: terms.curve }),
  };
}

function someFra(draw: Draw): Trade {
  const { random, today, id } = draw;
  const terms = randomPick(random, rateTerms);
  const day = addMonths(today, 1 + randomInt(random, 18)) + randomInt(random, 20);
  const start = adjust(calendarOf(terms.calendar), day, conventions.following);
  return {
    id,
    instrument: 'fra',
    notional: notional(draw),
    position: randomPick(random, ['long', 'short']),
    strike: rateNear(draw, terms.level),
    startDate: dateText(start),
    tenor: `${terms.months}M`,
    index: terms.index,
    ...(terms.curve === 'EUR' ? {} : { discountCurve: terms.curve }),
  };
}

function someDeposit(draw: Draw): Trade {
  const { random, today, id } = draw;
  const terms = randomPick(random, rateTerms);
  const day = today + randomInt(random, 60);
  const start = adjust(calendarOf(terms.calendar), day, conventions.following);
  return {
    id,
    instrument: 'deposit',
    notional: notional(draw),
    position: randomPick(random, ['lend', 'borrow']),
    rate: rateNear(draw, terms.level),
    startDate: dateText(start),
    tenor: randomPick(random, ['1W', '1M', '2M', '3M', '6M', '9M', '12M']),
    calendar: terms.calendar,
    dayCount: terms.curve === 'GBP' ? 'Act/365F' : 'Act/360',
    ...(terms.curve === 'EUR' ? {} : { discountCurve: terms.curve }),
  };
}

function optionTerms({ random, today, id }: Draw) {
  const [underlying, spot] = randomPick(random, [
    ['ALPHA', 102.4],
    ['BRAVO', 36],
    ['CHARLIE', 5310.5],
    ['DELTA', 748.2],
  ] as const);
  return {
    id,
    optionType: randomPick(random, ['call', 'put'] as const),
    underlying,
    strike: Number((spot * between(random, 0.7, 1.3, 0.01)).toPrecision(4)),
    maturityDate: dateText(today + 20 + randomInt(random, 3 * 365)),
    quantity: randomPick(random, [-1, 1]) * 100 * (1 + randomInt(random, 50)),
  };
}

function someEuropean(draw: Draw): Trade {
  return { instrument: 'europeanOption', ...optionTerms(draw), engine: 'analytic' };
}

function someAmerican(draw: Draw): Trade {
  const terms = optionTerms(draw);
  if (randomInt(draw.random, 2) === 0)
    return { instrument: 'americanOption', ...terms, engine: 'baw' };
  return { instrument: 'americanOption', ...terms, engine: 'leisenReimer', steps: 101 };
}
