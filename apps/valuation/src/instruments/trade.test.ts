import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';
import { parseTrade } from './trade.ts';

const swap = {
  id: 's1',
  instrument: 'swap',
  notional: 1_000_000,
  payReceive: 'payer',
  fixedRate: 0.02,
  startDate: '2025-06-20',
  tenor: '5Y',
};
const fra = {
  id: 'f1',
  instrument: 'fra',
  notional: 100,
  strike: 0.05,
  startDate: '2025-09-01',
  maturityDate: '2025-12-01',
};
const option = {
  id: 'o1',
  instrument: 'europeanOption',
  optionType: 'put',
  strike: 40,
  maturityDate: '2026-05-17',
  spot: 36,
  volatility: 0.2,
};

/** Code and field of each problem, and the first message. */
function problems(input: unknown) {
  const parsed = parseTrade(input);
  if (parsed.ok) return { list: [], message: '' };
  return {
    list: parsed.problems.map(({ code, field }) => [code, field]),
    message: parsed.problems[0]?.message ?? '',
  };
}

describe('parseTrade', () => {
  it('takes a good trade of each kind as it is', () => {
    const deposit = { ...fra, instrument: 'deposit', rate: 0.02, strike: undefined };
    const { strike: _, ...lent } = deposit;
    for (const trade of [swap, fra, lent, option, { ...option, instrument: 'americanOption' }]) {
      expect(parseTrade(trade)).toEqual({ ok: true, trade });
    }
  });

  it.each([undefined, null, 5, 'text', [swap]])('refuses %j, which is no object', (input) => {
    expect(problems(input).list).toEqual([['TRADE_NOT_AN_OBJECT', undefined]]);
  });

  it('refuses an unknown instrument and names the nearest right one', () => {
    const { list, message } = problems({ ...swap, instrument: 'swpa' });
    expect(list).toEqual([['INSTRUMENT_UNKNOWN', 'instrument']]);
    expect(message).toBe('Instrument "swpa" is unknown: did you mean "swap"?');
  });

  it('refuses names that every object inherits', () => {
    expect(problems({ ...swap, instrument: 'constructor' }).list[0]?.[0]).toBe(
      'INSTRUMENT_UNKNOWN',
    );
    expect(problems({ ...swap, instrument: '__proto__' }).list[0]?.[0]).toBe('INSTRUMENT_UNKNOWN');
  });

  it('refuses a missing instrument', () => {
    const { message } = problems({ id: 'x' });
    expect(message).toContain('Field "instrument" is missing: give one of fra, deposit, swap');
  });

  it('refuses an unknown field and names the nearest right one', () => {
    const { list, message } = problems({ ...swap, notionel: 5 });
    expect(list).toEqual([['FIELD_UNKNOWN', 'notionel']]);
    expect(message).toContain('did you mean "notional"?');
  });

  it('names a missing field', () => {
    const { fixedRate: _, ...rest } = swap;
    const { list, message } = problems(rest);
    expect(list).toEqual([['FIELD_MISSING', 'fixedRate']]);
    expect(message).toBe('Field "fixedRate" is missing in this swap');
  });

  it('refuses a maturity before the start', () => {
    const { list, message } = problems({ ...fra, maturityDate: '2025-08-01' });
    expect(list).toEqual([['FIELD_INVALID', 'maturityDate']]);
    expect(message).toContain('must be after startDate "2025-09-01"');
  });

  it('wants a maturity or a tenor, not both', () => {
    expect(problems({ ...swap, maturityDate: '2030-06-20' }).list).toEqual([
      ['FIELD_INVALID', 'tenor'],
    ]);
    const { tenor: _, ...rest } = swap;
    expect(problems(rest).list).toEqual([['FIELD_MISSING', 'maturityDate']]);
  });

  it.each([
    ['notional', Number.NaN],
    ['notional', Number.POSITIVE_INFINITY],
    ['notional', 0],
    ['notional', -5],
    ['notional', 1e18],
    ['notional', '1000000'],
    ['fixedRate', 2.5],
    ['startDate', '2025-02-30'],
    ['startDate', '20-06-2025'],
    ['startDate', '1850-01-01'],
    ['startDate', '2300-01-01'],
    ['tenor', '5 years'],
    ['tenor', '900Y'],
    ['tenor', '0M'],
    ['payReceive', 'pay'],
    ['calendar', 'MARS'],
    ['id', ''],
    ['firstDate', '2024-01-01'],
  ])('refuses %s of %j', (field, value) => {
    expect(problems({ ...swap, [field]: value }).list).toEqual([['FIELD_INVALID', field]]);
  });

  it.each([
    ['volatility', -0.2],
    ['volatility', 0],
    ['volatility', 20],
    ['spot', 0],
    ['strike', -1],
    ['quantity', 0],
    ['steps', 1.5],
    ['engine', 'fortune'],
  ])('refuses an option whose %s is %j', (field, value) => {
    expect(problems({ ...option, [field]: value }).list).toEqual([['FIELD_INVALID', field]]);
  });

  it('tells every mistake of a trade at once', () => {
    const { list } = problems({ ...option, spot: Number.NaN, volatility: -1, colour: 'red' });
    expect(list).toEqual([
      ['FIELD_INVALID', 'spot'],
      ['FIELD_INVALID', 'volatility'],
      ['FIELD_UNKNOWN', 'colour'],
    ]);
  });

  it('says what a rate in per cent should have been', () => {
    expect(problems({ ...swap, fixedRate: 2 }).message).toBe(
      'Field "fixedRate" is 2: must be a fraction, not per cent: at most 1',
    );
  });

  it('cuts a long value short in its message', () => {
    expect(problems({ ...swap, payReceive: 'x'.repeat(5_000) }).message.length).toBeLessThan(200);
  });
});

describe('nearestName', () => {
  it('finds a slip of the hand and stays silent otherwise', () => {
    expect(nearestName('modifiedfollowing', ['Following', 'ModifiedFollowing'])).toBe(
      'ModifiedFollowing',
    );
    expect(nearestName('banana', ['NPV', 'ParRate'])).toBeUndefined();
  });

  it('counts single edits', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });
});

it.each([
  [{ steps: 1 }, 'Field "steps" is 1: must be at least 2'],
  [{ steps: 1.5 }, 'Field "steps" is 1.5: must be a whole number'],
  [{ id: '' }, 'Field "id" is "": must have at least 1 character'],
  [{ id: 5 }, 'Field "id" is 5: must be text'],
  [{ spot: -1 }, 'Field "spot" is -1: must be above 0'],
  [{ optionType: 7 }, 'Field "optionType" is 7: must be one of call, put'],
])('a field that cannot be is refused in plain words: %j', (field, message) => {
  const option = {
    id: 'a',
    instrument: 'europeanOption',
    optionType: 'call',
    strike: 100,
    spot: 100,
    volatility: 0.2,
    maturityDate: '2027-06-01',
  };
  const parsed = parseTrade({ ...option, ...field });
  expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.message)).toEqual([message]);
});
