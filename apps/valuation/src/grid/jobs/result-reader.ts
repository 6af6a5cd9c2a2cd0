// Reads the results of a job in the order of its input, page by page, bad rows included. Chunks come back in any order:
// while the job runs, a page ends where a result is still to come.

import type { RowProblem } from '../../intake/index.ts';
import { GridError } from '../errors.ts';
import { resultBytes } from '../message-bytes.ts';
import type { ResultQuery } from '../requests.ts';
import { ResultBlock } from '../storage/result-block.ts';
import type { ResultEntry } from '../storage/result-index.ts';
import type { ResultPageView, ResultView } from '../views.ts';
import type { JobRecord } from './job-record.ts';

export interface ReadOptions {
  /** Nothing more will come: what is missing stays missing. */
  readonly ended: boolean;
  /** How a worker is called in results. */
  readonly workerName: (worker: string) => string;
  /** Keeps the block that was read last, for readers that take small pages one after the other. */
  readonly lastBlock?: LastBlock;
  /** The page ends before the row that would make it longer than this as a message; it has one row at least. */
  readonly bytesMax?: number;
}

/** The chunk of results that was read last, whole, so that the next page of it needs no disk. */
export class LastBlock {
  #entry: ResultEntry | undefined;
  #block: ResultBlock | undefined;

  async read(record: JobRecord, entry: ResultEntry): Promise<ResultBlock> {
    if (this.#entry === entry && this.#block !== undefined) return this.#block;
    const block = new ResultBlock(await record.readBlock(entry));
    this.#entry = entry;
    this.#block = block;
    return block;
  }
}

/** The row a cursor stands for. @throws GridError `CURSOR_INVALID` */
export function rowOfCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 1;
  const row = /^row-(\d{1,15})$/.exec(cursor)?.[1];
  if (row !== undefined && Number(row) >= 1) return Number(row);
  throw new GridError(
    'CURSOR_INVALID',
    `The cursor "${cursor}" was not given out by this job: use "nextCursor" of the page before, or none`,
    { fields: { field: 'cursor' } },
  );
}

export async function readPage(
  record: JobRecord,
  query: ResultQuery,
  options: ReadOptions,
): Promise<ResultPageView> {
  const reader = new PageReader(record, query, options);
  await reader.read();
  const { results, row, finished } = reader;
  return {
    jobId: record.id,
    results,
    ...(finished && options.ended ? {} : { nextCursor: `row-${row}` }),
  };
}

class PageReader {
  readonly results: ResultView[] = [];
  row: number;
  finished = false;
  readonly #record: JobRecord;
  readonly #query: ResultQuery;
  readonly #options: ReadOptions;
  #bytes = 0;
  #full = false;
  /** Bad rows before `row`. */
  #bad: number;

  constructor(record: JobRecord, query: ResultQuery, options: ReadOptions) {
    this.#record = record;
    this.#query = query;
    this.#options = options;
    this.row = rowOfCursor(query.cursor);
    this.#bad = record.rejected.countBefore(this.row);
  }

  async read(): Promise<void> {
    while (!this.finished && !this.#full) {
      const nextBad = this.#record.rejected.rowAt(this.#bad);
      if (nextBad === this.row) await this.#readBad();
      else if (!(await this.#readEntry(nextBad))) return;
    }
    this.finished ||= this.#trade >= this.#record.portfolio.length && this.#noMoreBad;
  }

  /** The trade in the current row. */
  get #trade(): number {
    return this.row - 1 - this.#bad;
  }

  get #noMoreBad(): boolean {
    return this.#record.rejected.rowAt(this.#bad) === undefined;
  }

  async #readBad(): Promise<void> {
    const problem = await this.#record.rejected.read(this.#bad);
    if (!this.#takes(rejectedRow(problem, this.#record.pricing.metric))) return;
    this.#bad++;
    this.row++;
  }

  /** Rows of one chunk up to its end or the next bad row; false when results are still to come. */
  async #readEntry(nextBad: number | undefined): Promise<boolean> {
    const trade = this.#trade;
    const entry = this.#record.results.at(trade);
    if (entry === undefined || entry.from > trade) {
      const end = entry?.from ?? this.#record.portfolio.length;
      if (!this.#options.ended && trade < this.#record.portfolio.length) return false;
      this.#skip(end - trade, nextBad);
      return true;
    }
    const rowsLeft = entry.from + entry.count - trade;
    if (this.#query.failedOnly && entry.failed === 0) {
      this.#skip(rowsLeft, nextBad);
      return true;
    }
    const rows = nextBad === undefined ? rowsLeft : Math.min(rowsLeft, nextBad - this.row);
    await this.#readRows(entry, trade - entry.from, rows);
    return true;
  }

  async #readRows(entry: ResultEntry, first: number, rows: number): Promise<void> {
    const { lastBlock = new LastBlock() } = this.#options;
    const block = await lastBlock.read(this.#record, entry);
    const { metric } = this.#record.pricing;
    const worker = entry.worker === undefined ? undefined : this.#options.workerName(entry.worker);
    for (let i = first; i < first + rows && !this.#full; i++) {
      if (!this.#query.failedOnly || block.hasFailed(i)) {
        if (!this.#takes(block.row(i, { row: this.row, metric, worker }))) return;
      }
      this.row++;
    }
  }

  /** Whether the page has room for the row, which is in it then. */
  #takes(row: ResultView): boolean {
    const { bytesMax } = this.#options;
    if (bytesMax !== undefined) {
      this.#bytes += resultBytes(row);
      if (this.#bytes > bytesMax && this.results.length > 0) {
        this.#full = true;
        return false;
      }
    }
    this.results.push(row);
    this.#full = this.results.length >= this.#query.limit;
    return true;
  }

  /** Goes on behind trades without a row, but not past a bad row. */
  #skip(trades: number, nextBad: number | undefined): void {
    const beforeBad = nextBad === undefined ? trades : Math.min(trades, nextBad - this.row);
    this.row += Math.max(beforeBad, 0);
    this.finished = this.#trade >= this.#record.portfolio.length && this.#noMoreBad;
  }
}

function rejectedRow(problem: RowProblem, metric: string): ResultView {
  const { row, id, instrument, field, code, message } = problem;
  const error = field === undefined ? { code, message } : { code, field, message };
  return { row, id: id ?? '', instrument: instrument ?? '', metric, error };
}
