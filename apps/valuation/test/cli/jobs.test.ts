import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobView, ResultView } from '../../src/http/views.ts';
import { csvHeader, tradeToCsv } from '../../src/instruments/index.ts';
import { defaultSnapshot } from '../../src/market/index.ts';
import { generatePortfolio } from '../../src/pricing/index.ts';
import { fra, HttpGrid, lines } from '../http/http-grid.ts';
import { type RunOptions, run, steady } from './command.ts';

let grid: HttpGrid;
const directory = mkdtempSync(join(tmpdir(), 'command-'));
beforeAll(async () => {
  grid = await HttpGrid.start();
});
afterEach(() => grid.pricing.open());
afterAll(async () => {
  await grid.close();
  rmSync(directory, { recursive: true });
});

const valuation = (words: string, options: RunOptions = {}) =>
  run(['--url', grid.url, ...words.split(' ')], options);

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const good = (name = 'good.ndjson') =>
  file(name, lines([fra('a'), fra('b', { strike: 0.01 }), fra('c', { strike: 0.02 })]));

describe('submit', () => {
  it('says which job it made of the file', async () => {
    const { code, out, error } = await valuation(`submit ${good()} --metric NPV`);
    expect([code, error]).toEqual([0, '']);
    expect(steady(out)).toBe('Job JOB submitted: 3 trades, NPV\n');
  });

  it('stays until the job has ended when asked to follow it, and prints tables', async () => {
    const { code, out } = await valuation(`submit ${good('book.ndjson')} --follow`);
    expect(code).toBe(0);
    expect(steady(out)).toBe(
      `${[
        'Job JOB  completed',
        '',
        'metric  trades  priced  failed  sum  mean  time  trades/s',
        'NPV  3  3  0  -1,173.79  -391.262  SECONDS  RATE',
        '',
        'worker  trades  chunks  busy',
        'worker1:1  3  CHUNKS  BUSY',
      ].join('\n')}\n`,
    );
  });

  it('unpacks what gzip packed, and takes endings as they come', async () => {
    const text = lines([fra('a'), fra('b')]);
    writeFileSync(join(directory, 'BOOK.NDJSON.GZ'), gzipSync(text));
    const { out } = await valuation(`--json submit ${join(directory, 'BOOK.NDJSON.GZ')} --follow`);
    expect(JSON.parse(out)).toMatchObject({ trades: 2, priced: 2, name: 'BOOK.NDJSON.GZ' });
    const broken = await valuation(`submit ${file('broken.csv.gz', text)}`);
    expect([broken.code, broken.out]).toEqual([2, '']);
    expect(broken.error).toMatch(/^valuation: Cannot read ".*broken.csv.gz": incorrect header/);
  });

  it('says of a file that gzip packed and that is cut off that it cannot be read', async () => {
    const whole = gzipSync(lines(Array.from({ length: 3000 }, (_, i) => fra(`t${i}-${i * i}`))));
    const path = join(directory, 'cut.ndjson.gz');
    for (const bytes of [5, 20, Math.floor(whole.length / 2), whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, bytes));
      const { code, out, error } = await valuation(`submit ${path}`);
      expect([code, out]).toEqual([2, '']);
      expect(error).toMatch(/^valuation: Cannot read ".*cut.ndjson.gz": unexpected end of file\n$/);
    }
  });

  it('takes the name of the file for the job, or another', async () => {
    await valuation(`submit ${good('named.ndjson')}`);
    await valuation(`submit ${good()} --name other`);
    const jobs = JSON.parse((await valuation('--json jobs --limit 2')).out) as JobView[];
    expect(jobs.map(({ name }) => name)).toEqual(['other', 'named.ndjson']);
  });

  it('leaves to a JSON object what it says of itself', async () => {
    const trades = [fra('a'), fra('b', { strike: 'x' })];
    const said = { metric: 'ParRate', snapshot: 'reference-fra', name: 'its own', onError: 'skip' };
    const book = file('book.json', JSON.stringify({ ...said, trades }));
    const { code, out } = await valuation(`--json submit ${book}`);
    const { onError: _onError, ...seen } = said;
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ ...seen, rejected: 1 })]);
    const typed = await valuation(`--json submit ${book} --metric FwdRate --name typed`);
    expect(JSON.parse(typed.out)).toMatchObject({ ...seen, metric: 'FwdRate', name: 'typed' });
    const refused = await valuation(`submit ${book} --on-error reject`);
    expect(refused.code).toBe(5);
  });

  it('leaves what nobody says to the controller', async () => {
    const { out } = await valuation(
      `--json submit ${file('plain.json', JSON.stringify([fra('a')]))}`,
    );
    expect(JSON.parse(out)).toMatchObject({ metric: 'NPV', snapshot: 'default' });
    const rejected = file('plain-bad.json', JSON.stringify([fra('a'), fra('b', { strike: 'x' })]));
    expect((await valuation(`submit ${rejected}`)).code).toBe(5);
  });

  it('prints the job as JSON when asked', async () => {
    const { out } = await valuation(`--json submit ${good()} -m ParRate --follow`);
    expect(JSON.parse(out)).toMatchObject({ metric: 'ParRate', state: 'completed', priced: 3 });
  });

  it('reads standard input as CSV unless told otherwise', async () => {
    const trades = [...generatePortfolio({ trades: 20, seed: 1 })];
    const input = [csvHeader, ...trades.map((trade) => tradeToCsv(trade))].join('\n');
    const csv = await valuation('--json submit - --follow', { input });
    expect(JSON.parse(csv.out)).toMatchObject({ trades: 20, priced: 20 });
    const ndjson = await valuation('--json submit - --format ndjson', { input: lines(trades) });
    expect(JSON.parse(ndjson.out)).toMatchObject({ trades: 20 });
  });

  it('passes options of the metric on', async () => {
    const submitted = await valuation(
      `--json submit ${good()} --metric IRDelta --ir-delta eachNode --follow`,
    );
    const { id } = JSON.parse(submitted.out) as JobView;
    const { out } = await valuation(`--json results ${id}`);
    const [first] = out.split('\n');
    expect(Object.keys((JSON.parse(first ?? '') as ResultView).extra ?? {})[0]).toMatch(/^delta /);
  });

  it('says what is wrong with each trade, and ends with the code of a refusal', async () => {
    const path = file('bad.ndjson', lines([fra('a'), fra('b', { strike: 'x' }), { id: 'c' }]));
    const { code, out, error } = await valuation(`submit ${path}`);
    expect([code, out]).toEqual([5, '']);
    expect(error).toBe(
      `${[
        'valuation: 2 mistakes were found, so nothing was priced; the first: row 2: Field "strike" is "x": must be a number (TRADES_REJECTED)',
        '  row 2: Field "strike" is "x": must be a number',
        '  row 3: Field "instrument" is missing: give one of fra, deposit, swap, europeanOption, americanOption',
        'Correct them, or add --on-error skip to price the good trades',
      ].join('\n')}\n`,
    );
  });

  it('says a single mistake once, and of many how many more there are', async () => {
    const bad = (count: number) =>
      file(
        'bads.ndjson',
        lines(Array.from({ length: count }, (_, i) => fra(`t${i}`, { strike: 9 }))),
      );
    const one = await valuation(`submit ${bad(1)}`);
    expect(one.error.split('\n')).toEqual([
      expect.stringMatching(/^valuation: 1 mistake .*row 1: Field "strike" is 9/),
      expect.stringMatching(/--on-error skip/),
      '',
    ]);
    expect((await valuation(`submit ${bad(15)}`)).error).toMatch(
      /\n {2}row 10: .*\n {2}and 5 more\n/,
    );
  });

  it('says how to list the trades that were skipped, and lists them', async () => {
    const path = file('mixed.ndjson', lines([fra('a'), fra('b', { strike: 'x' })]));
    const { code, out } = await valuation(`submit ${path} --on-error skip`);
    expect([code, steady(out)]).toEqual([
      0,
      'Job JOB submitted: 1 trade, NPV\n1 trade was rejected: valuation results JOB --failed lists them\n',
    ]);
    const id = /Job (\S+)/.exec(out)?.[1] ?? '';
    await grid.ended(id);
    expect((await valuation(`results ${id} --failed`)).out).toBe(
      `${[
        'row  trade  instrument  value',
        '  2  b      fra             –  FIELD_INVALID: Field "strike" is "x": must be a number',
      ].join('\n')}\n`,
    );
  });

  it.each([
    ['submit nowhere.csv', /There is no file "nowhere.csv"/],
    ['submit book.csv --format xls', /There is no format "xls"[\s\S]*--format csv, ndjson or json/],
    [`submit ${tmpdir()}.csv`, /There is no file/],
    [`submit ${tmpdir()} --format csv`, /is a folder/],
    ['submit book.xls', /Cannot tell the format of "book.xls"[\s\S]*--format csv, ndjson or json/],
    ['submit', /missing required argument 'file'[\s\S]*--help/],
    ['submit a.csv --metrik NPV', /unknown option '--metrik'[\s\S]*--metric/],
    ['sumbit a.csv', /unknown command 'sumbit'[\s\S]*submit/],
  ])('%s ends with the code of a wrong command line', async (words, message) => {
    const { code, out, error } = await valuation(words);
    expect([code, out]).toEqual([2, '']);
    expect(error).toMatch(message);
  });

  it('ends with a code of its own when the job is cancelled', async () => {
    grid.pricing.close();
    let asked = false;
    const cancel = async (): Promise<void> => {
      const { jobs } = (await grid.server.inject('/v1/jobs')).json<{ jobs: JobView[] }>();
      const id = jobs.find(({ name }) => name === 'held')?.id;
      await grid.server.inject({ method: 'DELETE', url: `/v1/jobs/${id}` });
    };
    const following = valuation(`submit ${good()} --name held --follow`, {
      terminal: true,
      onOut: (text) => {
        if (asked || text.includes('Uploading')) return;
        asked = true;
        cancel().catch(() => undefined);
      },
    });
    const { code, error } = await following;
    expect(code).toBe(3);
    expect(error).toContain('ended as cancelled: It was cancelled');
  });
});

describe('jobs, show and cancel', () => {
  it('list the jobs, newest first', async () => {
    const fresh = await HttpGrid.start();
    const url = ['--url', fresh.url];
    expect((await run([...url, 'jobs'])).out).toBe('There are no jobs\n');
    for (const name of ['first', 'second']) {
      const job = await fresh.submit([fra('a'), fra('b')], `?name=${name}`);
      await fresh.ended(job.id);
    }
    const { out } = await run([...url, 'jobs']);
    expect(
      out
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID'.padEnd(36))
        .replaceAll(/\d{4}-\S+Z/g, 'TIME'),
    ).toBe(
      `${[
        'job                                   name    metric  state      trades   done  failed  submitted',
        'ID                                    second  NPV     completed       2  100 %       0  TIME',
        'ID                                    first   NPV     completed       2  100 %       0  TIME',
      ].join('\n')}\n`,
    );
    expect((await run([...url, 'jobs', '--state', 'running'])).out).toBe('There are no jobs\n');
    const wrong = await run([...url, 'jobs', '--state', 'runing']);
    expect([wrong.code, wrong.error]).toEqual([5, expect.stringContaining('"running"')]);
    await fresh.close();
  });

  it('show one job', async () => {
    const job = await grid.submit([fra('a')]);
    await grid.ended(job.id);
    const { code, out } = await valuation(`show ${job.id}`);
    expect([code, steady(out)]).toEqual([
      0,
      expect.stringMatching(/^Job JOB {2}completed\n\nmetric/),
    ]);
    const followed = await valuation(`--json show ${job.id} --follow`);
    expect(JSON.parse(followed.out)).toMatchObject({ id: job.id, state: 'completed' });
  });

  it('cancel a job', async () => {
    grid.pricing.close();
    const job = await grid.submit([fra('a')]);
    const { code, out } = await valuation(`cancel ${job.id}`);
    expect([code, out]).toEqual([0, `Job ${job.id} is cancelled\n`]);
    expect((await valuation(`show ${job.id}`)).out).toContain('cancelled (It was cancelled)');
  });

  it('say that a job that has ended was not cancelled', async () => {
    const job = await grid.submit([fra('a')]);
    await grid.ended(job.id);
    const { code, out } = await valuation(`cancel ${job.id}`);
    expect([code, out]).toEqual([
      0,
      `Job ${job.id} was already completed; nothing was cancelled\n`,
    ]);
    const json = await valuation(`--json cancel ${job.id}`);
    expect(JSON.parse(json.out)).toMatchObject({ state: 'completed', cancelled: false });
  });

  it.each(['show nothing', 'cancel nothing', 'results nothing', 'show nothing --follow'])(
    '%s is refused for a job that is not there',
    async (words) => {
      const { code, error } = await valuation(words);
      expect(code).toBe(5);
      expect(error).toMatch(/^valuation: There is no job "nothing": .* \(JOB_UNKNOWN\)\n$/);
    },
  );
});

describe('results', () => {
  it('print a table, CSV, NDJSON, or JSON lines', async () => {
    const job = await grid.submit([fra('a'), fra('b', { strike: 0.02 })], '?metric=ParRate');
    await grid.ended(job.id);
    const table = await valuation(`results ${job.id}`);
    expect(table.out).toMatch(
      /^row {2}trade {2}instrument +value\n {2}1 {2}a +fra +0\.\d+\n {2}2 {2}b/,
    );
    const csv = await valuation(`results ${job.id} --format csv`);
    expect(csv.out.split('\r\n')[0]).toMatch(/^row,id,instrument,metric,value,worker/);
    const ndjson = await valuation(`results ${job.id} --format ndjson`);
    const json = await valuation(`--json results ${job.id}`);
    expect(json.out).toBe(ndjson.out);
    expect(JSON.parse(json.out.split('\n')[1] ?? '')).toMatchObject({ row: 2, id: 'b' });
    const wrong = await valuation(`results ${job.id} --format xml`);
    expect([wrong.code, wrong.error]).toEqual([2, expect.stringContaining('table, csv or ndjson')]);
  });
});

describe('snapshots', () => {
  it('are listed, shown and stored', async () => {
    const listed = await valuation('snapshots');
    expect(listed.out).toMatch(/^snapshot +evaluation date +content\n/);
    expect(listed.out).toContain('default');
    const shown = await valuation('snapshots show default');
    expect(JSON.parse(shown.out)).toEqual(defaultSnapshot());
    const stored = await valuation(`snapshots put mine ${file('mine.json', shown.out)}`);
    expect(stored.out).toMatch(/^Snapshot mine stored: \d{4}-\d\d-\d\d, [0-9a-f]{12}\n$/);
    const again = await valuation('snapshots put mine -', { input: shown.out });
    expect(again.out).toBe(stored.out);
    expect((await valuation('snapshots list')).out).toContain('mine');
  });

  it('are refused with every mistake', async () => {
    const { code, error } = await valuation('snapshots put bad -', { input: '{"curves": {}}' });
    expect(code).toBe(5);
    expect(error).toMatch(/SNAPSHOT_INVALID[\s\S]*\n {2}/);
  });
});
