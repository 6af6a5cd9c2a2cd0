// Interest-rate trades: forward rate agreement, deposit and vanilla swap, as people send them. Fields left out take
// the default named in their description when the trade is priced.

import { z } from 'zod';
import {
  calendarSchema,
  conventionSchema,
  couponTypeSchema,
  dateGenerationSchema,
  dateSchema,
  dayCountSchema,
  frequencySchema,
  nameSchema,
  rateSchema,
  tenorSchema,
} from './vocabulary.ts';

/** The largest notional taken for a real one. */
export const notionalMax = 1e12;

const notional = z
  .number()
  .positive()
  .max(notionalMax, `is absurd: at most ${notionalMax}`)
  .describe('Amount that interest is counted on, above 0');

export const tradeHead = {
  id: z.string().min(1).max(128).describe('Name of the trade, returned with its result'),
  snapshot: nameSchema
    .optional()
    .describe('Market snapshot to price on; default: the snapshot of the job'),
};

const span = {
  startDate: dateSchema.describe('First day of interest'),
  maturityDate: dateSchema.optional().describe('Last day of interest; or give `tenor`'),
  tenor: tenorSchema.optional().describe('Span from start to maturity, such as 6M or 5Y'),
};

const discountCurve = nameSchema
  .optional()
  .describe('Curve that discounts; default: the discount curve of the snapshot');

interface Span {
  startDate: string;
  maturityDate?: string | undefined;
  tenor?: string | undefined;
}

/** A maturity or a tenor, not both, and the maturity after the start. */
function checkSpan(trade: Span, context: z.RefinementCtx, needed: boolean): void {
  if (trade.maturityDate !== undefined && trade.tenor !== undefined) {
    problem(context, 'tenor', 'must be left out where maturityDate is given');
  } else if (needed && trade.maturityDate === undefined && trade.tenor === undefined) {
    problem(context, 'maturityDate', 'is missing: give it or a tenor');
  } else if (trade.maturityDate !== undefined && trade.maturityDate <= trade.startDate) {
    problem(
      context,
      'maturityDate',
      `"${trade.maturityDate}" must be after startDate "${trade.startDate}"`,
    );
  }
}

export function problem(context: z.RefinementCtx, field: string, message: string): void {
  context.addIssue({ code: 'custom', path: [field], message });
}

export const fraSchema = z
  .strictObject({
    ...tradeHead,
    instrument: z.literal('fra'),
    notional,
    position: z
      .enum(['long', 'short'])
      .optional()
      .describe('long receives the floating rate; default long'),
    strike: rateSchema.describe('Contract rate, as a fraction'),
    startDate: dateSchema.describe('Value date: the FRA settles here'),
    maturityDate: dateSchema
      .optional()
      .describe('End of the loan; default: one index tenor after the start'),
    tenor: tenorSchema.optional().describe('Span from start to maturity, instead of maturityDate'),
    index: nameSchema.optional().describe('Floating index; default Euribor3M'),
    couponType: couponTypeSchema
      .optional()
      .describe(
        'indexed takes the fixing of the index, par the forward from start to maturity; default: as the snapshot says, else indexed',
      ),
    discountCurve,
  })
  .superRefine((trade, context) => checkSpan(trade, context, false))
  .meta({ id: 'Fra', description: 'Forward rate agreement' });

export const depositSchema = z
  .strictObject({
    ...tradeHead,
    instrument: z.literal('deposit'),
    notional,
    position: z
      .enum(['lend', 'borrow'])
      .optional()
      .describe('lend pays the notional at start and gets it back with interest; default lend'),
    rate: rateSchema.describe('Simple interest rate, as a fraction'),
    ...span,
    calendar: calendarSchema.optional().describe('Default TARGET'),
    businessDayConvention: conventionSchema.optional().describe('Default ModifiedFollowing'),
    endOfMonth: z
      .boolean()
      .optional()
      .describe('A tenor counted from a month end ends on one; default false'),
    dayCount: dayCountSchema.optional().describe('Default Act/360'),
    discountCurve,
  })
  .superRefine((trade, context) => checkSpan(trade, context, true))
  .meta({ id: 'Deposit', description: 'Deposit or loan with simple interest paid at maturity' });

function leg(name: 'fixed' | 'floating') {
  const both = (field: string) => `Of the ${name} leg; default: ${field}`;
  return {
    calendar: calendarSchema.optional().describe(both('calendar')),
    convention: conventionSchema.optional().describe(both('businessDayConvention')),
    terminationConvention: conventionSchema
      .optional()
      .describe(`Adjusts the last date of the ${name} leg; default: its convention`),
    dateGeneration: dateGenerationSchema.optional().describe(both('dateGeneration')),
    endOfMonth: z.boolean().optional().describe(both('endOfMonth')),
  };
}

const fixed = leg('fixed');
const floating = leg('floating');

const swapObject = z.strictObject({
  ...tradeHead,
  instrument: z.literal('swap'),
  notional,
  payReceive: z.enum(['payer', 'receiver']).describe('payer pays the fixed rate'),
  fixedRate: rateSchema.describe('Rate of the fixed leg, as a fraction'),
  ...span,
  index: nameSchema.optional().describe('Floating index; default Euribor6M'),
  floatingSpread: rateSchema.optional().describe('Added to each floating rate; default 0'),
  couponType: couponTypeSchema
    .optional()
    .describe('par or indexed floating coupons; default: as the snapshot says, else par'),
  fixedFrequency: frequencySchema.optional().describe('Default Annual'),
  floatingFrequency: frequencySchema.optional().describe('Default: the tenor of the index'),
  fixedDayCount: dayCountSchema.optional().describe('Default 30/360 European'),
  floatingDayCount: dayCountSchema.optional().describe('Default: the day count of the index'),
  calendar: calendarSchema
    .optional()
    .describe('Of schedules and payments; default: the calendar of the index'),
  businessDayConvention: conventionSchema.optional().describe('Default ModifiedFollowing'),
  dateGeneration: dateGenerationSchema.optional().describe('Default Backward'),
  endOfMonth: z.boolean().optional().describe('Coupons of a month end stay there; default false'),
  firstDate: dateSchema.optional().describe('End of an irregular first period'),
  nextToLastDate: dateSchema.optional().describe('Start of an irregular last period'),
  fixedCalendar: fixed.calendar,
  fixedConvention: fixed.convention,
  fixedTerminationConvention: fixed.terminationConvention,
  fixedDateGeneration: fixed.dateGeneration,
  fixedEndOfMonth: fixed.endOfMonth,
  floatingCalendar: floating.calendar,
  floatingConvention: floating.convention,
  floatingTerminationConvention: floating.terminationConvention,
  floatingDateGeneration: floating.dateGeneration,
  floatingEndOfMonth: floating.endOfMonth,
  paymentConvention: conventionSchema
    .optional()
    .describe('Adjusts payment dates of both legs; default: the convention of the floating leg'),
  discountCurve,
});

type SwapFields = z.infer<typeof swapObject>;

function checkStubs(trade: SwapFields, context: z.RefinementCtx): void {
  const { startDate, maturityDate, firstDate, nextToLastDate } = trade;
  const inside = (day: string) =>
    day >= startDate && (maturityDate === undefined || day <= maturityDate);
  if (firstDate !== undefined && !inside(firstDate)) {
    problem(context, 'firstDate', `"${firstDate}" must lie between start and maturity`);
  }
  if (nextToLastDate !== undefined && !inside(nextToLastDate)) {
    problem(context, 'nextToLastDate', `"${nextToLastDate}" must lie between start and maturity`);
  }
  if (firstDate !== undefined && nextToLastDate !== undefined && nextToLastDate < firstDate) {
    problem(context, 'nextToLastDate', `"${nextToLastDate}" must not be before firstDate`);
  }
}

export const swapSchema = swapObject
  .superRefine((trade, context) => {
    checkSpan(trade, context, true);
    checkStubs(trade, context);
  })
  .meta({ id: 'Swap', description: 'Fixed against floating interest rate swap' });

export type FraTrade = z.infer<typeof fraSchema>;
export type DepositTrade = z.infer<typeof depositSchema>;
export type SwapTrade = z.infer<typeof swapSchema>;
