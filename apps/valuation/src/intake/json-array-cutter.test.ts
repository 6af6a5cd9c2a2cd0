import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonArrayCutter } from './json-array-cutter.ts';
import { IntakeError } from './row-problem.ts';

/** Feeds the text in pieces of the given sizes, the rest at once. */
function cut(text: string, sizes: readonly number[] = []) {
  const bytes = Buffer.from(text);
  const cutter = new JsonArrayCutter();
  const elements: string[] = [];
  const onElement = (element: Uint8Array): void => {
    elements.push(Buffer.from(element).toString('utf8'));
  };
  let from = 0;
  for (const size of sizes) {
    cutter.push(bytes.subarray(from, from + size), onElement);
    from = Math.min(from + size, bytes.length);
  }
  cutter.push(bytes.subarray(from), onElement);
  const fieldsBefore = cutter.fieldsBefore;
  return { elements, fieldsBefore, fields: cutter.end() };
}

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof IntakeError) return error.code;
    throw error;
  }
  return 'nothing thrown';
};

describe('cutting a JSON array of trades', () => {
  it('gives the elements of a bare array', () => {
    expect(cut('[{"a":1}, {"b":[1,2]} ]').elements.map((text) => JSON.parse(text))).toEqual([
      { a: 1 },
      { b: [1, 2] },
    ]);
  });

  it('gives the elements of the field trades and the fields before it', () => {
    const result = cut('{"metric":"NPV","tags":["x","trades"],"trades":[{"a":1}]}');
    expect(result.elements).toEqual(['{"a":1}']);
    expect(result.fieldsBefore).toMatchObject({ metric: 'NPV', tags: ['x', 'trades'] });
  });

  it('gives no element of an empty array', () => {
    expect(cut(' [ ] ').elements).toEqual([]);
  });

  it('does not mistake brackets, quotes and commas inside texts', () => {
    const trades = [{ id: 'a"],[{' }, { id: '\\' }, { id: ',]}' }];
    expect(cut(JSON.stringify(trades)).elements.map((text) => JSON.parse(text))).toEqual(trades);
  });

  it('gives the same elements however the bytes arrive', () => {
    const value = fc.array(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(value, sizes, fc.boolean(), (trades, pieces, wrapped) => {
        const text = JSON.stringify(wrapped ? { metric: 'NPV', trades } : trades);
        const { elements } = cut(text, pieces);
        expect(elements.map((element) => JSON.parse(element))).toEqual(
          JSON.parse(JSON.stringify(trades)),
        );
      }),
    );
  });

  it('says that the upload is not whole when it ends inside the array', () => {
    expect(codeOf(() => cut('[{"a":1},{"b"'))).toBe('UPLOAD_TRUNCATED');
  });

  it('refuses what has no array of trades', () => {
    expect(codeOf(() => cut('{"metric":"NPV"}'))).toBe('UPLOAD_JSON_MALFORMED');
    expect(codeOf(() => cut('7'))).toBe('UPLOAD_JSON_MALFORMED');
    expect(codeOf(() => cut(''))).toBe('UPLOAD_JSON_MALFORMED');
  });

  it('refuses commas without a trade', () => {
    expect(codeOf(() => cut('[{"a":1},,{"b":1}]'))).toBe('UPLOAD_JSON_MALFORMED');
    expect(codeOf(() => cut('[{"a":1},]'))).toBe('UPLOAD_JSON_MALFORMED');
  });

  it('refuses text after the array that is not JSON', () => {
    expect(codeOf(() => cut('[{"a":1}] and more'))).toBe('UPLOAD_JSON_MALFORMED');
  });

  it('refuses an element of more than the limit, without holding it whole', () => {
    const long = `[{"id":"${'x'.repeat(300_000)}"}]`;
    expect(
      codeOf(() =>
        cut(
          long,
          Array.from({ length: 50 }, () => 10_000),
        ),
      ),
    ).toBe('UPLOAD_LINE_TOO_LONG');
  });
});
