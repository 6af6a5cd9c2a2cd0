// The short way for trades that are plainly right, which nearly all are: field by field with the schemas' own fields,
// remembering the words that were right before, since a million trades say the same few hundred. Whatever is unusual in
// any way is left to the whole schema; this never refuses.

import type { z } from 'zod';

/** Words remembered for a field; dates are the most varied. */
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
  const checks = new Map(
    Object.entries(shape).map(([name, field]) => [name, fieldCheck(name, field)]),
  );
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

function fieldCheck(name: string, field: z.ZodType): (value: unknown) => boolean {
  // No two trades have the same name.
  if (name === 'id') return (value) => field.safeParse(value).success;
  const known = new Set<unknown>();
  return (value) => {
    if (typeof value !== 'string')
      return typeof value !== 'object' && field.safeParse(value).success;
    if (known.has(value)) return true;
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
