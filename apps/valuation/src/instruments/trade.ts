// A trade of any kind, and the one place where what comes from outside becomes one: by field, with the reason and
// the nearest right name for each mistake.

import { z } from 'zod';
import { nearestName } from './nearest-name.ts';
import { americanOptionSchema, europeanOptionSchema } from './option-trades.ts';
import { plainWords } from './plain-words.ts';
import { hasUsualSpan, quickCheck } from './quick-check.ts';
import { depositSchema, fraSchema, swapSchema } from './rate-trades.ts';

export const tradeSchema = z.discriminatedUnion('instrument', [
  fraSchema,
  depositSchema,
  swapSchema,
  europeanOptionSchema,
  americanOptionSchema,
]);

export type Trade = z.infer<typeof tradeSchema>;
export type InstrumentName = Trade['instrument'];

export const instrumentNames = [
  'fra',
  'deposit',
  'swap',
  'europeanOption',
  'americanOption',
] as const satisfies readonly InstrumentName[];

const schemas = {
  fra: fraSchema,
  deposit: depositSchema,
  swap: swapSchema,
  europeanOption: europeanOptionSchema,
  americanOption: americanOptionSchema,
} as const satisfies Record<InstrumentName, z.ZodType>;

const quickChecks: Readonly<Record<InstrumentName, (input: object) => boolean>> = {
  fra: quickCheck(fraSchema, (fields) => hasUsualSpan(fields, true)),
  deposit: quickCheck(depositSchema, (fields) => hasUsualSpan(fields, false)),
  swap: quickCheck(
    swapSchema,
    (fields) =>
      hasUsualSpan(fields, false) &&
      fields.firstDate === undefined &&
      fields.nextToLastDate === undefined,
  ),
  europeanOption: quickCheck(europeanOptionSchema, () => true),
  americanOption: quickCheck(americanOptionSchema, () => true),
};

/** The fields each instrument knows, in the order of its schema. */
export const instrumentFields: Readonly<Record<InstrumentName, readonly string[]>> = {
  fra: Object.keys(fraSchema.shape),
  deposit: Object.keys(depositSchema.shape),
  swap: Object.keys(swapSchema.shape),
  europeanOption: Object.keys(europeanOptionSchema.shape),
  americanOption: Object.keys(americanOptionSchema.shape),
};

/** One mistake in a trade: the field it is in, a stable code and a sentence. */
export interface TradeProblem {
  readonly code: TradeProblemCode;
  readonly field?: string;
  readonly message: string;
}

/** Codes of mistakes found before pricing. */
export const tradeProblemCodes = {
  TRADE_NOT_AN_OBJECT: 'The input is not an object with fields',
  INSTRUMENT_UNKNOWN: 'The field `instrument` is missing or names no known instrument',
  FIELD_UNKNOWN: 'The instrument has no such field',
  FIELD_MISSING: 'A field that the instrument needs is not there',
  FIELD_INVALID: 'A field has a value that cannot be: wrong type, not a number, out of range',
} as const;
export type TradeProblemCode = keyof typeof tradeProblemCodes;

export type TradeParse =
  | { readonly ok: true; readonly trade: Trade }
  | { readonly ok: false; readonly problems: readonly TradeProblem[] };

/** Checks one trade; the trade returned has known fields only, and may be the input itself. */
export function parseTrade(input: unknown): TradeParse {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return failed({
      code: 'TRADE_NOT_AN_OBJECT',
      message: `A trade must be an object with fields, not ${kindOf(input)}`,
    });
  }
  const instrument = (input as { instrument?: unknown }).instrument;
  const schema = isInstrument(instrument) ? schemas[instrument] : undefined;
  if (schema === undefined || !isInstrument(instrument)) {
    return failed(unknownInstrument(instrument));
  }
  // The check says what the type does: it looked at every field.
  if (quickChecks[instrument](input)) return { ok: true, trade: input as Trade };
  const parsed = schema.safeParse(input, { error: plainWords });
  if (parsed.success) return { ok: true, trade: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, input, instrument));
  return { ok: false, problems: problems.filter(isFirstOfField) };
}

/** One problem a field is enough: what fails after the first follows from it. */
function isFirstOfField(
  problem: TradeProblem,
  position: number,
  all: readonly TradeProblem[],
): boolean {
  return all.findIndex(({ field }) => field === problem.field) === position;
}

function failed(problem: TradeProblem): TradeParse {
  return { ok: false, problems: [problem] };
}

function isInstrument(name: unknown): name is InstrumentName {
  return typeof name === 'string' && Object.hasOwn(schemas, name);
}

function unknownInstrument(instrument: unknown): TradeProblem {
  const choices = instrumentNames.join(', ');
  if (instrument === undefined) {
    return {
      code: 'INSTRUMENT_UNKNOWN',
      field: 'instrument',
      message: `Field "instrument" is missing: give one of ${choices}`,
    };
  }
  const near =
    typeof instrument === 'string' ? nearestName(instrument, instrumentNames) : undefined;
  const hint = near === undefined ? `give one of ${choices}` : `did you mean "${near}"?`;
  return {
    code: 'INSTRUMENT_UNKNOWN',
    field: 'instrument',
    message: `Instrument ${quote(instrument)} is unknown: ${hint}`,
  };
}

function problemsOf(
  issue: z.core.$ZodIssue,
  input: object,
  instrument: InstrumentName,
): TradeProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField(key, instrument));
  }
  const field = String(issue.path[0] ?? '');
  const value = (input as Record<string, unknown>)[field];
  if (value === undefined) {
    const reason = issue.code === 'custom' ? issue.message : `is missing in this ${instrument}`;
    return [{ code: 'FIELD_MISSING', field, message: `Field "${field}" ${reason}` }];
  }
  return [
    {
      code: 'FIELD_INVALID',
      field,
      message: `Field "${field}" is ${quote(value)}: ${reasonOf(issue, value)}`,
    },
  ];
}

function unknownField(key: string, instrument: InstrumentName): TradeProblem {
  const near = nearestName(key, instrumentFields[instrument]);
  const hint =
    near === undefined
      ? `known fields are ${instrumentFields[instrument].join(', ')}`
      : `did you mean "${near}"?`;
  return {
    code: 'FIELD_UNKNOWN',
    field: key,
    message: `Field "${key}" is unknown in instrument "${instrument}": ${hint}`,
  };
}

function reasonOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return issue.message;
  const near = nearestName(value, issue.values.map(String));
  return near === undefined ? issue.message : `did you mean "${near}"?`;
}

function kindOf(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  return typeof input === 'undefined' ? 'nothing' : `a ${typeof input}`;
}

function quote(value: unknown): string {
  if (typeof value !== 'string') return typeof value === 'object' ? kindOf(value) : String(value);
  return value.length > 60 ? `"${value.slice(0, 60)}…"` : `"${value}"`;
}
