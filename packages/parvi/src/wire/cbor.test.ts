import { decode as referenceDecode, encode as referenceEncode } from 'cbor2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter, CborReader, CborWriter, refTag, refText, WireError } from './index.ts';

const writer = new CborWriter();
const reader = new CborReader();

function written(value: unknown): Buffer {
  const out = new ByteWriter();
  writer.write(value, out);
  return Buffer.from(out.toBytes());
}

function read(hex: string): unknown {
  return reader.read(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof WireError ? error.code : String(error);
  }
  return undefined;
}

const texts = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ maxLength: 300, unit: 'grapheme' }),
  fc.integer({ min: 0, max: 70_000 }).map((length) => 'x'.repeat(length)),
);
const scalars = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
  fc.uint8Array({ maxLength: 40 }),
);
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ maxLength: 12 }), tie('value'), { maxKeys: 6 }),
  ),
}));

/** The reference gives -0 as 0 and objects as it likes; both sides are compared in one form. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Map) return comparable(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([key, inner]) => [key, comparable(inner)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

describe('CBOR', () => {
  it('survives writing and reading', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(reader.read(written(value))).toEqual(value);
      }),
    );
  });

  it('is read by another implementation as it was meant', () => {
    fc.assert(
      fc.property(values, (value) => {
        const decoded = referenceDecode(written(value), { rejectDuplicateKeys: false });
        expect(comparable(decoded)).toEqual(comparable(value));
      }),
    );
  });

  it('of another implementation is read as it was meant', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(comparable(reader.read(referenceEncode(value)))).toEqual(comparable(value));
      }),
    );
  });

  it('keeps texts of every length, in any script', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const message = { text, [text.slice(0, 60)]: text };
        expect(reader.read(written(message))).toEqual(message);
        expect(written(text)).toEqual(Buffer.from(referenceEncode(text.toWellFormed())));
      }),
    );
  });

  it('keeps whole numbers of 64 bits and beyond, the large ones as bigints', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (value) => {
        const safe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
        expect(reader.read(written(value))).toBe(safe ? Number(value) : value);
        expect(written(value)).toEqual(Buffer.from(referenceEncode(value)));
      }),
    );
    for (const value of [
      2 ** 53 - 1,
      2 ** 53,
      -(2 ** 53) + 1,
      -(2 ** 53),
      1e300,
      -0,
      0.1,
      Infinity,
    ]) {
      expect(reader.read(written(value))).toBe(value);
    }
    expect(reader.read(written(Number.NaN))).toBeNaN();
  });

  it('gives the examples of RFC 8949, appendix A', () => {
    for (const [hex, value] of [
      ['00', 0],
      ['1818', 24],
      ['1903e8', 1000],
      ['1a000f4240', 1_000_000],
      ['1b000000e8d4a51000', 1_000_000_000_000],
      ['1bffffffffffffffff', 18_446_744_073_709_551_615n],
      ['c249010000000000000000', 18_446_744_073_709_551_616n],
      ['3bffffffffffffffff', -18_446_744_073_709_551_616n],
      ['c349010000000000000000', -18_446_744_073_709_551_617n],
      ['3903e7', -1000],
      ['f90000', 0],
      ['f93c00', 1],
      ['fb3ff199999999999a', 1.1],
      ['f97bff', 65_504],
      ['fa47c35000', 100_000],
      ['f90001', 2 ** -24],
      ['f9c400', -4],
      ['f97c00', Infinity],
      ['f9fc00', -Infinity],
      ['f4', false],
      ['f5', true],
      ['f6', null],
      ['f7', undefined],
      ['6449455446', 'IETF'],
      ['62c3bc', 'ü'],
      ['64f0908591', '𐅑'],
      ['83010203', [1, 2, 3]],
      ['a26161016162820203', { a: 1, b: [2, 3] }],
      ['5f42010243030405ff', Uint8Array.of(1, 2, 3, 4, 5)],
      ['7f657374726561646d696e67ff', 'streaming'],
      ['9fff', []],
      ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
      ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
      ['826161bf61626163ff', ['a', { b: 'c' }]],
    ] as const) {
      expect(read(hex), hex).toEqual(value);
    }
    expect(read('f97e00')).toBeNaN();
  });

  it('leaves out fields that are undefined, and patches the head of maps of any size', () => {
    expect(written({ a: undefined, b: 1 }).toString('hex')).toBe('a1616201');
    for (const size of [0, 23, 24, 255, 256, 70_000]) {
      const message = Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i]));
      expect(reader.read(written(message))).toEqual(message);
    }
  });

  it('keeps maps, sets, typed arrays and bytes', () => {
    const value = {
      map: new Map<unknown, unknown>([
        [1, 'one'],
        ['two', { three: 3 }],
      ]),
      set: new Set(['a', 2]),
      floats: Float64Array.of(1.5, -2, Number.MAX_VALUE),
      singles: Float32Array.of(1.5),
      ints: Int32Array.of(-1, 2 ** 31 - 1),
      uints: Uint32Array.of(2 ** 32 - 1),
      shorts: Int16Array.of(-300),
      ushorts: Uint16Array.of(65_535),
      tiny: Int8Array.of(-3),
      longs: BigInt64Array.of(-(2n ** 62n)),
      ulongs: BigUint64Array.of(2n ** 63n),
      bytes: Uint8Array.of(1, 2, 3),
    };
    expect(reader.read(written(value))).toEqual(value);
    expect(reader.read(written(new Map([[{ a: 1 }, 2]])))).toEqual(new Map([[{ a: 1 }, 2]]));
  });

  it('gives bytes that share nothing with what they were read from', () => {
    const bytes = written({ data: Uint8Array.of(1, 2, 3), floats: Float64Array.of(4) });
    const value = reader.read(bytes);
    bytes.fill(0);
    expect(value).toEqual({ data: Uint8Array.of(1, 2, 3), floats: Float64Array.of(4) });
  });

  it('writes what has a toJSON as that', () => {
    expect(reader.read(written({ at: new Date(0) }))).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  });

  it('reads whole numbers as keys into a Map', () => {
    expect(read('a201020304')).toEqual(
      new Map([
        [1, 2],
        [3, 4],
      ]),
    );
    expect(read('a2616101 0304')).toEqual(
      new Map<unknown, unknown>([
        ['a', 1],
        [3, 4],
      ]),
    );
  });

  it('reads a text key after another kind of key, and gives small bignums as numbers', () => {
    expect(read('bf 6161 01 02 9f01ff 6162 a1 01 6163 ff')).toEqual(
      new Map<unknown, unknown>([
        ['a', 1],
        [2, [1]],
        ['b', new Map([[1, 'c']])],
      ]),
    );
    expect(read('82 c2 41 05 c3 40')).toEqual([5, -1]);
  });

  it('skips tags that it does not know', () => {
    expect(read('d9d9f7 a1 6161 d818 01')).toEqual({ a: 1 });
    expect(read('c482 21 196ab3')).toBe(273.15);
  });
});

describe('a ref in CBOR', () => {
  const ref = { [refText]: () => 'pekko://sys@h:1/user/a#5' };

  it('is a tagged text, which others read as a plain text', () => {
    const bytes = written({ replyTo: ref });
    const resolving = new CborReader({ refs: { resolveRef: (text) => ({ resolved: text }) } });
    expect(resolving.read(bytes)).toEqual({ replyTo: { resolved: 'pekko://sys@h:1/user/a#5' } });
    expect(reader.read(bytes)).toEqual({ replyTo: 'pekko://sys@h:1/user/a#5' });
    expect(referenceDecode(bytes, { tags: new Map([[refTag, (tag) => tag.contents]]) })).toEqual({
      replyTo: 'pekko://sys@h:1/user/a#5',
    });
  });
});

describe('hostile CBOR', () => {
  it('cannot reach a prototype', () => {
    const value = read('a1 695f5f70726f746f5f5f a1 6561646d696e f5') as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect('admin' in value).toBe(false);
    const message = { type: 'x' };
    reader.readFields(message, 'type', Buffer.from('a16474797065617a', 'hex'), 0, 8);
    expect(message).toEqual({ type: 'x' });
  });

  it('with lengths beyond its end is refused without costing memory', () => {
    for (const hex of [
      '',
      '9a7fffffff',
      'ba7fffffff',
      '5a7fffffff',
      '7a7fffffff',
      '9b00ffffffffffffff',
      '7bffffffffffffffff',
      '62 61',
      '5f 42 01',
      '7f 61',
      '9f 01',
      'bf 61 61',
      'bf 6161',
      '19 01',
      'fb 00',
      'c2',
      'a1 61 61',
    ]) {
      expect(
        codeOf(() => read(hex)),
        hex,
      ).toBe('PAYLOAD_MALFORMED');
    }
  });

  it('that is not well-formed is refused', () => {
    for (const hex of [
      '1c',
      '3d',
      '5e',
      '7c',
      '1f',
      '3f',
      'df 00',
      'ff',
      '82 01 ff',
      'f8 18',
      'fc',
      'a1 ff 01',
      '5f 61 61 ff',
      '7f 7f 61 61 ff ff',
      '01 02',
      'd90103 01',
    ]) {
      expect(
        codeOf(() => read(hex)),
        hex,
      ).toBe('PAYLOAD_MALFORMED');
    }
  });

  it('nested too deep is refused, in lists, maps and tags', () => {
    for (const [open, close] of [
      ['81', '00'],
      ['9f', '00'],
      ['a16161', '00'],
      ['c1', '00'],
    ] as const) {
      expect(codeOf(() => read(open.repeat(100_000) + close))).toBe('PAYLOAD_TOO_LARGE');
    }
    expect(codeOf(() => read(`${'81'.repeat(1000)}00`))).toBeUndefined();
  });

  it('of maps in maps with keys of two kinds is read once, not once more for each level', () => {
    const levels = 300;
    let value = read(`${'a26161'.repeat(levels)} 00 ${'0100'.repeat(levels)}`);
    for (let level = 0; level < levels; level++) {
      if (!(value instanceof Map)) throw new Error(`level ${level} is not a map`);
      expect(value.get(1)).toBe(0);
      value = value.get('a');
    }
    expect(value).toBe(0);
  });

  it('may hold more maps beside each other, with other keys than texts, than could stand in each other', () => {
    const maps = read(`9904d2${'a10100'.repeat(1234)}`);
    expect(maps).toEqual(Array(1234).fill(new Map([[1, 0]])));
  });

  it('with a whole number of more than 1000 digits is refused, and not written either', () => {
    const bignum = (bytes: number): string =>
      `c2 59 ${bytes.toString(16).padStart(4, '0')}${'ff'.repeat(bytes)}`;
    expect(read(bignum(416))).toBe(256n ** 416n - 1n);
    expect(codeOf(() => read(bignum(417)))).toBe('PAYLOAD_TOO_LARGE');
    expect(codeOf(() => read(`c4 82 00 ${bignum(60_000)}`))).toBe('PAYLOAD_TOO_LARGE');
    expect(codeOf(() => written({ big: 256n ** 416n }))).toBe('VALUE_NOT_SERIALIZABLE');
  });

  it('of a message whose field names are not texts is refused', () => {
    const bytes = Buffer.from('a2616101 0102', 'hex');
    expect(codeOf(() => reader.readFields({ type: 'x' }, 'type', bytes, 0, bytes.length))).toBe(
      'PAYLOAD_MALFORMED',
    );
  });

  it('of random bytes gives a value or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect([undefined, 'PAYLOAD_MALFORMED', 'PAYLOAD_TOO_LARGE']).toContain(
          codeOf(() => reader.read(bytes)),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('that damages a valid message gives a value or a typed error', () => {
    const bytes = written({
      type: 'a',
      list: [1, 'two', { three: 3.5 }],
      big: 2n ** 70n,
      text: 'x'.repeat(50),
    });
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.nat(255),
        fc.nat(bytes.length),
        (at, byte, length) => {
          const damaged = Buffer.from(bytes);
          damaged[at] = byte;
          expect([undefined, 'PAYLOAD_MALFORMED', 'PAYLOAD_TOO_LARGE']).toContain(
            codeOf(() => reader.read(damaged.subarray(0, length))),
          );
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('a value that cannot cross the wire', () => {
  it('is refused with what it is', () => {
    class Account {
      balance = 1;
    }
    for (const [value, what] of [
      [() => 1, 'a function'],
      [{ a: Symbol('s') }, 'a symbol'],
      [[new Account()], 'an instance of Account'],
      [Promise.resolve(), 'an instance of Promise'],
    ] as const) {
      expect(codeOf(() => written(value))).toBe('VALUE_NOT_SERIALIZABLE');
      expect(() => written(value)).toThrow(what);
    }
  });

  it('is refused when it contains itself', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = [cycle];
    expect(codeOf(() => written(cycle))).toBe('VALUE_NOT_SERIALIZABLE');
    expect(reader.read(written({ fine: true }))).toEqual({ fine: true });
  });
});
