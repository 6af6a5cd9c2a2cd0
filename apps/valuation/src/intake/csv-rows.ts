// CSV to trades: csv-parse cuts bytes into rows, the instruments' table turns rows into trades.

import { finished } from 'node:stream/promises';
import { CsvError, type Parser, parse } from 'csv-parse';
import { parseCsvHeader, parseCsvRow } from '../instruments/index.ts';
import type { BatchBuilder } from './batch-builder.ts';
import { lineBytesMax } from './line-cutter.ts';
import { IntakeError } from './row-problem.ts';

export class CsvRows {
  readonly #builder: BatchBuilder;
  readonly #parser: Parser;
  #columns: readonly string[] | undefined;
  #failure: IntakeError | undefined;

  constructor(builder: BatchBuilder) {
    this.#builder = builder;
    this.#parser = parse({
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: lineBytesMax,
    });
    this.#parser.on('data', (cells: readonly string[]) => this.#take(cells));
    this.#parser.on('error', (error) => {
      this.#failure ??= this.#explained(error);
    });
  }

  /** The parser reports its errors in a later turn, so each piece is waited for. */
  async push(chunk: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#parser.write(chunk, () => resolve()));
    this.#refuseFailed();
  }

  async end(): Promise<void> {
    this.#parser.end();
    await finished(this.#parser).catch(() => undefined);
    this.#refuseFailed();
    if (this.#columns !== undefined) return;
    throw new IntakeError('UPLOAD_CSV_HEADER', 'The CSV upload is empty: begin with a header line');
  }

  #refuseFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #take(cells: readonly string[]): void {
    if (this.#failure !== undefined) return;
    if (this.#columns !== undefined) {
      this.#takeRow(this.#columns, cells);
      return;
    }
    const parsed = parseCsvHeader(cells);
    if (parsed.ok) this.#columns = parsed.columns;
    else {
      const reasons = parsed.problems.map((problem) => problem.message).join('; ');
      this.#failure = new IntakeError(
        'UPLOAD_CSV_HEADER',
        `The CSV header cannot be used: ${reasons}`,
      );
    }
  }

  #takeRow(columns: readonly string[], cells: readonly string[]): void {
    const parsed = parseCsvRow(columns, cells);
    if (parsed.ok) {
      this.#builder.addChecked(parsed.trade);
      return;
    }
    const id = parsed.id === undefined ? {} : { id: parsed.id };
    this.#builder.addProblems(
      parsed.problems.map(({ code, field, message }) => ({
        ...id,
        ...(field === undefined ? {} : { field }),
        code,
        message,
      })),
    );
  }

  #explained(error: Error): IntakeError {
    const row = this.#builder.rows + 1;
    if (error instanceof CsvError && error.code === 'CSV_MAX_RECORD_SIZE') {
      return new IntakeError(
        'UPLOAD_LINE_TOO_LONG',
        `Row ${row} of the CSV upload is longer than ${lineBytesMax} bytes`,
        row,
      );
    }
    return new IntakeError(
      'UPLOAD_CSV_MALFORMED',
      `The CSV upload cannot be read at row ${row}: ${error.message}`,
      row,
      { cause: error },
    );
  }
}
