// Pricing of whole batches: metrics, results, reference trades and made-up portfolios.

export {
  isMetric,
  type Metric,
  type MetricDescription,
  metricNames,
  metrics,
} from './metric.ts';
export {
  type IrDeltaMethod,
  irDeltaMethods,
  type PricingOptions,
  pricingOptionsSchema,
} from './options.ts';
export type { BatchResult, TradeError } from './outcome.ts';
export { generatePortfolio, type PortfolioOptions } from './portfolio-generator.ts';
export { type PriceRequest, priceTrades } from './price-trades.ts';
export { type ReferenceTrade, referenceTrade } from './reference-trades.ts';
