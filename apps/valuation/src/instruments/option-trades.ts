// Equity options as people send them. Spot, volatility and dividend yield come from the snapshot's underlying unless
// the trade brings its own.

import { z } from 'zod';
import { tradeHead } from './rate-trades.ts';
import { dateSchema, dayCountSchema, nameSchema, rateSchema } from './vocabulary.ts';

/** Volatility above this is surely meant in per cent. */
export const volatilityMax = 5;
export const priceMax = 1e9;
export const quantityMax = 1e9;
export const stepsMax = 10_000;

/** Engines of European options; `consensus` is the mean of the eight others that the reference names. */
export const europeanEngines = [
  'analytic',
  'integral',
  'finiteDifferences',
  'jarrowRudd',
  'additiveEqp',
  'joshi4',
  'crr',
  'leisenReimer',
  'mcPseudoRandom',
  'mcLowDiscrepancy',
  'consensus',
] as const;
export type EuropeanEngine = (typeof europeanEngines)[number];

export const americanEngines = ['baw', 'crr', 'leisenReimer', 'finiteDifferences'] as const;
export type AmericanEngine = (typeof americanEngines)[number];

const price = (what: string) =>
  z.number().positive().max(priceMax, `is absurd: at most ${priceMax}`).describe(what);

const optionFields = {
  optionType: z.enum(['call', 'put']),
  strike: price('Exercise price'),
  maturityDate: dateSchema.describe('Last day of exercise; must be after the evaluation date'),
  underlying: nameSchema
    .optional()
    .describe('Name in the snapshot; may be left out where spot and volatility are given'),
  quantity: z
    .number()
    .min(-quantityMax, `is absurd: at least ${-quantityMax}`)
    .max(quantityMax, `is absurd: at most ${quantityMax}`)
    .refine((quantity) => quantity !== 0, 'must not be 0')
    .optional()
    .describe(
      'Number of options, negative when sold; value and greeks are multiplied by it; default 1',
    ),
  spot: price('Price of the underlying; default: of the snapshot').optional(),
  volatility: z
    .number()
    .positive()
    .max(volatilityMax, `must be a fraction, not per cent: at most ${volatilityMax}`)
    .optional()
    .describe('Per year, as a fraction; default: of the snapshot'),
  dividendYield: rateSchema.optional().describe('Continuous; default: of the snapshot, else 0'),
  dayCount: dayCountSchema.optional().describe('Of the time to maturity; default Act/365F'),
  discountCurve: nameSchema
    .optional()
    .describe('Curve of the risk-free rate; default: of the underlying, else of the snapshot'),
  steps: z
    .int()
    .min(2)
    .max(stepsMax)
    .optional()
    .describe('Steps of trees and finite differences; default 801, 101 for American trees'),
};

export const europeanOptionSchema = z
  .strictObject({
    ...tradeHead,
    instrument: z.literal('europeanOption'),
    ...optionFields,
    engine: z.enum(europeanEngines).optional().describe('Default analytic'),
  })
  .meta({ id: 'EuropeanOption', description: 'Option exercised at maturity' });

export const americanOptionSchema = z
  .strictObject({
    ...tradeHead,
    instrument: z.literal('americanOption'),
    ...optionFields,
    engine: z.enum(americanEngines).optional().describe('Default leisenReimer'),
  })
  .meta({ id: 'AmericanOption', description: 'Option exercised on any day up to maturity' });

export type EuropeanOptionTrade = z.infer<typeof europeanOptionSchema>;
export type AmericanOptionTrade = z.infer<typeof americanOptionSchema>;
