import { describe, expect, it } from 'vitest';
import { csvColumns, csvHeader, parseCsvHeader, parseCsvRow, tradeToCsv } from './csv.ts';
import { instrumentFields } from './trade.ts';

const columns = ['id', 'instrument', 'notional', 'strike', 'startDate', 'maturityDate', 'index'];

describe('csv columns', () => {
  it('hold every field of every instrument once', () => {
    expect(new Set(csvColumns).size).toBe(csvColumns.length);
    for (const fields of Object.values(instrumentFields)) {
      expect(csvColumns).toEqual(expect.arrayContaining([...fields]));
    }
    expect(csvHeader.split(',')).toEqual(csvColumns);
  });
});

describe('parseCsvHeader', () => {
  it('takes known columns in any order', () => {
    expect(parseCsvHeader(['instrument', ' id ', 'notional'])).toEqual({
      ok: true,
      columns: ['instrument', 'id', 'notional'],
    });
  });

  it('names unknown, doubled and missing columns', () => {
    const parsed = parseCsvHeader(['id', 'notionel', 'strike', 'strike']);
    expect(parsed).toMatchObject({
      ok: false,
      problems: [
        { column: 2, message: 'Column 2 "notionel" is unknown: did you mean "notional"?' },
        { column: 4, message: 'Column 4 "strike" is there twice' },
        { message: 'Column "instrument" is missing in the header line' },
      ],
    });
  });
});

describe('parseCsvRow', () => {
  it('makes a trade of the cells that are not empty', () => {
    const cells = ['f1', 'fra', '1e6', '0.05', '2025-09-01', '2025-12-01', ''];
    expect(parseCsvRow(columns, cells)).toEqual({
      ok: true,
      trade: {
        id: 'f1',
        instrument: 'fra',
        notional: 1e6,
        strike: 0.05,
        startDate: '2025-09-01',
        maturityDate: '2025-12-01',
      },
    });
  });

  it.each(['many', 'NaN', '0x10', 'Infinity', '1,000'])(
    'refuses %s as a number, by column',
    (text) => {
      const cells = ['f1', 'fra', text, '0.05', '2025-09-01', '2025-12-01', ''];
      expect(parseCsvRow(columns, cells)).toMatchObject({
        ok: false,
        id: 'f1',
        problems: [{ field: 'notional', column: 3, message: expect.stringContaining(`"${text}"`) }],
      });
    },
  );

  it('refuses a row with more or fewer cells than the header', () => {
    expect(parseCsvRow(columns, ['f1', 'fra'])).toMatchObject({
      ok: false,
      problems: [{ message: 'The row has 2 cells, but the header names 7 columns' }],
    });
  });

  it('refuses a column filled in for another instrument', () => {
    const cells = ['d1', 'deposit', '100', '0.05', '2025-09-01', '2025-12-01', ''];
    expect(parseCsvRow(columns, cells)).toMatchObject({ ok: false });
  });

  it('reads back what is written', () => {
    const trade = {
      id: 'a "quoted", id',
      instrument: 'swap',
      notional: 12_345.678,
      payReceive: 'receiver',
      fixedRate: -0.00125,
      startDate: '2025-06-20',
      tenor: '5Y',
      endOfMonth: true,
    } as const;
    const line = tradeToCsv(trade);
    expect(line.startsWith('"a ""quoted"", id",swap,')).toBe(true);
    const rest = line.slice('"a ""quoted"", id",'.length).split(',');
    expect(parseCsvRow(csvColumns, [trade.id, ...rest])).toEqual({ ok: true, trade });
  });
});
