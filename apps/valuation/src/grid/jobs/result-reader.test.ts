import { ManualTime } from 'parvi/testkit';
import { describe, expect, it } from 'vitest';
import type { Trade } from '../../instruments/index.ts';
import { BatchBuilder, type RowProblem } from '../../intake/index.ts';
import { generatePortfolio } from '../../pricing/index.ts';
import { resultBytes } from '../message-bytes.ts';
import { writeResultBlock } from '../storage/result-block.ts';
import { memorySpoolDisk } from '../storage/spool.ts';
import type { ResultView } from '../views.ts';
import { histogramOf } from './histogram.ts';
import { JobRecord } from './job-record.ts';
import { readPage } from './result-reader.ts';

const bad = (row: number, message = 'Row is bad'): RowProblem => ({
  row,
  code: 'FIELD_MISSING',
  field: 'notional',
  message,
});

const [swap] = generatePortfolio({ trades: 1, seed: 1, instruments: ['swap'] });

function batchOf(trades: readonly object[], rejected: readonly RowProblem[]) {
  const builder = new BatchBuilder();
  for (const trade of trades) builder.addChecked({ ...swap, ...trade } as Trade);
  return { ...builder.take(), rejected };
}

/** A job of `rows` rows of which some are bad; trade `i` is worth `i`, every fifth trade failed. */
async function openRecord(rows: number, badRows: readonly number[]): Promise<JobRecord> {
  const record = await JobRecord.open({
    id: 'j',
    name: undefined,
    pricing: { metric: 'NPV', snapshot: 'default', snapshots: { default: 'h', old: 'o' } },
    interactive: false,
    clock: new ManualTime().clock,
    disk: memorySpoolDisk(),
  });
  const trades: object[] = [];
  for (let row = 1; row <= rows; row++) {
    if (!badRows.includes(row)) trades.push({ id: `T${row}` });
  }
  const rejected = badRows.map((row) => bad(row));
  await record.append(batchOf(trades, rejected));
  return record;
}

async function store(record: JobRecord, from: number, count: number): Promise<void> {
  const { bytes } = await record.read(from, count);
  const lines = Buffer.from(bytes).toString().trimEnd().split('\n');
  const trades = lines.map((line) => JSON.parse(line) as { id: string; instrument: string });
  const failed = trades.flatMap((_, i) => ((from + i) % 5 === 4 ? [i] : []));
  const block = writeResultBlock({
    ids: trades.map(({ id }) => id),
    instruments: trades.map(({ instrument }) => instrument),
    values: Float64Array.from(trades, (_, i) => (failed.includes(i) ? Number.NaN : from + i)),
    extras: {},
    errors: new Map(failed.map((i) => [i, { code: 'EXPIRED', message: 'It is over' }])),
  });
  await record.store({ from, count, failed: failed.length, worker: 'w' }, block);
}

async function readAll(
  record: JobRecord,
  options: { limit: number; ended?: boolean; failedOnly?: boolean; bytesMax?: number },
): Promise<{ rows: ResultView[]; cursor: string | undefined }> {
  const { limit, ended = true, failedOnly = false, bytesMax } = options;
  const rows: ResultView[] = [];
  let cursor: string | undefined;
  for (;;) {
    const position = cursor === undefined ? {} : { cursor };
    const page = await readPage(
      record,
      { limit, failedOnly, ...position },
      {
        ended,
        workerName: (worker) => `${worker}@host`,
        ...(bytesMax === undefined ? {} : { bytesMax }),
      },
    );
    if (bytesMax !== undefined && page.results.length > 1) {
      const bytes = page.results.reduce((sum, row) => sum + resultBytes(row), 0);
      expect(bytes).toBeLessThanOrEqual(bytesMax);
    }
    expect(page.results.length).toBeLessThanOrEqual(limit);
    rows.push(...page.results);
    if (page.nextCursor === undefined || page.nextCursor === cursor) {
      return { rows, cursor: page.nextCursor };
    }
    cursor = page.nextCursor;
  }
}

describe('reading results', () => {
  it.each([1, 2, 7, 100])(
    'lists all rows in the order of the input, bad ones in their places, %i at a time',
    async (limit) => {
      const badRows = [1, 5, 6, 20, 23];
      const record = await openRecord(23, badRows);
      for (const [from, count] of [
        [10, 8],
        [0, 3],
        [3, 7],
      ] as const) {
        await store(record, from, count);
      }
      const { rows } = await readAll(record, { limit });
      expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
      for (const row of rows) {
        if (badRows.includes(row.row)) expect(row.error?.code).toBe('FIELD_MISSING');
        else expect(row).toMatchObject({ id: `T${row.row}`, worker: 'w@host' });
      }
    },
  );

  it.each([1, 200, 500, 1100, 1_000_000])(
    'ends a page before it has more than %i bytes, with one row at least, and misses none',
    async (bytesMax) => {
      const badRows = [1, 5, 6, 20, 23];
      const record = await openRecord(23, badRows);
      await store(record, 0, 3);
      await store(record, 3, 15);
      const { rows, cursor } = await readAll(record, { limit: 9, bytesMax });
      expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
      expect(cursor).toBeUndefined();
      const failed = await readAll(record, { limit: 9, bytesMax, failedOnly: true });
      expect(failed.rows).toEqual(rows.filter(({ error }) => error !== undefined));
    },
  );

  it('ends a page where a result is still to come, and goes on from there', async () => {
    const record = await openRecord(10, [2]);
    await store(record, 0, 3);
    await store(record, 6, 3);
    const early = await readAll(record, { limit: 4, ended: false });
    expect(early.rows.map(({ row }) => row)).toEqual([1, 2, 3, 4]);
    expect(early.cursor).toBe('row-5');
    await store(record, 3, 3);
    const later = await readAll(record, { limit: 4, ended: true });
    expect(later.rows).toHaveLength(10);
  });

  it('skips what a cancelled job never priced', async () => {
    const record = await openRecord(10, [9]);
    await store(record, 2, 3);
    const { rows, cursor } = await readAll(record, { limit: 2 });
    expect(rows.map(({ row }) => row)).toEqual([3, 4, 5, 9]);
    expect(cursor).toBeUndefined();
  });

  it.each([1, 3, 50])('lists only what failed when asked to, %i at a time', async (limit) => {
    const record = await openRecord(30, [2, 29]);
    await store(record, 0, 4);
    await store(record, 4, 20);
    await store(record, 24, 4);
    const { rows } = await readAll(record, { limit, failedOnly: true });
    const failed = [4, 9, 14, 19, 24].map((trade) => trade + 2);
    expect(rows.map(({ row }) => row)).toEqual([2, ...failed, 29]);
  });

  it('joins the problems of one row', async () => {
    const record = await openRecord(1, []);
    await record.append(batchOf([], [bad(2, 'First'), bad(2, 'Second')]));
    await store(record, 0, 1);
    const { rows } = await readAll(record, { limit: 10 });
    expect(rows[1]?.error?.message).toBe('First; Second');
    expect(record.rejected.size).toBe(1);
  });

  it('refuses a cursor that is none', async () => {
    const record = await openRecord(1, []);
    const query = { cursor: 'page-2', limit: 1, failedOnly: false };
    const options = { ended: true, workerName: String };
    await expect(readPage(record, query, options)).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    });
  });

  it('keeps a failure for a trade that the grid gave up', async () => {
    const record = await openRecord(3, []);
    await store(record, 0, 1);
    await record.storeFailed(
      { from: 1, count: 1 },
      { code: 'TRADE_KILLS_WORKER', message: 'Killer' },
    );
    await store(record, 2, 1);
    const { rows } = await readAll(record, { limit: 10 });
    expect(rows[1]).toEqual({
      row: 2,
      id: 'T2',
      instrument: 'swap',
      metric: 'NPV',
      error: { code: 'TRADE_KILLS_WORKER', message: 'Killer' },
    });
  });

  it('counts values in bins', async () => {
    const record = await openRecord(100, []);
    await store(record, 0, 60);
    await store(record, 60, 40);
    const histogram = await histogramOf(record, 10);
    expect(histogram).toMatchObject({ from: 0, to: 98, below: 0, above: 0 });
    expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(80);
    expect(Math.max(...histogram.counts)).toBeLessThanOrEqual(9);
  });

  it('tells workers only of the snapshots that the trades name', async () => {
    const record = await openRecord(1, []);
    expect(record.pricing.snapshots).toEqual({ default: 'h' });
    await record.append(batchOf([{ snapshot: 'old' }, { snapshot: 'nobody knows it' }], []));
    expect(record.pricing.snapshots).toEqual({ default: 'h', old: 'o' });
  });
});
