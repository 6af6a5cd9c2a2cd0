// The two public verbs: price a batch of European or of American options with a named engine.
// Inputs are checked per option; one bad option gets a status and NaN and the others are priced.

import { type StatusCode, statusCodes } from '../status.ts';
import { americanTree } from './internal/american-tree.ts';
import { baroneAdesiWhaley } from './internal/barone-adesi-whaley.ts';
import { blackScholes } from './internal/black-scholes.ts';
import { bumpedGreek } from './internal/bumped-greeks.ts';
import { europeanTree } from './internal/european-tree.ts';
import {
  americanFiniteDifferences,
  europeanFiniteDifferences,
} from './internal/finite-differences.ts';
import { integralEngine } from './internal/integral.ts';
import { lowDiscrepancyEngine, pseudoRandomEngine } from './internal/monte-carlo.ts';
import {
  clearPrice,
  createOptionPoint,
  createPricePoint,
  type Engine,
  type EngineSettings,
  type OptionPoint,
} from './internal/option-point.ts';
import type { OptionBatch, OptionResults } from './options-batch.ts';

/** The eight engines whose mean is the `consensus`, in the order in which they are added up. */
export const consensusEngines = [
  'analytic',
  'integral',
  'finiteDifferences',
  'jarrowRudd',
  'additiveEqp',
  'joshi4',
  'mcPseudoRandom',
  'mcLowDiscrepancy',
] as const;

export type EuropeanEngineName =
  | (typeof consensusEngines)[number]
  | 'crr'
  | 'leisenReimer'
  | 'consensus';

export type AmericanEngineName = 'baw' | 'crr' | 'leisenReimer' | 'finiteDifferences';

/** Settings of the engines; what an engine does not use is ignored. */
export interface OptionEngineOptions {
  /** Steps of a tree, at least 2. Leisen–Reimer and Joshi take the next odd number. Default 801; cost grows with ^1.5. */
  readonly steps?: number;
  /** Time steps of finite differences. Default 801. */
  readonly timeSteps?: number;
  /** Mesh points of finite differences, at least 5. Default 800. */
  readonly spaceSteps?: number;
  /** Standard error at which Monte Carlo stops, in units of the price. Default 0.02. */
  readonly tolerance?: number;
  /** Samples after which Monte Carlo gives up with `NO_CONVERGENCE`. Default 2^20. */
  readonly samplesMax?: number;
  /** Seed of the pseudo-random engine. Default 42. */
  readonly seed?: number;
  /**
   * `all` (default): every greek. European options take those an engine does not give from the closed form; American
   * options by pricing again with volatility ± 0.005 (a tenth where that
   * is less), rate and dividend yield ± 0.001, which makes them seven times as dear.
   * `own`: only the greeks the engine gives with its price (trees, finite differences and Barone-Adesi–Whaley: delta, gamma,
   * theta; integral and Monte Carlo: none), the others NaN.
   */
  readonly greeks?: 'all' | 'own';
}

export const optionEngineDefaults = {
  steps: 801,
  timeSteps: 801,
  spaceSteps: 800,
  tolerance: 0.02,
  samplesMax: 2 ** 20,
  seed: 42,
  greeks: 'all',
} as const satisfies Required<OptionEngineOptions>;

const europeanEngines: Record<Exclude<EuropeanEngineName, 'analytic' | 'consensus'>, Engine> = {
  integral: integralEngine,
  finiteDifferences: europeanFiniteDifferences,
  jarrowRudd: (option, settings, price) => europeanTree('jarrowRudd', option, settings, price),
  additiveEqp: (option, settings, price) => europeanTree('additiveEqp', option, settings, price),
  joshi4: (option, settings, price) => europeanTree('joshi4', option, settings, price),
  crr: (option, settings, price) => europeanTree('crr', option, settings, price),
  leisenReimer: (option, settings, price) => europeanTree('leisenReimer', option, settings, price),
  mcPseudoRandom: pseudoRandomEngine,
  mcLowDiscrepancy: lowDiscrepancyEngine,
};

const americanEngines: Record<AmericanEngineName, Engine> = {
  baw: baroneAdesiWhaley,
  crr: (option, settings, price) => americanTree('crr', option, settings, price),
  leisenReimer: (option, settings, price) => americanTree('leisenReimer', option, settings, price),
  finiteDifferences: americanFiniteDifferences,
};

const option = createOptionPoint();
const price = createPricePoint();

/**
 * Prices European options into `out`. `analytic` gives all greeks in closed form; `consensus` is the mean of
 * `consensusEngines` with the greeks of the closed form, and has no value where one of the eight has none.
 */
export function priceEuropean(
  engine: EuropeanEngineName,
  batch: OptionBatch,
  out: OptionResults,
  options: OptionEngineOptions = {},
): void {
  check(batch, out, engine !== 'analytic');
  if (engine === 'analytic') {
    blackScholes(batch, out, 0, batch.count);
  } else {
    const settings = { ...completeOptions(options), engine };
    for (let i = 0; i < batch.count; i++) priceOneEuropean(batch, out, i, settings);
  }
  finish(batch, out);
}

/** Prices American options, exercised at any time up to maturity, into `out`. */
export function priceAmerican(
  engine: AmericanEngineName,
  batch: OptionBatch,
  out: OptionResults,
  options: OptionEngineOptions = {},
): void {
  const settings = completeOptions(options);
  const run = americanEngines[engine];
  check(batch, out, true);
  for (let i = 0; i < batch.count; i++) {
    if (out.status[i] !== statusCodes.PRICED) continue;
    readOption(batch, i);
    clearPrice(price);
    out.status[i] = run(option, settings, price);
    storePrice(out, i);
    if (settings.greeks === 'all' && out.status[i] === statusCodes.PRICED) {
      out.vega[i] = bumpedGreek(run, option, settings, 'volatility');
      out.rho[i] = bumpedGreek(run, option, settings, 'rate');
      out.dividendRho[i] = bumpedGreek(run, option, settings, 'dividendYield');
    }
  }
  finish(batch, out);
}

const leastSettings = {
  steps: 2,
  timeSteps: 1,
  spaceSteps: 5,
  tolerance: 0,
  samplesMax: 2,
} as const;

/** Fills in defaults; throws a RangeError for settings no engine can work with. */
function completeOptions(options: OptionEngineOptions): Required<OptionEngineOptions> {
  const settings = { ...optionEngineDefaults, ...options };
  for (const name of ['steps', 'timeSteps', 'spaceSteps', 'samplesMax', 'tolerance'] as const) {
    const least = leastSettings[name];
    const whole = name === 'tolerance' || Number.isInteger(settings[name]);
    if (whole && settings[name] >= least) continue;
    throw new RangeError(
      `Cannot price options with ${name} "${settings[name]}": it must be ${name === 'tolerance' ? 'a number' : 'a whole number'} of at least ${least}`,
    );
  }
  return settings;
}

interface EuropeanSettings extends EngineSettings {
  readonly engine: Exclude<EuropeanEngineName, 'analytic'>;
  readonly greeks: 'all' | 'own';
}

function priceOneEuropean(
  batch: OptionBatch,
  out: OptionResults,
  i: number,
  settings: EuropeanSettings,
): void {
  const { engine } = settings;
  if (out.status[i] !== statusCodes.PRICED) return;
  blackScholes(batch, out, i, i + 1);
  readOption(batch, i);
  if (engine === 'consensus') {
    out.status[i] = consensus(out, i, settings);
    return;
  }
  clearPrice(price);
  out.status[i] = europeanEngines[engine](option, settings, price);
  if (settings.greeks === 'own') {
    clearGreeks(out, i);
    storePrice(out, i);
    return;
  }
  out.value[i] = price.value;
  if (Number.isNaN(price.delta)) return;
  out.delta[i] = price.delta;
  out.gamma[i] = price.gamma;
  out.theta[i] = price.theta;
}

/** The closed form is in `out` already, with its greeks. */
function consensus(out: OptionResults, i: number, settings: EngineSettings): StatusCode {
  let sum = 0;
  for (const name of consensusEngines) {
    if (name === 'analytic') {
      sum += out.value[i] as number;
      continue;
    }
    clearPrice(price);
    const status = europeanEngines[name](option, settings, price);
    if (status !== statusCodes.PRICED) return status;
    sum += price.value;
  }
  out.value[i] = sum / consensusEngines.length;
  return statusCodes.PRICED;
}

function readOption(batch: OptionBatch, i: number): void {
  const target: OptionPoint = option;
  target.sign = batch.type[i] as number;
  target.spot = batch.spot[i] as number;
  target.strike = batch.strike[i] as number;
  target.rate = batch.rate[i] as number;
  target.dividendYield = batch.dividendYield[i] as number;
  target.volatility = batch.volatility[i] as number;
  target.time = batch.time[i] as number;
}

function storePrice(out: OptionResults, i: number): void {
  out.value[i] = price.value;
  out.delta[i] = price.delta;
  out.gamma[i] = price.gamma;
  out.theta[i] = price.theta;
}

function clearGreeks(out: OptionResults, i: number): void {
  out.delta[i] = Number.NaN;
  out.gamma[i] = Number.NaN;
  out.vega[i] = Number.NaN;
  out.theta[i] = Number.NaN;
  out.rho[i] = Number.NaN;
  out.dividendRho[i] = Number.NaN;
}

/** Sets the status of every option that cannot be priced, and clears the greeks an engine may leave alone. */
function check(batch: OptionBatch, out: OptionResults, numerical: boolean): void {
  for (let i = 0; i < batch.count; i++) {
    const type = batch.type[i] as number;
    const time = batch.time[i] as number;
    const volatility = batch.volatility[i] as number;
    const rates = (batch.rate[i] as number) + (batch.dividendYield[i] as number);
    const prices = (batch.spot[i] as number) + (batch.strike[i] as number);
    let status: StatusCode = statusCodes.PRICED;
    if (
      (type !== 1 && type !== -1) ||
      !((batch.spot[i] as number) > 0 && (batch.strike[i] as number) > 0) ||
      !Number.isFinite(rates + prices + time + volatility)
    ) {
      status = statusCodes.INVALID_TRADE;
    } else if (time <= 0) status = statusCodes.EXPIRED;
    else if (volatility < 0 || (numerical && volatility === 0)) {
      status = statusCodes.INVALID_VOLATILITY;
    }
    out.status[i] = status;
    if (numerical) clearGreeks(out, i);
  }
}

/** A place without a value has NaN everywhere; a value that is not finite is an error of its own. */
function finish(batch: OptionBatch, out: OptionResults): void {
  for (let i = 0; i < batch.count; i++) {
    if (out.status[i] === statusCodes.PRICED) {
      if (Number.isFinite(out.value[i])) continue;
      out.status[i] = statusCodes.NOT_FINITE;
    }
    out.value[i] = Number.NaN;
    clearGreeks(out, i);
  }
}
