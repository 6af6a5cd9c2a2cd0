// The markets of the reference trades: figures that anybody with QuantLib can check.

import type { Snapshot } from '../snapshot.ts';
import { swapCurve2013 } from './swap-curve-2013.ts';

export const referenceFraSnapshot: Snapshot = {
  name: 'reference-fra',
  description: 'Flat forward of 9 % from 26 May 2017 and one Euribor3M fixing',
  evaluationDate: '2017-05-01',
  referenceDate: '2017-05-26',
  discountCurve: 'EUR',
  curves: { EUR: { type: 'flat', rate: 0.09, compounding: 'Continuous', dayCount: 'Act/360' } },
  indexes: { Euribor3M: { fixings: { '2017-04-27': 0.04 } } },
};

export const referenceSwapSnapshot: Snapshot = {
  name: 'reference-swap',
  description: 'Discount factors of 26 December 2013 and one Euribor6M fixing',
  evaluationDate: '2013-12-26',
  discountCurve: 'EUR',
  curves: {
    EUR: {
      type: 'nodes',
      dayCount: 'Act/360',
      nodes: swapCurve2013.map(([date, discount]) => ({ date, discount })),
    },
  },
  indexes: { Euribor6M: { fixings: { '2013-12-23': 0 } } },
};

export const referenceOptionSnapshot: Snapshot = {
  name: 'reference-option',
  description: 'Spot 36, volatility 20 %, 6 % continuous; settlement two days after evaluation',
  evaluationDate: '1998-05-15',
  referenceDate: '1998-05-17',
  discountCurve: 'USD',
  curves: { USD: { type: 'flat', rate: 0.06, compounding: 'Continuous', dayCount: 'Act/365F' } },
  underlyings: { STOCK: { spot: 36, volatility: 0.2, dividendYield: 0 } },
};

export const referenceBootstrapSnapshot: Snapshot = {
  name: 'reference-bootstrap',
  description: 'Euro deposits, FRAs and swaps of 20 September 2004, bootstrapped',
  evaluationDate: '2004-09-20',
  referenceDate: '2004-09-22',
  discountCurve: 'EUR',
  curves: {
    EUR: {
      type: 'bootstrapped',
      dayCount: 'Act/Act ISDA',
      quotes: [
        { type: 'deposit', tenor: '1W', rate: 0.0382 },
        { type: 'deposit', tenor: '1M', rate: 0.0372 },
        { type: 'deposit', tenor: '3M', rate: 0.0363 },
        { type: 'fra', monthsToStart: 3, monthsToEnd: 6, rate: 0.037125 },
        { type: 'fra', monthsToStart: 6, monthsToEnd: 9, rate: 0.037125 },
        { type: 'fra', monthsToStart: 6, monthsToEnd: 12, rate: 0.037125 },
        { type: 'swap', tenor: '2Y', rate: 0.037125 },
        { type: 'swap', tenor: '3Y', rate: 0.0398 },
        { type: 'swap', tenor: '5Y', rate: 0.0443 },
        { type: 'swap', tenor: '10Y', rate: 0.05165 },
        { type: 'swap', tenor: '15Y', rate: 0.055175 },
      ],
    },
  },
};
