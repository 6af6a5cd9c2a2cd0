import { describe, expect, it } from 'vitest';
import { withNodeZeroShift } from './bumps.ts';
import { dayTables } from './day-tables.ts';
import { discountOn, flatCurve } from './discount-curve.ts';
import { prepareSnapshot } from './prepared-market.ts';
import { parseSnapshot } from './snapshot.ts';

const referenceDate = 45_000;
const flat = () =>
  flatCurve({
    name: 'flat',
    dayCount: 0,
    referenceDate,
    rate: 0.04,
    compounding: 'Continuous',
    periodsPerYear: 1,
  });

const curve = { type: 'flat', dayCount: 'Act/360', rate: 0.04 };
const wide = parseSnapshot({
  name: 'wide',
  evaluationDate: '2025-06-18',
  discountCurve: 'c0',
  curves: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`c${i}`, curve])),
});

describe('the table of a curve', () => {
  it('comes with the first day that is asked for, for that curve alone', () => {
    const before = dayTables();
    const market = prepareSnapshot(wide);
    const moved = withNodeZeroShift(market, { curve: 'c0', node: 0, date: 0 }, 0.01);
    expect(dayTables()).toEqual(before);
    discountOn(moved.discountCurve, market.referenceDate + 30);
    expect(dayTables().tables).toBe(before.tables + 1);
    expect([...market.curves.values()].every(({ table }) => table.length === 0)).toBe(true);
  });

  it('grows with the days asked for and keeps what it knew, as far as the curve goes', () => {
    const one = flat();
    const near = discountOn(one, referenceDate + 10);
    const small = one.table.length;
    expect(small).toBeLessThan(5000);
    expect(discountOn(one, referenceDate + 20_000)).toBeLessThan(near);
    expect(one.table.length).toBeGreaterThan(20_000);
    expect(one.table[10]).toBe(near);
    discountOn(one, one.lastDate);
    const whole = one.table.length;
    expect(whole).toBe(one.lastDate - referenceDate + 1);
    for (const day of [one.lastDate + 1, referenceDate - 1, Number.NaN]) {
      expect(discountOn(one, day)).toBeNaN();
    }
    expect(one.table.length).toBe(whole);
  });

  it('goes to make room for others, and the curve says the same as before', () => {
    const first = flat();
    const known = discountOn(first, first.lastDate);
    let most = 0;
    for (let i = 0; i < 300; i++) {
      discountOn(flat(), first.lastDate);
      most = Math.max(most, dayTables().bytes);
    }
    expect(most).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(most).toBeGreaterThan(60 * 1024 * 1024);
    expect(first.table).toHaveLength(0);
    expect(discountOn(first, first.lastDate)).toBe(known);
  });
});
