// American options by the quadratic approximation of G. Barone-Adesi and R. Whaley (1987), with the seed and the Newton
// iteration of the paper and QuantLib's stopping rule: 1e-6 of the strike. Delta and gamma are derivatives of the formula.

import { type StatusCode, statusCodes } from '../../status.ts';
import { createOptionBatch, createOptionResults } from '../options-batch.ts';
import { blackScholes } from './black-scholes.ts';
import { cumulativeNormal, normalDensity } from './normal.ts';
import {
  createPricePoint,
  type EngineSettings,
  type OptionPoint,
  type PricePoint,
} from './option-point.ts';

const tolerance = 1e-6;
const iterationsMax = 100;
/** Years by which time is moved for theta. */
const timeMove = 1 / 365;

const european = createOptionBatch(1);
const europeanPrice = createOptionResults(1);
const moved = createPricePoint();

/** What the formula needs again and again. */
const terms = { deviation: 0, discount: 1, dividendDiscount: 1, exponent: 0, critical: 0 };

/** Gives value, delta, gamma and theta. */
export function baroneAdesiWhaley(
  option: OptionPoint,
  _settings: EngineSettings,
  price: PricePoint,
): StatusCode {
  const status = approximate(option, price);
  if (status === statusCodes.PRICED && !neverExercised(option)) {
    price.theta = slopeInTime(option);
  }
  return status;
}

/** The formula does not solve the Black–Scholes equation near the boundary, so theta is taken by moving the time. */
function slopeInTime(option: OptionPoint): number {
  const { time } = option;
  const move = Math.min(timeMove, time / 10);
  option.time = time + move;
  const longer = approximate(option, moved) === statusCodes.PRICED ? moved.value : Number.NaN;
  option.time = time - move;
  const shorter = approximate(option, moved) === statusCodes.PRICED ? moved.value : Number.NaN;
  option.time = time;
  return (shorter - longer) / (2 * move);
}

function approximate(option: OptionPoint, price: PricePoint): StatusCode {
  priceEuropean(option);
  price.value = europeanPrice.value[0] as number;
  price.delta = europeanPrice.delta[0] as number;
  price.gamma = europeanPrice.gamma[0] as number;
  price.theta = europeanPrice.theta[0] as number;
  if (neverExercised(option)) return statusCodes.PRICED;
  prepare(option);
  if (!findCriticalPrice(option)) return statusCodes.NO_CONVERGENCE;
  addPremium(option, price);
  return statusCodes.PRICED;
}

/** A call without dividends is held to the end; so is a put whose strike earns nothing while the stock pays. */
function neverExercised({ sign, rate, dividendYield }: OptionPoint): boolean {
  return sign > 0 ? dividendYield <= 0 : rate <= 0 && dividendYield >= 0;
}

function priceEuropean(option: OptionPoint): void {
  european.type[0] = option.sign;
  european.spot[0] = option.spot;
  european.strike[0] = option.strike;
  european.rate[0] = option.rate;
  european.dividendYield[0] = option.dividendYield;
  european.volatility[0] = option.volatility;
  european.time[0] = option.time;
  blackScholes(european, europeanPrice, 0, 1);
}

function prepare({ sign, rate, dividendYield, volatility, time }: OptionPoint): void {
  const variance = volatility * volatility * time;
  const carry = (2 * (rate - dividendYield) * time) / variance - 1;
  terms.deviation = Math.sqrt(variance);
  terms.discount = Math.exp(-rate * time);
  terms.dividendDiscount = Math.exp(-dividendYield * time);
  const k =
    Math.abs(1 - terms.discount) < 1e-13
      ? 2 / variance
      : (2 * rate * time) / (variance * (1 - terms.discount));
  terms.exponent = (-carry + sign * Math.sqrt(carry * carry + 4 * k)) / 2;
}

/** The paper's first guess: between strike and the critical price of an option that never ends. */
function seed({ sign, strike, rate, dividendYield, time }: OptionPoint): number {
  const variance = terms.deviation * terms.deviation;
  const carry = (2 * (rate - dividendYield) * time) / variance - 1;
  const m = (2 * rate * time) / variance;
  const exponent = (-carry + sign * Math.sqrt(carry * carry + 4 * m)) / 2;
  const perpetual = strike / (1 - 1 / exponent);
  const cost = (rate - dividendYield) * time;
  const decay = ((-sign * cost - 2 * terms.deviation) * strike) / (sign * (perpetual - strike));
  return sign > 0
    ? strike + (perpetual - strike) * (1 - Math.exp(decay))
    : perpetual + (strike - perpetual) * Math.exp(decay);
}

function findCriticalPrice(option: OptionPoint): boolean {
  const { sign, strike } = option;
  const { deviation, discount, dividendDiscount, exponent } = terms;
  let critical = seed(option);
  for (let i = 0; i < iterationsMax; i++) {
    if (!(critical > 0)) return false;
    const forward = (critical * dividendDiscount) / discount;
    const d1 = Math.log(forward / strike) / deviation + 0.5 * deviation;
    const inMoney = cumulativeNormal(sign * d1);
    const held =
      sign * discount * (forward * inMoney - strike * cumulativeNormal(sign * (d1 - deviation)));
    const exercised = sign * (critical - strike);
    const share = 1 - dividendDiscount * inMoney;
    const right = held + (sign * share * critical) / exponent;
    if (Math.abs(exercised - right) / strike <= tolerance) {
      terms.critical = critical;
      return true;
    }
    const slope =
      sign * dividendDiscount * inMoney * (1 - 1 / exponent) +
      (sign - (dividendDiscount * normalDensity(d1)) / deviation) / exponent;
    critical = (strike + sign * right - sign * slope * critical) / (1 - sign * slope);
  }
  return false;
}

function addPremium(option: OptionPoint, price: PricePoint): void {
  const { sign, spot, strike } = option;
  const { critical, exponent, deviation, discount, dividendDiscount } = terms;
  if (sign * (critical - spot) <= 0) {
    price.value = sign * (spot - strike);
    price.delta = sign;
    price.gamma = 0;
    return;
  }
  const forward = (critical * dividendDiscount) / discount;
  const d1 = Math.log(forward / strike) / deviation + 0.5 * deviation;
  const share = 1 - dividendDiscount * cumulativeNormal(sign * d1);
  const premium = ((sign * critical) / exponent) * share * (spot / critical) ** exponent;
  price.value += premium;
  price.delta += (premium * exponent) / spot;
  price.gamma += (premium * exponent * (exponent - 1)) / (spot * spot);
}
