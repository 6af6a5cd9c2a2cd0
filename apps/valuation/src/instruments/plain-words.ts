// What is wrong with a field of a trade or snapshot, wherever its schema has no words of its own: zod's are about types.

import type { z } from 'zod';

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with fields',
  record: 'an object with fields',
};

/** An error map; undefined leaves a mistake to zod. */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.input === undefined
        ? `is missing: give one of ${issue.values.join(', ')}`
        : `must be one of ${issue.values.join(', ')}`;
    case 'unrecognized_keys':
      return 'is unknown';
    case 'too_small':
      return limit(issue.origin, issue.inclusive === false ? 'above' : 'at least', issue.minimum);
    case 'too_big':
      return limit(issue.origin, issue.inclusive === false ? 'below' : 'at most', issue.maximum);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? `must be one of ${issue.options.join(', ')}`
        : undefined;
    default:
      return undefined;
  }
};

function limit(origin: string, side: string, bound: number | bigint): string {
  const unit = origin === 'array' ? 'item' : origin === 'string' ? 'character' : undefined;
  if (unit === undefined) return `must be ${side} ${bound}`;
  return `must have ${side} ${bound} ${unit}${Number(bound) === 1 ? '' : 's'}`;
}
