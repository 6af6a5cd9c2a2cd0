// Turns a status byte and the day it is about into a sentence that says what to do.

import type { Trade } from '../instruments/index.ts';
import { type StatusName, statusName } from '../kernels/status.ts';
import { dateText, type PreparedMarket } from '../market/index.ts';
import type { Outcome } from './outcome.ts';

export interface StatusMessage {
  readonly message: string;
  readonly field?: string;
}

interface Context {
  readonly trade: Trade;
  readonly market: PreparedMarket;
  readonly detail: number;
}

export function statusMessage(code: StatusName, context: Context): StatusMessage {
  const { trade, market, detail } = context;
  const what = `${trade.instrument} "${trade.id}"`;
  const day = detail > 0 ? dateText(detail) : '';
  switch (code) {
    case 'EXPIRED':
      return {
        field: trade.instrument === 'fra' ? 'startDate' : 'maturityDate',
        message: `Cannot price ${what}: nothing of it lies after ${lastDay(context)}`,
      };
    case 'MISSING_FIXING': {
      const index = indexOf(trade);
      return {
        field: 'index',
        message: `Cannot price ${what}: snapshot "${market.name}" has no fixing of ${index} on ${day}; add it under indexes.${index}.fixings`,
      };
    }
    case 'DATE_BEFORE_CURVE':
      return {
        field: 'startDate',
        message: `Cannot price ${what}: it needs a discount factor for ${day}, before the reference date of the curve`,
      };
    case 'DATE_AFTER_CURVE':
      return {
        field: 'maturityDate',
        message: `Cannot price ${what}: it needs a discount factor for ${day}, after the last date of the curve; lengthen the curve or set its extrapolate`,
      };
    case 'DEGENERATE_SCHEDULE':
      return {
        field: 'maturityDate',
        message: `Cannot price ${what}: start and maturity fall on one business day`,
      };
    case 'PAR_RATE_UNDEFINED':
      return { message: `Cannot give a par rate of ${what}: no fixed coupon is left` };
    default:
      return { message: `Cannot price ${what}: ${otherReasons[code]}` };
  }
}

const otherReasons: Readonly<Record<string, string>> = {
  NOT_FINITE: 'the arithmetic gives no finite number; check its rates and amounts',
  ENGINE_NOT_AVAILABLE: 'the engine does not price this kind of option',
  NO_CONVERGENCE: 'the engine did not reach its tolerance; take another engine',
  NEGATIVE_PROBABILITY: 'the tree has a probability outside 0 to 1; take more steps',
  INVALID_VOLATILITY: 'the engine needs a volatility above 0',
  INVALID_TRADE: 'its terms do not hold together for this engine',
};

function lastDay({ trade, market }: Context): string {
  const { evaluationDate, referenceDate } = market;
  const option = trade.instrument === 'europeanOption' || trade.instrument === 'americanOption';
  if (option && referenceDate > evaluationDate) {
    return `the reference date ${dateText(referenceDate)}`;
  }
  if (option || trade.instrument === 'fra') {
    return `the evaluation date ${dateText(evaluationDate)}`;
  }
  const curve = market.curves.get(trade.discountCurve ?? '') ?? market.discountCurve;
  return dateText(curve.referenceDate);
}

/** The index a trade floats on, with the default of its kind. */
export function indexOf(trade: Trade): string {
  if (trade.instrument === 'swap') return trade.index ?? 'Euribor6M';
  if (trade.instrument === 'fra') return trade.index ?? 'Euribor3M';
  return '';
}

/** Fails a trade for the reason its kernel gave; `detail` is the day it is about, or 0. */
export function failRow(
  job: { readonly market: PreparedMarket; readonly outcome: Outcome },
  row: number,
  status: number,
  detail = 0,
): void {
  const { market, outcome } = job;
  const code = statusName(status);
  const { message, field } = statusMessage(code, { trade: outcome.trade(row), market, detail });
  outcome.fail(row, code, message, field);
}
