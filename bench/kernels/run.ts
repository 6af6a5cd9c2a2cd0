// Kernels against native QuantLib, side by side in one run: the two take turns, each turn gives a ratio, and what counts is
// the median of the ratios. Values are compared in the same run, on the same trades.
// Run it with `node bench/kernels/run.ts`; the common runner imports `run`.

import { pathToFileURL } from 'node:url';
import {
  createOptionResults,
  type OptionResults,
  priceAmerican,
  priceEuropean,
} from '../../apps/valuation/src/kernels/options/index.ts';
import {
  createSwapPricer,
  createSwapResults,
} from '../../apps/valuation/src/kernels/rates/index.ts';
import { type BenchRow, rowOf } from '../bench-row.ts';
import { tableOf } from '../table.ts';
import { type NativePeer, startNativePeer } from './native-peer.ts';
import { type BenchTrades, benchTrades, freshMarket, treeSteps } from './trades.ts';

export interface KernelsBenchOptions {
  readonly rounds?: number;
}

const warmUpMs = 300;
const tolerance = 1e-12;

/** One comparison: our passes and the peer's command. */
interface Contest {
  readonly figure: string;
  readonly goal: number | null;
  readonly command: string;
  readonly peerPasses: number;
  readonly trades: number;
  readonly passes: number;
  readonly worstDifference: number;
  /** Anything that must not be timed; called before each turn. */
  readonly prepare: () => void;
  readonly pass: () => void;
}

/** Runs the benchmark and returns its rows; installs and builds the native side when it is missing. */
export async function run({ rounds = 11 }: KernelsBenchOptions = {}): Promise<BenchRow[]> {
  const trades = benchTrades();
  const peer = await startNativePeer(trades.text);
  try {
    const contests = [
      ...(await swapContests(trades, peer)),
      ...(await europeanContests(trades, peer)),
      ...(await americanContests(trades, peer)),
    ];
    const rows: BenchRow[] = [];
    for (const contest of contests) rows.push(await settle(contest, peer, rounds));
    return rows;
  } finally {
    peer.stop();
  }
}

async function settle(contest: Contest, peer: NativePeer, rounds: number): Promise<BenchRow> {
  const begin = performance.now();
  while (performance.now() - begin < warmUpMs) turn(contest);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < rounds; i++) {
    ours.push(turn(contest));
    theirs.push((await peer.time(contest.command, contest.peerPasses)) / 1000);
  }
  const row = rowOf({
    figure: `${contest.figure} (largest difference ${contest.worstDifference.toExponential(1)})`,
    unit: 'µs a trade',
    rounds: ours,
    peer: { name: peer.version, rounds: theirs },
    better: 'less',
    ...(contest.goal === null ? {} : { goal: { on: 'ratio', atLeast: contest.goal } }),
  });
  if (contest.worstDifference <= tolerance) return row;
  const note = `Values differ by more than ${tolerance} · max(notional, |value|).`;
  return { ...row, met: false, note };
}

/** Microseconds a trade. */
function turn(contest: Contest): number {
  contest.prepare();
  const begin = performance.now();
  for (let i = 0; i < contest.passes; i++) contest.pass();
  return ((performance.now() - begin) * 1000) / (contest.passes * contest.trades);
}

async function swapContests({ swaps }: BenchTrades, peer: NativePeer): Promise<Contest[]> {
  const results = createSwapResults(swaps.count);
  const pricer = createSwapPricer();
  const passes = 5;
  let markets = [freshMarket()];
  let next = 0;
  const pass = () => {
    const market = markets[next++];
    if (market !== undefined) pricer.price(market, swaps, results);
  };
  pass();
  const golden = await peer.values('swaps');
  let worst = 0;
  for (let i = 0; i < swaps.count; i++) {
    const notional = swaps.notional[i] ?? Number.NaN;
    worst = worse(worst, results.npv[i], golden[2 * i], notional);
    worst = worse(worst, results.parRate[i], golden[2 * i + 1], 1);
  }
  // Every pass gets a curve that has not been read, so that it pays for its own discount factors.
  const prepare = () => {
    markets = Array.from({ length: passes }, freshMarket);
    next = 0;
  };
  const common = { trades: swaps.count, passes, worstDifference: worst, prepare, pass };
  return [
    {
      figure: 'swap NPV and par rate, dates built each time on both sides',
      goal: 15,
      command: 'swaps-made',
      peerPasses: 1,
      ...common,
    },
    {
      figure: 'swap NPV and par rate, QuantLib keeps its coupons built',
      goal: null,
      command: 'swaps-kept',
      peerPasses: 1,
      ...common,
    },
  ];
}

const europeanColumns = ['value', 'delta', 'gamma', 'vega', 'theta', 'rho', 'dividendRho'] as const;
const americanColumns = ['value', 'delta', 'gamma', 'theta'] as const;

async function europeanContests({ europeans }: BenchTrades, peer: NativePeer): Promise<Contest[]> {
  const results = createOptionResults(europeans.count);
  const pass = () => priceEuropean('analytic', europeans, results);
  pass();
  const golden = await peer.values('europeans');
  const worstDifference = worstOf(results, europeanColumns, golden, europeans.strike);
  const common = { trades: europeans.count, passes: 200, worstDifference, prepare: () => {}, pass };
  return [
    {
      figure: 'Black–Scholes with six greeks, QuantLib keeps its objects',
      goal: 15,
      command: 'europeans-kept',
      peerPasses: 20,
      ...common,
    },
    {
      figure: 'Black–Scholes with six greeks, QuantLib makes its objects',
      goal: null,
      command: 'europeans-made',
      peerPasses: 10,
      ...common,
    },
  ];
}

async function americanContests({ americans }: BenchTrades, peer: NativePeer): Promise<Contest[]> {
  const results = createOptionResults(americans.count);
  const settings = { steps: treeSteps, greeks: 'own' } as const;
  const pass = () => priceAmerican('crr', americans, results, settings);
  pass();
  const golden = await peer.values('americans');
  return [
    {
      figure: 'American option, CRR tree of 801 steps with three greeks',
      goal: 5,
      command: 'americans-kept',
      peerPasses: 1,
      trades: americans.count,
      passes: 4,
      worstDifference: worstOf(results, americanColumns, golden, americans.strike),
      prepare: () => {},
      pass,
    },
  ];
}

/** Values are measured against the strike, delta and gamma against 1. */
function worstOf(
  results: OptionResults,
  columns: readonly (typeof europeanColumns)[number][],
  golden: Float64Array,
  strikes: Float64Array,
): number {
  let worst = 0;
  for (let i = 0; i < golden.length / columns.length; i++) {
    for (const [j, column] of columns.entries()) {
      const scale = column === 'delta' || column === 'gamma' ? 1 : (strikes[i] ?? Number.NaN);
      worst = worse(worst, results[column][i], golden[i * columns.length + j], scale);
    }
  }
  return worst;
}

/** A value that is not a number is infinitely far away. */
function worse(
  worst: number,
  value: number | undefined,
  golden: number | undefined,
  scale: number,
): number {
  const a = value ?? Number.NaN;
  const b = golden ?? Number.NaN;
  const difference = Math.abs(a - b) / Math.max(scale, Math.abs(b));
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const rows = await run();
  console.log(tableOf(rows));
  if (rows.some((row) => !row.met)) process.exitCode = 1;
}
