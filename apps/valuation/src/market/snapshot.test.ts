import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  movableNodes,
  movableQuotes,
  withNodeZeroShift,
  withParallelZeroShift,
  withQuoteShift,
} from './bumps.ts';
import { bundledSnapshot, bundledSnapshotNames } from './bundled-snapshots.ts';
import { yearFraction } from './day-count.ts';
import { discountOn } from './discount-curve.ts';
import { MarketError } from './errors.ts';
import { prepareSnapshot } from './prepared-market.ts';
import { forwardRate } from './rate-index.ts';
import { parseDate } from './serial-date.ts';
import { parseSnapshot } from './snapshot.ts';

const nodes = [
  { date: '2025-06-18', discount: 1 },
  { date: '2026-06-18', discount: 0.98 },
  { date: '2030-06-18', discount: 0.89 },
];
const base = {
  name: 'test',
  evaluationDate: '2025-06-18',
  discountCurve: 'EUR',
  curves: { EUR: { type: 'nodes', dayCount: 'Act/365F', nodes } },
};

/** The error of a snapshot that must not be taken. */
function refused(input: unknown): MarketError {
  try {
    prepareSnapshot(parseSnapshot(input));
  } catch (error) {
    if (error instanceof MarketError) return error;
    throw error;
  }
  throw new Error('the snapshot was taken');
}

const many = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, value]));

function withCurve(curve: object) {
  return { ...base, curves: { EUR: curve } };
}

describe('snapshots', () => {
  it.each(bundledSnapshotNames)('bundled as %s pass their own check', (name) => {
    const snapshot = bundledSnapshot(name);
    expect(parseSnapshot(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
    expect(prepareSnapshot(parseSnapshot(snapshot)).name).toBe(name);
  });

  it('do not answer to inherited names', () => {
    expect(bundledSnapshot('constructor')).toBeUndefined();
  });

  it.each([
    ['evaluationDate', { ...base, evaluationDate: '2025-02-31' }],
    ['discountCurve', { ...base, discountCurve: 'EURO' }],
    [
      'curves.EUR.nodes.1.discount',
      withCurve({
        ...base.curves.EUR,
        nodes: [nodes[0], { date: '2026-06-18', discount: Number.NaN }],
      }),
    ],
    [
      'curves.EUR.nodes.1.discount',
      withCurve({ ...base.curves.EUR, nodes: [nodes[0], { date: '2026-06-18', discount: -1 }] }),
    ],
    ['curves.EUR.nodes', withCurve({ ...base.curves.EUR, nodes: [nodes[0], nodes[2], nodes[1]] })],
    [
      'curves.EUR.nodes',
      withCurve({ ...base.curves.EUR, nodes: [{ date: '2025-06-18', discount: 0.5 }, nodes[1]] }),
    ],
    [
      'curves.EUR.nodes',
      withCurve({ ...base.curves.EUR, nodes: [{ date: '2020-06-18', discount: 1 }, nodes[1]] }),
    ],
    ['curves.EUR.nodes', withCurve({ ...base.curves.EUR, nodes: [nodes[0]] })],
    ['curves.EUR.rate', withCurve({ type: 'flat', dayCount: 'Act/360', rate: 9 })],
    [
      'curves.EUR.frequency',
      withCurve({
        type: 'flat',
        dayCount: 'Act/360',
        rate: 0.02,
        compounding: 'Compounded',
        frequency: 'Once',
      }),
    ],
    ['indexes.Libor3M', { ...base, indexes: { Libor3M: { tenor: '3M' } } }],
    ['indexes.Euribor3M.curve', { ...base, indexes: { Euribor3M: { curve: 'EURO' } } }],
    [
      'indexes.Euribor3M.fixings.2025-06-01',
      { ...base, indexes: { Euribor3M: { fixings: { '2025-06-01': 3 } } } },
    ],
    ['underlyings.X.volatility', { ...base, underlyings: { X: { spot: 1, volatility: -0.2 } } }],
    ['underlyings.X.spot', { ...base, underlyings: { X: { spot: Number.NaN, volatility: 0.2 } } }],
  ])('are refused with the place of the mistake: %s', (field, input) => {
    const error = refused(input);
    expect(error.code).toBe('SNAPSHOT_INVALID');
    expect(error.problems.map((problem) => problem.field)).toContain(field);
    expect(error.message).toContain(field);
  });

  it.each([
    ['curves', '201 curves and 200', { curves: many(201, base.curves.EUR) }],
    [
      'curves',
      '22000 nodes on all curves and 20000',
      { curves: many(11, { ...base.curves.EUR, nodes: new Array(2000).fill(nodes[0]) }) },
    ],
    [
      'curves',
      '2001 quotes on all curves and 2000',
      { curves: many(87, { type: 'bootstrapped', quotes: new Array(23).fill({}) }) },
    ],
    ['indexes', '201 indexes and 200', { indexes: many(201, {}) }],
    ['indexes', '10001 fixings of all indexes', { indexes: { X: { fixings: many(10_001, 1) } } }],
    ['underlyings', '1001 underlyings and 1000', { underlyings: many(1001, {}) }],
  ])('are refused by their size alone: %s with %s', (field, text, change) => {
    const error = refused({ ...base, ...change });
    expect(error.code).toBe('SNAPSHOT_INVALID');
    expect(error.problems.map((problem) => problem.field)).toEqual([field]);
    expect(error.message).toContain(text);
  });

  it('list a hundred problems at most', () => {
    const curves = many(150, { type: 'flat', dayCount: 'Act/360', rate: 9 });
    expect(refused({ ...base, curves }).problems).toHaveLength(100);
  });

  it('name the curve that was meant', () => {
    expect(refused({ ...base, discountCurve: 'EU' }).message).toContain('did you mean "EUR"?');
  });

  it('fill in the node on the reference date', () => {
    const market = prepareSnapshot(
      parseSnapshot(withCurve({ ...base.curves.EUR, nodes: nodes.slice(1) })),
    );
    expect(discountOn(market.discountCurve, market.referenceDate)).toBe(1);
    expect(discountOn(market.discountCurve, parseDate('2026-06-18'))).toBeCloseTo(0.98, 14);
  });
});

describe('curves', () => {
  it('end at the last node unless told to extrapolate', () => {
    const after = parseDate('2031-06-18');
    const ends = prepareSnapshot(parseSnapshot(base)).discountCurve;
    expect(discountOn(ends, after)).toBeNaN();
    expect(discountOn(ends, ends.referenceDate - 1)).toBeNaN();
    const goesOn = prepareSnapshot(
      parseSnapshot(withCurve({ ...base.curves.EUR, extrapolate: true })),
    );
    const slope = Math.log(0.98 / 0.89) / (parseDate('2030-06-18') - parseDate('2026-06-18'));
    const expected = 0.89 * Math.exp(-slope * (after - parseDate('2030-06-18')));
    expect(discountOn(goesOn.discountCurve, after)).toBeCloseTo(expected, 13);
  });

  it('move by a shift of all zero rates, node by node or at once', () => {
    const market = prepareSnapshot(parseSnapshot(base));
    const date = parseDate('2028-01-15');
    const time = yearFraction(1, market.referenceDate, date);
    const moved = discountOn(withParallelZeroShift(market, 0.001).discountCurve, date);
    expect(moved).toBeCloseTo(discountOn(market.discountCurve, date) * Math.exp(-0.001 * time), 14);
    const each = movableNodes(market).reduce(
      (one, node) => withNodeZeroShift(one, node, 0.001),
      market,
    );
    expect(discountOn(each.discountCurve, date)).toBeCloseTo(moved, 12);
  });
});

describe('bootstrapped curves', () => {
  const rate = fc.double({ min: -0.01, max: 0.12, noNaN: true });
  const markets = fc.record({
    deposits: fc.tuple(rate, rate),
    fra: rate,
    swaps: fc.tuple(rate, rate, rate),
  });

  function bootstrapped({
    deposits,
    fra,
    swaps,
  }: {
    deposits: number[];
    fra: number;
    swaps: number[];
  }) {
    const quotes = [
      { type: 'deposit', tenor: '1M', rate: deposits[0] },
      { type: 'deposit', tenor: '3M', rate: deposits[1] },
      { type: 'fra', monthsToStart: 3, monthsToEnd: 6, rate: fra },
      { type: 'swap', tenor: '2Y', rate: swaps[0] },
      { type: 'swap', tenor: '5Y', rate: (swaps[0] as number) + 0.1 * (swaps[1] as number) },
      { type: 'swap', tenor: '10Y', rate: (swaps[0] as number) + 0.1 * (swaps[2] as number) },
    ];
    const referenceDate = '2025-06-20';
    return prepareSnapshot(
      parseSnapshot({
        ...base,
        referenceDate,
        curves: { EUR: { type: 'bootstrapped', dayCount: 'Act/365F', quotes } },
      }),
    );
  }

  it('reprice the deposits and FRAs they are made of', () => {
    fc.assert(
      fc.property(markets, (quotes) => {
        const market = bootstrapped(quotes);
        const index = market.indexes.get('Euribor3M');
        if (index === undefined) throw new Error('Euribor3M is there');
        const spot = parseDate('2025-06-20');
        const threeMonths = parseDate('2025-09-22');
        expect(forwardRate(index, spot, threeMonths)).toBeCloseTo(quotes.deposits[1], 11);
        const end = parseDate('2025-12-22');
        expect(forwardRate(index, threeMonths, end)).toBeCloseTo(quotes.fra, 11);
      }),
    );
  });

  it('move with their quotes, all or one', () => {
    const market = bootstrapped({
      deposits: [0.02, 0.021],
      fra: 0.022,
      swaps: [0.024, 0.01, 0.02],
    });
    const far = parseDate('2035-06-20');
    const all = withQuoteShift(market, 1e-4);
    expect(discountOn(all.discountCurve, far)).toBeLessThan(discountOn(market.discountCurve, far));
    const [last] = movableQuotes(market).slice(-1);
    const one = withQuoteShift(market, 1e-4, last);
    const near = parseDate('2027-06-21');
    expect(discountOn(one.discountCurve, near)).toBe(discountOn(market.discountCurve, near));
    expect(discountOn(one.discountCurve, far)).toBeLessThan(discountOn(market.discountCurve, far));
  });

  it('refuse two quotes that end on one day, by name', () => {
    const quotes = [
      { type: 'deposit', tenor: '3M', rate: 0.02 },
      { type: 'deposit', tenor: '3M', rate: 0.021 },
    ];
    const error = refused({
      ...base,
      curves: { EUR: { type: 'bootstrapped', dayCount: 'Act/365F', quotes } },
    });
    expect(error.message).toContain('deposit 3M ends on 2025-09-22, no later than deposit 3M');
  });

  it('refuse an index that is not there', () => {
    const quotes = [{ type: 'swap', tenor: '5Y', rate: 0.02, index: 'Libor6M' }];
    const error = refused({
      ...base,
      curves: { EUR: { type: 'bootstrapped', dayCount: 'Act/365F', quotes } },
    });
    expect(error.message).toContain('Index "Libor6M" is not there');
  });

  it('say which quote no discount factor can reprice', () => {
    const quotes = [
      { type: 'deposit', tenor: '6M', rate: 0.02 },
      { type: 'swap', tenor: '1Y', rate: 0.02 },
      { type: 'swap', tenor: '30Y', rate: -1 },
    ];
    const error = refused({
      ...base,
      curves: { EUR: { type: 'bootstrapped', dayCount: 'Act/365F', quotes } },
    });
    expect(error.code).toBe('CURVE_NOT_BUILT');
    expect(error.message).toContain('swap 30Y');
  });
});

describe('a snapshot that cannot be used', () => {
  const flat = { type: 'flat', dayCount: 'Act/365F', rate: 0.02 };

  it.each([
    [{ discountCurve: undefined }, 'discountCurve', 'is missing'],
    [{ curves: 5 }, 'curves', 'must be an object with fields'],
    [{ colour: 'red' }, 'colour', 'is unknown'],
    [{ curves: { EUR: { ...flat, type: 'x' } } }, 'curves.EUR.type', /^must be one of nodes, flat/],
    [{ curves: { EUR: { ...flat, dayCount: 5 } } }, 'curves.EUR.dayCount', /^must be one of Act/],
    [{ curves: { EUR: { ...flat, rate: '2 %' } } }, 'curves.EUR.rate', 'must be a number'],
    [
      { curves: { EUR: { type: 'nodes', dayCount: 'Act/360', nodes: [] } } },
      'curves.EUR.nodes',
      'must have at least 1 item',
    ],
    [
      { underlyings: { A: { spot: -1, volatility: 0.2 } } },
      'underlyings.A.spot',
      'must be above 0',
    ],
  ])('says so in plain words: %j', (part, field, message) => {
    const error = refused({ ...base, curves: { EUR: flat }, ...part });
    expect(error.fields.problems).toContainEqual({
      field,
      message: expect.stringMatching(message),
    });
    expect(error.message).not.toMatch(/expected|received/i);
  });
});
