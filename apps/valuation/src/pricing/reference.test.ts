// The figures that native QuantLib 1.29 gives for the reference trades and their variants.

import { describe, expect, it } from 'vitest';
import type { Trade } from '../instruments/index.ts';
import {
  bundledSnapshot,
  discountOn,
  type PreparedMarket,
  parseDate,
  prepareSnapshot,
} from '../market/index.ts';
import type { Metric } from './metric.ts';
import type { PricingOptions } from './options.ts';
import { priceTrades } from './price-trades.ts';
import { referenceTrade } from './reference-trades.ts';

function marketOf(name: string): PreparedMarket {
  const snapshot = bundledSnapshot(name);
  if (snapshot === undefined) throw new Error(`no snapshot ${name}`);
  return prepareSnapshot(snapshot);
}

/** The value of one trade, with its further figures. */
function figures(metric: Metric, trade: Trade, options: PricingOptions = {}) {
  const market = marketOf(trade.snapshot ?? 'default');
  const result = priceTrades({ market, metric, trades: [trade], options });
  expect(result.errors).toEqual([]);
  const columns = Object.entries(result.columns).map(([name, column]) => [name, column[0]]);
  return { value: result.value[0], ...Object.fromEntries(columns) } as Record<string, number>;
}

function reference(metric: Metric, changes: object = {}): Trade {
  return { ...referenceTrade(metric).trade, ...changes } as Trade;
}

/** Within 1e-12 of the larger of the notional and the value. */
function expectNear(actual: number | undefined, expected: number, notional: number): void {
  const tolerance = 1e-12 * Math.max(notional, Math.abs(expected));
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(tolerance);
}

describe('reference trades', () => {
  it('gives the FRA its spot value and forward rate', () => {
    const { value, forwardRate } = figures('FwdRate', reference('FwdRate'));
    expectNear(value, 99.024472522413987, 100);
    expect(forwardRate).toBe(0.04);
  });

  it('gives the swap its value, by leg', () => {
    const { value, fixedLegNpv, floatingLegNpv } = figures('NPV', reference('NPV'));
    expectNear(value, 420900.16503876913, 1e7);
    expectNear(fixedLegNpv, 990590.00169485877, 1e7);
    expectNear(floatingLegNpv, -569689.83665608964, 1e7);
  });

  it('gives the swap its fair rate', () => {
    expectNear(figures('ParRate', reference('ParRate')).value, 0.011502030823678304, 1);
  });

  it('gives the swap its delta to parallel zero rates', () => {
    expectNear(figures('IRDelta', reference('IRDelta')).value, -4545.4239981062128, 1e7);
  });

  it.each([
    ['consensus', 3.8420984098760025],
    ['analytic', 3.8443077915968398],
    ['integral', 3.8443087740779012],
    ['finiteDifferences', 3.8443298991007424],
    ['jarrowRudd', 3.8441316386402535],
    ['additiveEqp', 3.83691072902465],
    ['joshi4', 3.8443077916011625],
    ['mcPseudoRandom', 3.8345223686768715],
    ['mcLowDiscrepancy', 3.8439682862895967],
  ])('prices the option by the engine %s', (engine, expected) => {
    expectNear(figures('OptionPV', reference('OptionPV', { engine })).value, expected, 40);
  });

  it('gives the option its greeks', () => {
    const greeks = figures('OptionPV', reference('OptionPV', { engine: 'analytic' }));
    expectNear(greeks.delta, -0.55045167248338533, 1);
    expectNear(greeks.gamma, 0.054964980970803802, 1);
    expectNear(greeks.vega, 14.246923067632345, 40);
    expectNear(greeks.theta, -0.0050582267033121298, 1);
    expectNear(greeks.rho, -23.660568000998694, 40);
  });

  it.each([
    ['baw', 801, 4.4596276137764779],
    ['crr', 801, 4.4864152079279798],
    ['crr', 101, 4.486747063752194],
    ['leisenReimer', 801, 4.4860756173399006],
    ['finiteDifferences', 801, 4.4861132726406501],
  ])('prices the American option by %s with %i steps', (engine, steps, expected) => {
    const trade = reference('OptionPV', { instrument: 'americanOption', engine, steps });
    expectNear(figures('NPV', trade).value, expected, 40);
  });
});

describe('reference bootstrapped curve', () => {
  const head = { id: 'x', snapshot: 'reference-bootstrap' } as const;
  const fra: Trade = {
    ...head,
    instrument: 'fra',
    notional: 1e6,
    strike: 0.035,
    startDate: '2005-03-22',
    index: 'Euribor3M',
  };
  const swap: Trade = {
    ...head,
    instrument: 'swap',
    notional: 1e6,
    payReceive: 'payer',
    fixedRate: 0.04,
    startDate: '2004-09-22',
    tenor: '5Y',
    index: 'Euribor6M',
    fixedConvention: 'Unadjusted',
    fixedDayCount: '30/360 European',
    dateGeneration: 'Forward',
  };

  it('has the discount factors of QuantLib', () => {
    const { discountCurve } = marketOf('reference-bootstrap');
    expectNear(discountOn(discountCurve, parseDate('2009-09-22')), 0.80367864942909406, 1);
    expectNear(discountOn(discountCurve, parseDate('2019-09-22')), 0.43307206804716786, 1);
  });

  it('prices the FRA 6x9', () => {
    expectNear(figures('ParRate', fra).value, 0.037124999999971695, 1);
    expectNear(figures('NPV', fra).value, 528.15849343441607, 1e6);
  });

  it('prices the 5Y swap with par and with indexed coupons', () => {
    const par = { ...swap, couponType: 'par' } as const;
    expectNear(figures('NPV', par).value, 19056.022741625406, 1e6);
    expectNear(figures('ParRate', par).value, 0.044299999999994975, 1);
    const indexed = { ...swap, couponType: 'indexed' } as const;
    expectNear(figures('NPV', indexed).value, 19081.639001323492, 1e6);
    expectNear(figures('ParRate', indexed).value, 0.044305780320379511, 1);
  });

  it('takes par coupons where neither trade nor snapshot says', () => {
    expectNear(figures('NPV', swap).value, 19056.022741625406, 1e6);
  });

  it('gives the swap its delta to bootstrapped quotes', () => {
    const indexed: Trade = { ...swap, couponType: 'indexed' };
    const { value } = figures('IRDelta', indexed, { irDelta: 'quotes' });
    expectNear(value, 437.81869192769227, 1e6);
  });
});
