// Prices a batch: trades are grouped by market and instrument, each group goes through its kernel at once, and results
// come back in the order of the trades. A trade that cannot be priced never stops the others.

import type { DepositTrade, FraTrade, SwapTrade, Trade } from '../instruments/index.ts';
import type { PreparedMarket } from '../market/index.ts';
import { type Metric, metrics } from './metric.ts';
import { priceOptions } from './option-pricing.ts';
import type { PricingOptions } from './options.ts';
import { type BatchResult, Outcome } from './outcome.ts';
import { priceRates } from './rate-pricing.ts';

export interface PriceRequest {
  /** Market of trades that name no snapshot, or name this one. */
  readonly market: PreparedMarket;
  /** Markets of trades that name another snapshot, by its name. */
  readonly markets?: ReadonlyMap<string, PreparedMarket>;
  readonly metric: Metric;
  /** Checked trades, as `parseTrade` gives them. */
  readonly trades: readonly Trade[];
  readonly options?: PricingOptions;
}

/** Prices all trades for one metric; results lie at the positions of the trades. */
export function priceTrades(request: PriceRequest): BatchResult {
  const { metric, options = {} } = request;
  const outcome = new Outcome(request.trades);
  for (const [market, group] of groupTrades(request, outcome)) {
    const job = { market, metric, options, outcome };
    priceRates(job, group);
    if (group.options.length > 0) priceOptions(job, group.options);
  }
  outcome.errors.sort((a, b) => a.index - b.index);
  return outcome;
}

interface Kinds<Kind> {
  readonly rows: number[];
  readonly trades: Kind[];
}

interface Group {
  readonly swap: Kinds<SwapTrade>;
  readonly fra: Kinds<FraTrade>;
  readonly deposit: Kinds<DepositTrade>;
  readonly options: number[];
}

function emptyGroup(): Group {
  return {
    swap: { rows: [], trades: [] },
    fra: { rows: [], trades: [] },
    deposit: { rows: [], trades: [] },
    options: [],
  };
}

function groupTrades(request: PriceRequest, outcome: Outcome): Map<PreparedMarket, Group> {
  const groups = new Map<PreparedMarket, Group>();
  const { instruments } = metrics[request.metric];
  request.trades.forEach((trade, row) => {
    if (!instruments.includes(trade.instrument)) {
      const message = `Cannot give ${request.metric} of ${trade.instrument} "${trade.id}": it is defined for ${instruments.join(', ')}`;
      outcome.fail(row, 'METRIC_NOT_DEFINED', message, 'instrument');
      return;
    }
    const market = marketOf(request, trade);
    if (market === undefined) {
      const message = `Cannot price ${trade.instrument} "${trade.id}": snapshot "${trade.snapshot}" is not there`;
      outcome.fail(row, 'MISSING_MARKET_DATA', message, 'snapshot');
      return;
    }
    let group = groups.get(market);
    if (group === undefined) {
      group = emptyGroup();
      groups.set(market, group);
    }
    addTrade(group, trade, row);
  });
  return groups;
}

function marketOf(request: PriceRequest, trade: Trade): PreparedMarket | undefined {
  const { snapshot } = trade;
  if (snapshot === undefined || snapshot === request.market.name) return request.market;
  return request.markets?.get(snapshot);
}

function addTrade(group: Group, trade: Trade, row: number): void {
  switch (trade.instrument) {
    case 'swap':
      group.swap.rows.push(row);
      group.swap.trades.push(trade);
      return;
    case 'fra':
      group.fra.rows.push(row);
      group.fra.trades.push(trade);
      return;
    case 'deposit':
      group.deposit.rows.push(row);
      group.deposit.trades.push(trade);
      return;
    default:
      group.options.push(row);
  }
}
