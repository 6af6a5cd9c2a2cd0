// The application's pricing behind the threads' port.

import type { Trade } from '../../instruments/index.ts';
import { type PreparedMarket, prepareSnapshot, type Snapshot } from '../../market/index.ts';
import { isMetric, type PricingOptions, priceTrades } from '../../pricing/index.ts';
import type { PricedColumns, Pricing } from './price-chunk.ts';
import type { ChunkWork } from './thread-protocol.ts';

export const tradePricing: Pricing<PreparedMarket> = {
  // Snapshots and trades were checked when they came in; what is read here is what was stored then.
  prepare: (snapshot) => prepareSnapshot(snapshot as Snapshot),
  price({ market, work, trades }): PricedColumns {
    const { metric } = work;
    if (!isMetric(metric)) throw new Error(`There is no metric "${metric}"`);
    const result = priceTrades({
      market,
      metric,
      trades: trades as readonly Trade[],
      options: pricingOptions(work),
    });
    const errors = result.errors.map(({ index, code, field, message }) => {
      return [index, field === undefined ? { code, message } : { code, field, message }] as const;
    });
    return {
      value: result.value,
      status: result.status,
      extras: result.columns,
      errors: new Map(errors),
    };
  },
};

/** Options and engine of the request, in the words of the pricing. */
export function pricingOptions(work: Pick<ChunkWork, 'engine' | 'options'>): PricingOptions {
  const options = (work.options ?? {}) as PricingOptions;
  return work.engine === undefined ? options : { ...options, engine: work.engine };
}
