// What a schema takes at one of its fields, in words, for the refusal of a value that is something else: zod's own words
// are about types and cannot say a range when not even the type is right.

import { z } from 'zod';

/** What the words are made of: the part of JSON Schema that fields of options and requests have. */
interface FieldSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, FieldSchema>>;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly additionalProperties?: FieldSchema | boolean;
  readonly items?: FieldSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/**
 * What the schema takes at a path, such as `a whole number from 1 to 1000`; undefined where that cannot be said. Parse
 * with {@link ownMessagesOnly} to know whether the schema has words of its own for a mistake.
 */
export function expectationOf(schema: z.ZodType, path: readonly PropertyKey[]): string | undefined {
  const whole = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as FieldSchema;
  const resolved = (part: FieldSchema | undefined): FieldSchema | undefined => {
    const name = part?.$ref?.replace('#/$defs/', '');
    return name === undefined ? part : whole.$defs?.[name];
  };
  let field = resolved(whole);
  for (const key of path) field = resolved(inside(field, key));
  return field === undefined ? undefined : words(field);
}

/** An error map by which only messages that the schema itself was given are left; all others are empty. */
export const ownMessagesOnly = (): string => '';

function inside(field: FieldSchema | undefined, key: PropertyKey): FieldSchema | undefined {
  if (field?.type === 'array') return field.items;
  const named = field?.properties?.[String(key)];
  const others = field?.additionalProperties;
  return named ?? (typeof others === 'object' ? others : undefined);
}

function words(field: FieldSchema): string | undefined {
  if (field.enum !== undefined) return `one of ${field.enum.map(String).join(', ')}`;
  switch (field.type) {
    case 'integer':
      return `a whole number${numberRange(field)}`;
    case 'number':
      return `a number${numberRange(field)}`;
    case 'string':
      return `text${sizeRange(field.minLength, field.maxLength, 'character')}`;
    case 'array':
      return `a list${sizeRange(field.minItems, field.maxItems, 'item')}`;
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'an object with fields';
    default:
      return undefined;
  }
}

function numberRange(field: FieldSchema): string {
  const { exclusiveMinimum: above, exclusiveMaximum: below } = field;
  // Whole numbers always have a limit, that of what a number can hold, which says nothing.
  const least = isSaid(field.minimum) ? field.minimum : undefined;
  const most = isSaid(field.maximum) ? field.maximum : undefined;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  const low = above === undefined ? orMore(least) : ` above ${above}`;
  const high = below === undefined ? orLess(most) : ` below ${below}`;
  return low === '' || high === '' ? `${low}${high}` : `${low} and${high}`;
}

const isSaid = (limit: number | undefined): boolean =>
  limit !== undefined && Math.abs(limit) !== Number.MAX_SAFE_INTEGER;
const orMore = (least: number | undefined): string =>
  least === undefined ? '' : ` of ${least} or more`;
const orLess = (most: number | undefined): string =>
  most === undefined ? '' : ` of ${most} or less`;

function sizeRange(least: number | undefined, most: number | undefined, unit: string): string {
  const counted = (size: number): string => `${size} ${unit}${size === 1 ? '' : 's'}`;
  if (least !== undefined && most !== undefined) return ` of ${least} to ${counted(most)}`;
  if (least !== undefined) return ` of at least ${counted(least)}`;
  return most === undefined ? '' : ` of at most ${counted(most)}`;
}
