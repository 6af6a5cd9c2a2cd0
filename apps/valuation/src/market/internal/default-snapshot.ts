// The market that comes with the application, for portfolios that name none: three currencies, a year of fixings and a
// few underlyings. The figures are made up, of a size that markets have shown, and the same on every machine.

import { calendarOf, isBusinessDay } from '../calendar.ts';
import { dateText, parseDate } from '../serial-date.ts';
import type { IndexSpec, Quote, Snapshot } from '../snapshot.ts';

const evaluationDate = '2025-06-18';
/** Past coupons of every index tenor up to a year find their fixing. */
const fixingDays = 400;

const euroQuotes: Quote[] = [
  { type: 'deposit', tenor: '1W', rate: 0.0193 },
  { type: 'deposit', tenor: '1M', rate: 0.0195 },
  { type: 'deposit', tenor: '3M', rate: 0.0201 },
  { type: 'fra', monthsToStart: 3, monthsToEnd: 6, rate: 0.0192 },
  { type: 'fra', monthsToStart: 6, monthsToEnd: 9, rate: 0.0187 },
  { type: 'fra', monthsToStart: 9, monthsToEnd: 12, rate: 0.0186 },
  ...swapQuotes({ '2Y': 0.0192, '3Y': 0.0201, '5Y': 0.022, '7Y': 0.0236, '10Y': 0.0255 }),
  ...swapQuotes({ '15Y': 0.0272, '20Y': 0.0275, '30Y': 0.0268, '40Y': 0.0259, '50Y': 0.025 }),
];

function swapQuotes(rates: Readonly<Record<string, number>>): Quote[] {
  return Object.entries(rates).map(([tenor, rate]) => ({ type: 'swap', tenor, rate }));
}

/** Zero rates between two levels, as discount factors on each year's day. */
function zeroNodes(near: number, far: number): { date: string; discount: number }[] {
  const years = [0.25, 0.5, 1, 2, 3, 4, 5, 7, 10, 12, 15, 20, 25, 30, 40, 55];
  const reference = parseDate(evaluationDate);
  return years.map((year) => {
    const zero = far + (near - far) * Math.exp(-year / 3);
    const discount = Math.round(Math.exp(-zero * year) * 1e10) / 1e10;
    return { date: dateText(reference + Math.round(year * 365.25)), discount };
  });
}

/** A fixing on each business day of the past year, drifting between two levels with a slow wave. */
function fixings(calendar: 'TARGET' | 'US' | 'UK', from: number, to: number) {
  const last = parseDate(evaluationDate);
  const days: Record<string, number> = {};
  for (let back = fixingDays; back >= 1; back--) {
    const day = last - back;
    if (!isBusinessDay(calendarOf(calendar), day)) continue;
    const part = 1 - back / fixingDays;
    const level = from + (to - from) * part + 0.0004 * Math.sin(back / 17);
    days[dateText(day)] = Math.round(level * 1e5) / 1e5;
  }
  return days;
}

function euribor(from: number, to: number): IndexSpec {
  return { fixings: fixings('TARGET', from, to) };
}

function foreignIndex(calendar: 'US' | 'UK', tenor: string, to: number): IndexSpec {
  return {
    tenor,
    fixingDays: calendar === 'US' ? 2 : 0,
    calendar,
    businessDayConvention: 'ModifiedFollowing',
    endOfMonth: true,
    dayCount: calendar === 'US' ? 'Act/360' : 'Act/365F',
    curve: calendar === 'US' ? 'USD' : 'GBP',
    fixings: fixings(calendar, to + 0.009, to),
  };
}

export function buildDefaultSnapshot(): Snapshot {
  return {
    name: 'default',
    description: 'Bundled market of 18 June 2025: made-up figures of realistic size',
    evaluationDate,
    discountCurve: 'EUR',
    couponType: 'par',
    curves: {
      EUR: {
        type: 'bootstrapped',
        dayCount: 'Act/365F',
        referenceDate: '2025-06-18',
        calendar: 'TARGET',
        quotes: euroQuotes,
        extrapolate: true,
      },
      USD: { type: 'nodes', dayCount: 'Act/365F', nodes: zeroNodes(0.0435, 0.0405) },
      GBP: { type: 'nodes', dayCount: 'Act/365F', nodes: zeroNodes(0.0425, 0.0445) },
    },
    indexes: {
      Euribor1M: euribor(0.0362, 0.0195),
      Euribor3M: euribor(0.0372, 0.0201),
      Euribor6M: euribor(0.0368, 0.0205),
      Euribor12M: euribor(0.0357, 0.0209),
      UsdTerm3M: foreignIndex('US', '3M', 0.0431),
      UsdTerm6M: foreignIndex('US', '6M', 0.0424),
      GbpTerm3M: foreignIndex('UK', '3M', 0.042),
      GbpTerm6M: foreignIndex('UK', '6M', 0.0413),
    },
    underlyings: {
      ALPHA: { spot: 102.4, volatility: 0.22, dividendYield: 0.021 },
      BRAVO: { spot: 36, volatility: 0.31, dividendYield: 0 },
      CHARLIE: { spot: 5_310.5, volatility: 0.16, dividendYield: 0.014, curve: 'USD' },
      DELTA: { spot: 748.2, volatility: 0.27, dividendYield: 0.032, curve: 'GBP' },
    },
  };
}
