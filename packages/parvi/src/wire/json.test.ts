import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText, readJson, refText, WireError } from './index.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof WireError ? error.code : String(error);
  }
  return undefined;
}

describe('JSON', () => {
  it('survives writing and reading', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(readJson(bytesOf(jsonText(value)))).toEqual(value);
      }),
    );
  });

  it('keeps whole numbers beyond 2^53 exact, both ways', () => {
    const text = '{"a":9007199254740993,"b":-9223372036854775808,"c":1.5e300}';
    const value = readJson(bytesOf(text));
    expect(value).toEqual({
      a: 9_007_199_254_740_993n,
      b: -9_223_372_036_854_775_808n,
      c: 1.5e300,
    });
    expect(jsonText({ a: 9_007_199_254_740_993n })).toBe('{"a":9007199254740993}');
  });

  it('writes bytes as base64, refs as paths, maps as objects, and leaves undefined out', () => {
    const ref = { [refText]: () => 'pekko://s/user/a' };
    expect(
      jsonText({
        bytes: Uint8Array.of(1, 2, 255),
        ref,
        map: new Map([['k', 1]]),
        none: undefined,
        list: [undefined],
        nan: Number.NaN,
      }),
    ).toBe('{"bytes":"AQL/","ref":"pekko://s/user/a","map":{"k":1},"list":[null],"nan":"NaN"}');
  });

  it('that is malformed, too deep or not UTF-8 is refused', () => {
    for (const text of ['', '{', '{"a":}', '[1,]', 'nul', '"\u0001"']) {
      expect(codeOf(() => readJson(bytesOf(text)))).toBe('PAYLOAD_MALFORMED');
    }
    expect(codeOf(() => readJson(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('PAYLOAD_MALFORMED');
    expect(codeOf(() => readJson(bytesOf('['.repeat(100_000))))).toBe('PAYLOAD_TOO_LARGE');
    expect(readJson(bytesOf(JSON.stringify('['.repeat(2000))))).toBe('['.repeat(2000));
  });

  it('with a whole number of more than 1000 digits is neither read nor written', () => {
    expect(readJson(bytesOf('7'.repeat(1000)))).toBe(BigInt('7'.repeat(1000)));
    expect(codeOf(() => readJson(bytesOf('7'.repeat(1001))))).toBe('PAYLOAD_TOO_LARGE');
    expect(codeOf(() => jsonText(10n ** 1000n))).toBe('VALUE_NOT_SERIALIZABLE');
  });

  it('of random texts gives a value or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect([undefined, 'PAYLOAD_MALFORMED', 'PAYLOAD_TOO_LARGE']).toContain(
          codeOf(() => readJson(bytes)),
        );
      }),
    );
  });

  it('cannot be made of functions or of values that contain themselves', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(codeOf(() => jsonText({ f: () => 1 }))).toBe('VALUE_NOT_SERIALIZABLE');
    expect(codeOf(() => jsonText(cycle))).toBe('VALUE_NOT_SERIALIZABLE');
  });
});
