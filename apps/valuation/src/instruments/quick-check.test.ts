import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatePortfolio } from '../pricing/index.ts';
import { instrumentFields, instrumentNames, parseTrade, tradeSchema } from './trade.ts';

const portfolio = [...generatePortfolio({ trades: 300, seed: 11 })];

const words = fc.constantFrom<unknown>(
  '2026-06-01',
  '2026-09-01',
  '2026-02-30',
  '6M',
  '0M',
  '101Y',
  'Euribor6M',
  'TARGET',
  'Act/360',
  'payer',
  'call',
  'Quarterly',
  '',
  'x'.repeat(200),
  0,
  -1,
  0.02,
  5,
  1e13,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  true,
  false,
  null,
  undefined,
  [],
  {},
);

const names = fc.constantFrom(
  ...new Set(instrumentNames.flatMap((name) => instrumentFields[name])),
  'unknown',
  'toString',
  '__proto__',
);

/** Trades that are right, and such with a few fields changed, added or taken away. */
const inputs = fc
  .tuple(fc.constantFrom(...portfolio), fc.array(fc.tuple(names, words), { maxLength: 4 }))
  .map(([trade, changes]) => {
    const entries = new Map<string, unknown>(Object.entries(trade));
    for (const [name, value] of changes) entries.set(name, value);
    return Object.fromEntries(entries);
  });

describe('the check of a trade', () => {
  it('takes exactly what the schema takes, and gives the same trade', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const parsed = parseTrade(input);
        const whole = tradeSchema.safeParse(input);
        expect(parsed.ok).toBe(whole.success);
        if (parsed.ok && whole.success) expect(parsed.trade).toEqual(whole.data);
      }),
      { numRuns: 5000 },
    );
  });

  it('takes the same trade twice', () => {
    for (const trade of portfolio) {
      expect(parseTrade(trade)).toEqual({ ok: true, trade });
      expect(parseTrade(trade)).toEqual({ ok: true, trade });
    }
  });

  it('refuses what lies beyond a bound, however much below it was taken before', () => {
    const [trade] = generatePortfolio({ trades: 1, seed: 1, instruments: ['deposit'] });
    for (let i = 1; i <= 100; i++) {
      expect(parseTrade({ ...trade, notional: i * 1000, id: 'x'.repeat(i) }).ok).toBe(true);
    }
    for (const notional of [0, -1, 1e300, Number.NaN, Number.POSITIVE_INFINITY, '5000', null]) {
      expect(parseTrade({ ...trade, notional }).ok).toBe(false);
    }
    for (const id of ['', 'x'.repeat(129), 7, ['x']]) {
      expect(parseTrade({ ...trade, id }).ok).toBe(false);
    }
  });
});
