// CSV to trades. Pieces without a quote, which nearly all are, are cut at commas and line ends at once, many times as fast;
// from the first quote or bare carriage return on, csv-parse cuts, which knows all of RFC 4180. The instruments' table
// turns rows into trades.

import { finished } from 'node:stream/promises';
import { CsvError, type Parser, parse } from 'csv-parse';
import { parseCsvHeader, parseCsvRow } from '../instruments/index.ts';
import { type BatchBuilder, replacementCharacter } from './batch-builder.ts';
import { lineBytesMax } from './line-cutter.ts';
import { IntakeError } from './row-problem.ts';

const newline = 10;
const carriageReturn = 13;
const quote = 0x22;
const byteOrderMark = '\uFEFF';

export class CsvRows {
  readonly #builder: BatchBuilder;
  /** What followed the last line end. */
  #rest: Uint8Array = new Uint8Array(0);
  /** Lines cut before the parser took over. */
  #lines = 0;
  #parser: Parser | undefined;
  #columns: readonly string[] | undefined;
  #failure: IntakeError | undefined;

  constructor(builder: BatchBuilder) {
    this.#builder = builder;
  }

  async push(chunk: Uint8Array): Promise<void> {
    if (this.#parser === undefined && this.#isPlain(chunk)) this.#cut(chunk);
    else await this.#parse(chunk);
    this.#refuseFailed();
  }

  async end(): Promise<void> {
    if (this.#parser === undefined) {
      const last = this.#rest;
      this.#rest = new Uint8Array(0);
      // A carriage return at the very end is half of a line end, or none.
      if (last.length > 0) this.#takeLine(textOf(last).replace(/\r$/, ''));
    } else {
      this.#parser.end();
      await finished(this.#parser).catch(() => undefined);
    }
    this.#refuseFailed();
    if (this.#columns !== undefined) return;
    throw new IntakeError('UPLOAD_CSV_HEADER', 'The CSV upload is empty: begin with a header line');
  }

  /** No quotes, and carriage returns only before line feeds; the line feed of one at the end may be still to come. */
  #isPlain(chunk: Uint8Array): boolean {
    if (chunk.includes(quote)) return false;
    if (this.#rest.at(-1) === carriageReturn && chunk[0] !== newline) return false;
    for (let at = chunk.indexOf(carriageReturn); at !== -1; ) {
      if (at + 1 < chunk.length && chunk[at + 1] !== newline) return false;
      at = chunk.indexOf(carriageReturn, at + 1);
    }
    return true;
  }

  #cut(chunk: Uint8Array): void {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.#keep(Buffer.concat([this.#rest, chunk]));
      return;
    }
    const lines = textOf(Buffer.concat([this.#rest, chunk.subarray(0, end)])).split('\n');
    // Behind the last line end is nothing.
    lines.pop();
    this.#keep(chunk.slice(end));
    for (const line of lines) this.#takeLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  #keep(rest: Uint8Array): void {
    if (rest.length > lineBytesMax) this.#failure ??= this.#tooLong();
    this.#rest = rest;
  }

  #takeLine(line: string): void {
    const text = this.#lines++ === 0 && line.startsWith(byteOrderMark) ? line.slice(1) : line;
    if (text.length > lineBytesMax) this.#failure ??= this.#tooLong();
    if (text === '') return;
    // Asked of the whole line, which is as good as free where it is plain ASCII.
    this.#take(text.split(','), text.includes(replacementCharacter));
  }

  /** The parser reports its errors in a later turn, so each piece is waited for. */
  async #parse(chunk: Uint8Array): Promise<void> {
    let parser = this.#parser;
    if (parser === undefined) {
      parser = this.#openParser();
      this.#parser = parser;
      const rest = this.#rest;
      this.#rest = new Uint8Array(0);
      if (rest.length > 0) await written(parser, rest);
    }
    await written(parser, chunk);
  }

  #openParser(): Parser {
    const parser = parse({
      bom: this.#lines === 0,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: lineBytesMax,
    });
    parser.on('data', (cells: readonly string[]) => this.#take(cells, cells.some(isDamaged)));
    parser.on('error', (error) => {
      this.#failure ??= this.#explained(error);
    });
    return parser;
  }

  #refuseFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #take(cells: readonly string[], isNotUtf8: boolean): void {
    if (this.#failure !== undefined || isBlank(cells)) return;
    if (this.#columns !== undefined) {
      if (isNotUtf8) this.#refuseBytes(this.#columns, cells);
      else this.#takeRow(this.#columns, cells);
      return;
    }
    if (isNotUtf8) {
      this.#failure = new IntakeError(
        'UPLOAD_CSV_HEADER',
        'The CSV header has bytes that are not UTF-8: save the file as UTF-8',
      );
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

  #refuseBytes(columns: readonly string[], cells: readonly string[]): void {
    const column = cells.findIndex(isDamaged);
    const field = columns[column];
    this.#builder.addProblems([
      {
        ...(field === undefined ? {} : { field }),
        code: 'ROW_NOT_UTF8',
        message: `Column ${column + 1} has bytes that are not UTF-8, or "${replacementCharacter}" in their place: save the file as UTF-8`,
      },
    ]);
  }

  #takeRow(columns: readonly string[], cells: readonly string[]): void {
    const parsed = parseCsvRow(columns, cells);
    if (parsed.ok) {
      this.#builder.addChecked(parsed.trade);
      return;
    }
    const { id, instrument } = parsed;
    const names = {
      ...(id === undefined ? {} : { id }),
      ...(instrument === undefined ? {} : { instrument }),
    };
    this.#builder.addProblems(
      parsed.problems.map(({ code, field, message }) => ({
        ...names,
        ...(field === undefined ? {} : { field }),
        code,
        message,
      })),
    );
  }

  #explained(error: Error): IntakeError {
    if (error instanceof CsvError && error.code === 'CSV_MAX_RECORD_SIZE') return this.#tooLong();
    const row = this.#builder.rows + 1;
    // The parser counts from where it took over.
    const message = error.message.replace(
      /\bat line (\d+)/,
      (_, line: string) => `at line ${Number(line) + this.#lines}`,
    );
    return new IntakeError(
      'UPLOAD_CSV_MALFORMED',
      `The CSV upload cannot be read at row ${row}: ${message}`,
      row,
      { cause: error },
    );
  }

  #tooLong(): IntakeError {
    const row = this.#builder.rows + 1;
    return new IntakeError(
      'UPLOAD_LINE_TOO_LONG',
      `Row ${row} of the CSV upload is longer than ${lineBytesMax} bytes`,
      row,
    );
  }
}

const isDamaged = (cell: string): boolean => cell.includes(replacementCharacter);

/** A line of nothing but blanks is no row. */
const isBlank = (cells: readonly string[]): boolean =>
  cells.length === 1 && cells[0]?.trim() === '';

/** `Buffer` is asked because `TextDecoder` would drop a byte order mark from the middle of an upload. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function written(parser: Parser, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => parser.write(bytes, () => resolve()));
}
