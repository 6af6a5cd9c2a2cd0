import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { expectationOf, ownMessagesOnly } from './expectation.ts';

const inner = z.object({ steps: z.int().min(2) }).meta({ id: 'ExpectationInner' });
const schema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  count: z.int(),
  share: z.number().gt(0).max(1),
  floor: z.number().min(0.5),
  below: z.number().gt(0).lt(5),
  id: z.string().min(1).max(64),
  note: z.string().max(1).optional(),
  key: z.string().min(1),
  flag: z.boolean().default(true),
  kind: z.enum(['a', 'b']).optional(),
  trades: z.array(z.int().min(3)).min(1).max(1000),
  inner,
  weights: z.record(z.string(), z.number()),
  wait: z.union([z.number(), z.string()]).transform(String),
});

describe('what a schema takes', () => {
  it.each([
    [[], 'an object with fields'],
    [['limit'], 'a whole number from 1 to 1000'],
    [['count'], 'a whole number'],
    [['share'], 'a number above 0 and of 1 or less'],
    [['floor'], 'a number of 0.5 or more'],
    [['below'], 'a number above 0 and below 5'],
    [['id'], 'text of 1 to 64 characters'],
    [['note'], 'text of at most 1 character'],
    [['key'], 'text of at least 1 character'],
    [['flag'], 'true or false'],
    [['kind'], 'one of a, b'],
    [['trades'], 'a list of 1 to 1000 items'],
    [['trades', 7], 'a whole number of 3 or more'],
    [['inner', 'steps'], 'a whole number of 2 or more'],
    [['weights', 'x'], 'a number'],
    [['wait'], undefined],
    [['nothing', 'at', 'all'], undefined],
  ])('at %j is %s', (path, words) => {
    expect(expectationOf(schema, path)).toBe(words);
  });

  it('is asked for only where the schema has no words of its own', () => {
    const own = z.object({ a: z.string().regex(/^a/, 'must begin with a'), b: z.string() });
    const { error } = own.safeParse({ a: 'b', b: 1 }, { error: ownMessagesOnly });
    expect(error?.issues.map(({ message }) => message)).toEqual(['must begin with a', '']);
  });
});
