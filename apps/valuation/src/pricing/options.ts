// How a batch is priced, where more than one way is offered.

import { z } from 'zod';
import { americanEngines, europeanEngines } from '../instruments/index.ts';

/**
 * What moves for `IRDelta`: all zero rates at once, the zero rate of each curve node, all quotes of bootstrapped curves
 * at once, or each quote. The two `each` ways give a column for each node or quote and their sum as the value.
 */
export const irDeltaMethods = ['zeroRates', 'eachNode', 'quotes', 'eachQuote'] as const;
export type IrDeltaMethod = (typeof irDeltaMethods)[number];

const engineNames = [...new Set([...europeanEngines, ...americanEngines])] as [string, ...string[]];

export const pricingOptionsSchema = z
  .strictObject({
    irDelta: z
      .enum(irDeltaMethods)
      .optional()
      .describe('What moves for IRDelta; default zeroRates'),
    engine: z
      .enum(engineNames)
      .optional()
      .describe('Engine of options that name none, where their exercise has it'),
    steps: z.int().min(2).max(10_000).optional().describe('Steps of options that name none'),
  })
  .meta({ id: 'PricingOptions' });

export type PricingOptions = z.infer<typeof pricingOptionsSchema>;
