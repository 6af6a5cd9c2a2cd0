// The short way for trades that are plainly right, which nearly all are: field by field with the schemas' own fields,
// remembering the words that were right before, since a million trades say the same few hundred, and the span of the
// numbers that were. Whatever is unusual in any way is left to the whole schema; this never refuses.

import { z } from 'zod';

/** Words remembered for a field; dates and quantities are the most varied. */
const wordsMax = 8192;

type Fields = Readonly<Record<string, unknown>>;

export interface QuickSchema {
  readonly shape: Readonly<Record<string, z.ZodType>>;
}

/**
 * A check that says yes only where the schema would. `isUsual` answers for the rules between fields, of an input whose
 * single fields are right.
 */
export function quickCheck(
  schema: QuickSchema,
  isUsual: (fields: Fields) => boolean,
): (input: object) => boolean {
  let check: ((fields: Fields) => boolean) | undefined;
  return (input) => {
    // Made when first needed: most processes read no trades from outside.
    check ??= fieldsCheck(schema);
    const fields = input as Fields;
    return check(fields) && isUsual(fields);
  };
}

function fieldsCheck({ shape }: QuickSchema): (fields: Fields) => boolean {
  const checks = new Map(Object.entries(shape).map(([name, field]) => [name, fieldCheck(field)]));
  const needed = Object.keys(shape).filter(
    (name) => shape[name]?.safeParse(undefined).success === false,
  );
  return (fields) => {
    for (const name in fields) {
      const check = checks.get(name);
      if (check === undefined || !check(fields[name])) return false;
    }
    for (const name of needed) if (fields[name] === undefined) return false;
    return true;
  };
}

function fieldCheck(field: z.ZodType): (value: unknown) => boolean {
  const inner = field instanceof z.ZodOptional ? field.unwrap() : field;
  if (inner instanceof z.ZodNumber && hasOnly(inner, ['greater_than', 'less_than'])) {
    return rangeCheck(field, (value) => (typeof value === 'number' ? value : Number.NaN));
  }
  if (inner instanceof z.ZodString && hasOnly(inner, ['min_length', 'max_length'])) {
    return rangeCheck(field, (value) => (typeof value === 'string' ? value.length : Number.NaN));
  }
  return wordCheck(field);
}

/** Whether nothing but bounds is asked of a number or a text's length, so that what lies between two right ones is right. */
function hasOnly(field: z.ZodNumber | z.ZodString, kinds: readonly string[]): boolean {
  return (field.def.checks ?? []).every((check) => kinds.includes(check._zod.def.check));
}

/** Remembers the least and the greatest that were right. */
function rangeCheck(
  field: z.ZodType,
  measure: (value: unknown) => number,
): (value: unknown) => boolean {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  return (value) => {
    const size = measure(value);
    if (size >= least && size <= most) return true;
    const right = field.safeParse(value).success;
    if (right && size < least) least = size;
    if (right && size > most) most = size;
    return right;
  };
}

/** Remembers the words, numbers and flags that were right. */
function wordCheck(field: z.ZodType): (value: unknown) => boolean {
  const known = new Set<unknown>();
  return (value) => {
    if (known.has(value)) return true;
    if (typeof value === 'object') return false;
    const right = field.safeParse(value).success;
    if (right && known.size < wordsMax) known.add(value);
    return right;
  };
}

/** A start with either a maturity after it or a tenor; without either only where there is a default. */
export function hasUsualSpan(fields: Fields, mayLackEnd: boolean): boolean {
  const { startDate, maturityDate, tenor } = fields;
  if (maturityDate === undefined) return tenor !== undefined || mayLackEnd;
  return (
    tenor === undefined &&
    typeof maturityDate === 'string' &&
    typeof startDate === 'string' &&
    maturityDate > startDate
  );
}
