// A market snapshot as JSON: the day it was taken, curves, indexes with fixings, and underlyings. `parseSnapshot` is the
// door for what comes from outside; `prepareSnapshot` makes of it what kernels read.

import { z } from 'zod';
import {
  calendarSchema,
  conventionSchema,
  couponTypeSchema,
  dateSchema,
  dayCountSchema,
  frequencySchema,
  nameSchema,
  nearestName,
  plainWords,
  rateSchema,
  tenorSchema,
  volatilityMax,
} from '../instruments/index.ts';
import { MarketError, type MarketProblem } from './errors.ts';
import { sizeProblems, snapshotLimits } from './snapshot-limits.ts';

const quoteRate = rateSchema.describe('As a fraction: 0.0382 is 3.82 per cent');

const depositQuote = z.strictObject({
  type: z.literal('deposit'),
  tenor: tenorSchema,
  rate: quoteRate,
  fixingDays: z.int().min(0).max(10).optional().describe('Business days to its start; default 2'),
  calendar: calendarSchema.optional().describe('Default: of the curve'),
  businessDayConvention: conventionSchema.optional().describe('Default ModifiedFollowing'),
  endOfMonth: z.boolean().optional().describe('Default true'),
  dayCount: dayCountSchema.optional().describe('Default Act/360'),
});

const fraQuote = z.strictObject({
  type: z.literal('fra'),
  monthsToStart: z.int().min(1).max(120),
  monthsToEnd: z.int().min(2).max(144),
  rate: quoteRate,
  fixingDays: z.int().min(0).max(10).optional().describe('Business days to spot; default 2'),
  calendar: calendarSchema.optional().describe('Default: of the curve'),
  businessDayConvention: conventionSchema.optional().describe('Default ModifiedFollowing'),
  endOfMonth: z.boolean().optional().describe('Default true'),
  dayCount: dayCountSchema.optional().describe('Default Act/360'),
});

const swapQuote = z.strictObject({
  type: z.literal('swap'),
  tenor: tenorSchema,
  rate: quoteRate,
  index: nameSchema.optional().describe('Floating index; default Euribor6M'),
  calendar: calendarSchema.optional().describe('Default: of the curve'),
  fixedFrequency: frequencySchema.optional().describe('Default Annual'),
  fixedConvention: conventionSchema.optional().describe('Default Unadjusted'),
  fixedDayCount: dayCountSchema.optional().describe('Default 30/360 European'),
});

export const quoteSchema = z.discriminatedUnion('type', [depositQuote, fraQuote, swapQuote]);
export type Quote = z.infer<typeof quoteSchema>;

const curveHead = {
  referenceDate: dateSchema
    .optional()
    .describe('Day with discount 1; default: the reference date of the snapshot'),
  dayCount: dayCountSchema.describe('Turns days into curve times'),
};

const nodeCurve = z.strictObject({
  type: z.literal('nodes'),
  ...curveHead,
  nodes: z
    .array(
      z.strictObject({
        date: dateSchema,
        discount: z.number().positive().max(3, 'is absurd: at most 3'),
      }),
    )
    .min(1)
    .max(snapshotLimits.nodesOfCurve)
    .describe('In order of date; log-linear between them; one on the reference date must be 1'),
  extrapolate: z.boolean().optional().describe('Goes on after the last node; default false'),
});

const flatCurve = z.strictObject({
  type: z.literal('flat'),
  ...curveHead,
  rate: rateSchema,
  compounding: z
    .enum(['Continuous', 'Simple', 'Compounded'])
    .optional()
    .describe('Default Continuous'),
  frequency: frequencySchema.optional().describe('Of compounding, for Compounded; default Annual'),
});

const bootstrappedCurve = z.strictObject({
  type: z.literal('bootstrapped'),
  ...curveHead,
  calendar: calendarSchema.optional().describe('Default TARGET'),
  quotes: z.array(quoteSchema).min(1).max(snapshotLimits.quotesOfCurve),
  extrapolate: z.boolean().optional().describe('Goes on after the last quote; default false'),
});

export const curveSchema = z.discriminatedUnion('type', [nodeCurve, flatCurve, bootstrappedCurve]);
export type CurveSpec = z.infer<typeof curveSchema>;

const indexSchema = z.strictObject({
  tenor: tenorSchema.optional(),
  fixingDays: z.int().min(0).max(10).optional(),
  calendar: calendarSchema.optional(),
  businessDayConvention: conventionSchema.optional(),
  endOfMonth: z.boolean().optional(),
  dayCount: dayCountSchema.optional(),
  curve: nameSchema.optional().describe('Curve that projects it; default: the discount curve'),
  fixings: z
    .record(dateSchema, rateSchema)
    .optional()
    .describe('Published rates by day; one on the evaluation date is used, not projected'),
});
export type IndexSpec = z.infer<typeof indexSchema>;

const underlyingSchema = z.strictObject({
  spot: z.number().positive().max(1e9, 'is absurd: at most 1e9'),
  volatility: z
    .number()
    .positive()
    .max(volatilityMax, `must be a fraction, not per cent: at most ${volatilityMax}`),
  dividendYield: rateSchema.optional().describe('Continuous; default 0'),
  curve: nameSchema.optional().describe('Risk-free curve; default: the discount curve'),
});
export type UnderlyingSpec = z.infer<typeof underlyingSchema>;

const snapshotObject = z.strictObject({
  name: nameSchema,
  description: z.string().max(1_000).optional(),
  evaluationDate: dateSchema.describe(
    'The day trades are valued on; what lies before has happened',
  ),
  referenceDate: dateSchema
    .optional()
    .describe('The day values are as of, often spot; default: the evaluation date'),
  discountCurve: nameSchema.describe('Name of the curve that discounts where a trade names none'),
  couponType: couponTypeSchema
    .optional()
    .describe('Of trades that say nothing; default: swaps par, FRAs indexed'),
  curves: z
    .record(nameSchema, curveSchema)
    .describe(
      `At most ${snapshotLimits.curves}, with ${snapshotLimits.nodes} nodes and ${snapshotLimits.quotes} quotes in all`,
    ),
  indexes: z
    .record(nameSchema, indexSchema)
    .optional()
    .describe(
      `Euribor1W, 1M, 3M, 6M and 12M are known; others need all their conventions. At most ${snapshotLimits.indexes}, with ${snapshotLimits.fixings} fixings in all`,
    ),
  underlyings: z
    .record(nameSchema, underlyingSchema)
    .optional()
    .describe(`At most ${snapshotLimits.underlyings}`),
});

export type Snapshot = z.infer<typeof snapshotObject>;

export const snapshotSchema = snapshotObject.superRefine(checkReferences).meta({
  id: 'Snapshot',
  description: 'Market data of one moment: curves, indexes with fixings, underlyings',
});

function checkReferences(snapshot: Snapshot, context: z.RefinementCtx): void {
  const known = Object.keys(snapshot.curves);
  const check = (name: string | undefined, ...path: string[]) => {
    if (name === undefined || known.includes(name)) return;
    const near = nearestName(name, known);
    const hint = near === undefined ? `there are ${known.join(', ')}` : `did you mean "${near}"?`;
    context.addIssue({ code: 'custom', path, message: `Curve "${name}" is not there: ${hint}` });
  };
  check(snapshot.discountCurve, 'discountCurve');
  for (const [name, index] of Object.entries(snapshot.indexes ?? {})) {
    check(index.curve, 'indexes', name, 'curve');
  }
  for (const [name, underlying] of Object.entries(snapshot.underlyings ?? {})) {
    check(underlying.curve, 'underlyings', name, 'curve');
  }
}

/** Problems listed of one snapshot. */
const problemsMax = 100;

/** Checks a snapshot from outside; throws `MarketError` with every problem found, up to a hundred. */
export function parseSnapshot(input: unknown): Snapshot {
  const tooLarge = sizeProblems(input);
  if (tooLarge.length > 0) throw invalidSnapshot(tooLarge);
  const parsed = snapshotSchema.safeParse(input, { error: plainWords });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, problemsMax).map((issue): MarketProblem => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    return { field: [...issue.path, ...unknown].join('.'), message: issue.message };
  });
  throw invalidSnapshot(problems);
}

/** The error that says what is wrong with a snapshot: the first problem in the text, all in the list. */
export function invalidSnapshot(problems: readonly MarketProblem[]): MarketError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const text = first === undefined ? '' : `: "${first.field}": ${first.message}${more}`;
  return new MarketError('SNAPSHOT_INVALID', `Cannot use the snapshot${text}`, problems);
}
