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

  it('takes the same trade twice, and a copy of it each time', () => {
    for (const trade of portfolio) {
      const [first, second] = [parseTrade(trade), parseTrade(trade)];
      expect(first).toEqual({ ok: true, trade });
      expect(second).toEqual(first);
      expect(first.ok && first.trade).not.toBe(trade);
    }
  });
});
