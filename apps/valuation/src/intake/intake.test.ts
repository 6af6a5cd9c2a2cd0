import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IntakeFormat, openIntake } from './intake.ts';
import { type IntakeBatch, IntakeError, type RowProblem } from './row-problem.ts';

const fra = {
  id: 'fra-1',
  instrument: 'fra',
  notional: 1_000_000,
  strike: 0.03,
  startDate: '2026-06-01',
  maturityDate: '2026-09-01',
};
const deposit = {
  id: 'depo-1',
  instrument: 'deposit',
  notional: 500_000,
  rate: 0.02,
  startDate: '2026-01-20',
  tenor: '6M',
};

async function read(
  format: IntakeFormat,
  text: string | Uint8Array,
  sizes: readonly number[] = [],
) {
  const bytes = Buffer.from(text);
  const intake = openIntake(format);
  const batches: IntakeBatch[] = [];
  let from = 0;
  for (const size of sizes) {
    batches.push(await intake.push(bytes.subarray(from, from + size)));
    from = Math.min(from + size, bytes.length);
  }
  batches.push(await intake.push(bytes.subarray(from)));
  batches.push(await intake.end());
  const lines = Buffer.concat(batches.map((batch) => batch.lines)).toString('utf8');
  const trades = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(batches.reduce((sum, batch) => sum + batch.trades, 0)).toBe(trades.length);
  return { trades, rejected: batches.flatMap((batch) => batch.rejected), fields: intake.fields };
}

const failureOf = async (reading: Promise<unknown>): Promise<IntakeError> => {
  try {
    await reading;
  } catch (error) {
    if (error instanceof IntakeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('reading an upload', () => {
  it('passes good NDJSON trades on and lists bad rows with field and reason', async () => {
    const text = [fra, { ...fra, id: 'bad', strike: 'five' }, deposit]
      .map((t) => JSON.stringify(t))
      .join('\n');
    const { trades, rejected } = await read('ndjson', text);
    expect(trades).toEqual([fra, deposit]);
    expect(rejected).toMatchObject([{ row: 2, id: 'bad', field: 'strike', code: 'FIELD_INVALID' }]);
  });

  it('counts a line that is not JSON as a bad row and goes on', async () => {
    const { trades, rejected } = await read('ndjson', `{"id":\n${JSON.stringify(fra)}\n`);
    expect(trades).toEqual([fra]);
    expect(rejected.map((problem: RowProblem) => [problem.row, problem.code])).toEqual([
      [1, 'ROW_NOT_JSON'],
    ]);
  });

  it('reads JSON arrays, pretty-printed ones too', async () => {
    const { trades } = await read('json', JSON.stringify([fra, deposit], undefined, 2));
    expect(trades).toEqual([fra, deposit]);
  });

  it('gives the fields before the trades of a JSON object', async () => {
    const { fields, trades } = await read(
      'json',
      JSON.stringify({ metric: 'ParRate', trades: [fra] }),
    );
    expect(fields).toMatchObject({ metric: 'ParRate' });
    expect(trades).toEqual([fra]);
  });

  it('refuses fields that come after the trades, which were read already', async () => {
    const error = await failureOf(read('json', '{"trades":[],"metric":"NPV"}'));
    expect(error.message).toContain('"metric" comes after the trades');
  });

  it('reads CSV with quotes, Windows line ends and a byte order mark', async () => {
    const text =
      '\uFEFFid,instrument,notional,strike,startDate,maturityDate\r\n"fra-1",fra,1000000,0.03,2026-06-01,2026-09-01\r\n';
    expect((await read('csv', text)).trades).toEqual([fra]);
  });

  it('names row and column of a bad CSV value', async () => {
    const text =
      'id,instrument,notional,strike,startDate,maturityDate\nok,fra,1000000,0.03,2026-06-01,2026-09-01\nbad,fra,much,0.03,2026-06-01,2026-09-01\n';
    const { trades, rejected } = await read('csv', text);
    expect(trades).toHaveLength(1);
    expect(rejected).toMatchObject([{ row: 2, id: 'bad', field: 'notional' }]);
  });

  it('refuses a CSV header with an unknown column and names the nearest right one', async () => {
    const error = await failureOf(read('csv', 'id,instrument,notionel\nx,fra,1\n'));
    expect(error.code).toBe('UPLOAD_CSV_HEADER');
    expect(error.message).toContain('notional');
  });

  it('says that a quote was never closed, and does not drop the row in silence', async () => {
    const text = 'id,instrument\n"fra-1,fra\n';
    const error = await failureOf(read('csv', text));
    expect([error.code, error.row]).toEqual(['UPLOAD_CSV_MALFORMED', 1]);
  });

  it('names the line of the upload where a quote stands wrong, wherever the parser took over', async () => {
    const header = 'id,instrument,notional,strike,startDate,maturityDate\n';
    const row = 'a,fra,1000000,0.03,2026-06-01,2026-09-01\n';
    const wrong = 'b"c,fra,1000000,0.03,2026-06-01,2026-09-01\n';
    for (const before of [0, 1, 3]) {
      const plain = header + row.repeat(before);
      const error = await failureOf(read('csv', plain + wrong, [plain.length]));
      expect([error.code, error.row]).toEqual(['UPLOAD_CSV_MALFORMED', before + 1]);
      expect(error.message).toContain(`at line ${before + 2}`);
    }
  });

  it('gives the same rows of a CSV however it is written and however its bytes arrive', async () => {
    const trades = [fra, deposit, { ...fra, id: 'ü – 漢' }, { ...deposit, id: 'd2' }];
    const columns = 'id,instrument,notional,strike,rate,startDate,maturityDate,tenor'.split(',');
    const written = (cell: (text: string) => string, lineEnd: string): string => {
      const rows = trades.map((trade) =>
        columns.map((name) => cell(String((trade as Record<string, unknown>)[name] ?? ''))),
      );
      return [columns, ...rows].map((cells) => cells.join(',') + lineEnd).join('');
    };
    const plain = (text: string): string => text;
    const texts = [
      written(plain, '\n'),
      written(plain, '\r\n'),
      written(plain, '\r'),
      written((text) => `"${text}"`, '\n'),
      written((text) => (text.startsWith('d') ? `"${text}"` : text), '\r\n'),
      `\uFEFF${written(plain, '\n\n')}`,
      written(plain, '\n').trimEnd(),
    ];
    const sizes = fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.constantFrom(...texts), async (pieces, text) => {
        const { trades: found, rejected } = await read('csv', text, pieces);
        expect(rejected).toEqual([]);
        expect(found).toEqual(trades);
      }),
    );
  });

  it('says where each trade ends, what kind it is and which snapshots are named', async () => {
    const option = {
      id: 'o',
      instrument: 'europeanOption',
      optionType: 'call',
      underlying: 'ALPHA',
      strike: 100,
      maturityDate: '2027-01-20',
      engine: 'crr',
      snapshot: 'close',
    };
    const trades = [fra, { ...fra, id: 'ü' }, { ...fra, notional: -1 }, option, deposit];
    for (const text of [JSON.stringify(trades), JSON.stringify(trades, undefined, 2)]) {
      const intake = openIntake('json');
      const batch = await intake.push(Buffer.from(text));
      const starts = [0, ...batch.ends];
      const lines = [...batch.ends].map((end, i) =>
        Buffer.from(batch.lines.subarray(starts[i], end)).toString('utf8'),
      );
      const good = trades.filter(({ id }, i) => i !== 2 && id !== undefined);
      expect(lines.map((line) => JSON.parse(line))).toEqual(good);
      expect(lines.every((line) => line.endsWith('\n'))).toBe(true);
      expect([...batch.kinds].map((kind) => batch.kindNames[kind])).toEqual([
        'fra',
        'fra',
        'europeanOption crr',
        'deposit',
      ]);
      expect(batch.snapshots).toEqual(['close']);
    }
  });

  it('begins each batch anew and keeps the numbers of kinds', async () => {
    const intake = openIntake('ndjson');
    const first = await intake.push(Buffer.from(`${JSON.stringify(fra)}\n`));
    const second = await intake.push(Buffer.from(`${JSON.stringify(deposit)}\n`));
    expect([...first.ends]).toEqual([first.lines.length]);
    expect([...second.ends]).toEqual([second.lines.length]);
    expect([first.kindNames, [...second.kinds], second.kindNames]).toEqual([
      ['fra'],
      [1],
      ['fra', 'deposit'],
    ]);
  });

  it('refuses a row whose bytes are not UTF-8, and takes the others, however the bytes arrive', async () => {
    const rows = [fra, { ...fra, id: 'Z\u00fcrich' }, { ...fra, id: 'what \uFFFD stands for' }];
    const broken = (text: string): Buffer => {
      const at = text.indexOf('\u00fc');
      const bytes = [
        Buffer.from(text.slice(0, at)),
        Buffer.from([0xfc]),
        Buffer.from(text.slice(at + 1)),
      ];
      return Buffer.concat(bytes);
    };
    const columns = 'id,instrument,notional,strike,startDate,maturityDate';
    const cells = (trade: object): string => Object.values(trade).join(',');
    const json = rows.map((trade) => JSON.stringify(trade));
    const csv = [columns, ...rows.slice(0, 2).map(cells)];
    const uploads: readonly (readonly [IntakeFormat, Buffer, readonly object[]])[] = [
      ['ndjson', broken(json.join('\n')), [rows[0] ?? {}, rows[2] ?? {}]],
      ['json', broken(`[${json.join(',')}]`), [rows[0] ?? {}, rows[2] ?? {}]],
      ['csv', broken(csv.join('\n')), [rows[0] ?? {}]],
      ['csv', broken(csv.join('\n').replaceAll('fra,', '"fra",')), [rows[0] ?? {}]],
    ];
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.constantFrom(...uploads),
        async (pieces, [format, bytes, good]) => {
          const { trades, rejected } = await read(format, bytes, pieces);
          expect(trades).toEqual(good);
          expect(rejected).toMatchObject([{ row: 2, code: 'ROW_NOT_UTF8' }]);
          expect(rejected[0]?.message).toMatch(/olumn \d+.*UTF-8/);
        },
      ),
    );
  });

  it('refuses fields and headers whose bytes are not UTF-8', async () => {
    const fields = Buffer.from('{"name":"Z\u00fcrich","trades":[]}', 'latin1');
    expect((await failureOf(read('json', fields))).message).toContain('not UTF-8');
    const header = Buffer.from('id,instrument,w\u00e4hrung\na,fra,EUR\n', 'latin1');
    expect((await failureOf(read('csv', header))).message).toContain('not UTF-8');
    const utf16 = Buffer.from('\uFEFFid,instrument\na,fra\n', 'utf16le');
    expect((await failureOf(read('csv', utf16))).code).toBe('UPLOAD_CSV_HEADER');
  });

  it('takes files with a byte order mark, Windows line ends and blank lines', async () => {
    const mark = '\uFEFF';
    const json = JSON.stringify(fra);
    const texts: readonly (readonly [IntakeFormat, string])[] = [
      ['ndjson', `${mark}${json}`],
      ['ndjson', `${mark}\r\n\r\n${json}\r\n \t\r\n\r\n`],
      ['ndjson', `\n${json}\n  \n\n`],
      ['json', `${mark}[${json}]\r\n`],
      ['json', `${mark}\r\n{"metric": "NPV", "trades": [${json}]}`],
      [
        'csv',
        `${mark}id,instrument,notional,strike,startDate,maturityDate\r\n \r\n${Object.values(fra).join(',')}\r\n\t\r\n`,
      ],
    ];
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.constantFrom(...texts), async (pieces, [format, text]) => {
        const { trades, rejected } = await read(format, text, pieces);
        expect(rejected).toEqual([]);
        expect(trades).toEqual([fra]);
      }),
    );
  });

  it('finds no trades and no mistakes in nothing but blanks', async () => {
    for (const text of ['', '\n', '\r\n', ' \t \n\n', '\uFEFF', '\uFEFF\n']) {
      expect(await read('ndjson', text)).toMatchObject({ trades: [], rejected: [] });
      expect((await failureOf(read('csv', text))).message).toBe(
        'The CSV upload is empty: begin with a header line',
      );
      expect((await failureOf(read('json', text))).code).toBe('UPLOAD_JSON_MALFORMED');
    }
  });

  it('gives names of what it refuses as they were given', async () => {
    const rows = [
      { id: 7, instrument: 'swaptoin' },
      { id: 'b', instrument: 'fra' },
      { id: null, instrument: ['fra'] },
      { instrument: 'x'.repeat(500) },
    ];
    const { rejected } = await read('ndjson', rows.map((row) => JSON.stringify(row)).join('\n'));
    const named = new Map(rejected.map(({ row, id, instrument }) => [row, [id, instrument]]));
    expect([...named.values()]).toEqual([
      ['7', 'swaptoin'],
      ['b', 'fra'],
      [undefined, undefined],
      [undefined, 'x'.repeat(128)],
    ]);
    const csv = await read('csv', 'id,instrument\na,swaption\n');
    expect(csv.rejected).toMatchObject([{ id: 'a', instrument: 'swaption' }]);
  });

  it('refuses an empty CSV', async () => {
    expect((await failureOf(read('csv', ''))).code).toBe('UPLOAD_CSV_HEADER');
  });

  it('refuses a line of ten megabytes without holding it', async () => {
    const huge = Buffer.alloc(10 * 1024 * 1024, 0x61);
    const pieces = Array.from({ length: 160 }, () => 65_536);
    for (const format of ['ndjson', 'csv'] as const) {
      expect((await failureOf(read(format, huge, pieces))).code).toBe('UPLOAD_LINE_TOO_LONG');
    }
  });

  it('gives the same trades however the bytes arrive', async () => {
    const trades = [fra, deposit, { ...fra, id: 'ü – 漢' }];
    const texts: readonly (readonly [IntakeFormat, string])[] = [
      ['ndjson', trades.map((trade) => JSON.stringify(trade)).join('\n')],
      ['json', JSON.stringify({ metric: 'NPV', trades })],
    ];
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.constantFrom(...texts), async (pieces, [format, text]) => {
        expect((await read(format, text, pieces)).trades).toEqual(trades);
      }),
    );
  });
});
