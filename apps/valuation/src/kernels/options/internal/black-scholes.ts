// Black–Scholes–Merton in closed form with every greek: the kernel that most options go through, so it is one flat loop.
// Formulas: J. Hull, "Options, Futures and Other Derivatives", chapters on the Black–Scholes–Merton model and the greeks.
// One exponential serves N(d1) and n(d1); that of d2 follows from n(d2) = n(d1) · forward / strike.

import { statusCodes } from '../../status.ts';
import type { OptionBatch, OptionResults } from '../options-batch.ts';
import { upperTail } from './normal.ts';

const inverseSqrtTwoPi = 0.3989422804014327;

/** Prices places `from` to `to` (exclusive) of a checked batch; places whose status is not 0 already are left alone. */
export function blackScholes(
  batch: OptionBatch,
  out: OptionResults,
  from: number,
  to: number,
): void {
  const { type, spot, strike, rate, dividendYield, volatility, time } = batch;
  const { value, delta, gamma, vega, theta, rho, dividendRho, status } = out;
  for (let i = from; i < to; i++) {
    if (status[i] !== statusCodes.PRICED) continue;
    const s = spot[i] as number;
    const k = strike[i] as number;
    const r = rate[i] as number;
    const q = dividendYield[i] as number;
    const t = time[i] as number;
    const sigma = volatility[i] as number;
    const call = (type[i] as number) > 0;
    const rootTime = Math.sqrt(t);
    const deviation = sigma * rootTime;
    if (deviation < 1e-15) {
      withoutVolatility(batch, out, i);
      continue;
    }
    const ratio = s / k;
    const carry = (r - q) * t;
    const discount = Math.exp(-r * t);
    const dividendDiscount = q === 0 ? 1 : Math.exp(-q * t);
    const d1 = (Math.log(ratio) + carry) / deviation + 0.5 * deviation;
    const d2 = d1 - deviation;
    const e1 = Math.exp(-0.5 * d1 * d1);
    // exp(−d2²/2); 0/0 cannot come: an underflowed e1 stays 0.
    const e2 = (e1 * ratio * dividendDiscount) / discount;
    const tail1 = upperTail(d1 < 0 ? -d1 : d1, e1);
    const tail2 = upperTail(d2 < 0 ? -d2 : d2, e2);
    // N(±d) for the sign of the option: the tail where ±d is negative, its complement elsewhere.
    const n1 = d1 < 0 === call ? tail1 : 1 - tail1;
    const n2 = d2 < 0 === call ? tail2 : 1 - tail2;
    const sign = call ? 1 : -1;
    const stock = s * dividendDiscount;
    const cash = k * discount;
    const stockPart = sign * stock * n1;
    const cashPart = sign * cash * n2;
    const stockDensity = stock * inverseSqrtTwoPi * e1;
    value[i] = stockPart - cashPart;
    delta[i] = sign * dividendDiscount * n1;
    gamma[i] = stockDensity / (s * s * deviation);
    vega[i] = stockDensity * rootTime;
    theta[i] = q * stockPart - r * cashPart - (0.5 * sigma * stockDensity) / rootTime;
    rho[i] = t * cashPart;
    dividendRho[i] = -t * stockPart;
  }
}

/** Without volatility the option is worth its discounted intrinsic value on the forward. */
function withoutVolatility(batch: OptionBatch, out: OptionResults, i: number): void {
  const sign = batch.type[i] as number;
  const t = batch.time[i] as number;
  const r = batch.rate[i] as number;
  const q = batch.dividendYield[i] as number;
  const dividendDiscount = Math.exp(-q * t);
  const stock = (batch.spot[i] as number) * dividendDiscount;
  const cash = (batch.strike[i] as number) * Math.exp(-r * t);
  const inTheMoney = sign * (stock - cash) > 0;
  out.value[i] = inTheMoney ? sign * (stock - cash) : 0;
  out.delta[i] = inTheMoney ? sign * dividendDiscount : 0;
  out.gamma[i] = 0;
  out.vega[i] = 0;
  out.theta[i] = inTheMoney ? sign * (q * stock - r * cash) : 0;
  out.rho[i] = inTheMoney ? sign * t * cash : 0;
  out.dividendRho[i] = inTheMoney ? -sign * t * stock : 0;
}
