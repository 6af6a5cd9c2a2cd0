// Collects checked trades into NDJSON bytes and refused rows into a list, until a batch is taken.

import { parseTrade, type Trade } from '../instruments/index.ts';
import { mistakePlace } from './json-mistake.ts';
import type { IntakeBatch, RowProblem } from './row-problem.ts';

const newline = 10;

export class BatchBuilder {
  #bytes = new Uint8Array(256 * 1024);
  #used = 0;
  #trades = 0;
  #row = 0;
  #rejected: RowProblem[] = [];

  /** Rows seen so far, good and bad. */
  get rows(): number {
    return this.#row;
  }

  /** Takes the JSON text of one trade. Good bytes are passed on as they came. */
  addJson(text: Uint8Array): void {
    this.#row++;
    const json = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8');
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch (error) {
      const { line, column } = mistakePlace(json);
      const place = line === 1 ? `column ${column}` : `line ${line}, column ${column}`;
      this.#rejected.push({
        row: this.#row,
        code: 'ROW_NOT_JSON',
        message: `Row ${this.#row} is not JSON from its ${place} on: ${(error as Error).message}`,
      });
      return;
    }
    if (this.#check(value)) this.#append(withoutNewlines(text, value));
  }

  /** Takes a trade that has been checked already. */
  addChecked(trade: Trade): void {
    this.#row++;
    this.#append(Buffer.from(JSON.stringify(trade)));
  }

  /** Takes a row that could not even become a value. */
  addProblems(problems: readonly Omit<RowProblem, 'row'>[]): void {
    this.#row++;
    for (const problem of problems) this.#rejected.push({ row: this.#row, ...problem });
  }

  /** The batch so far; the builder is empty afterwards and goes on counting rows. */
  take(): IntakeBatch {
    const batch = {
      lines: this.#bytes.slice(0, this.#used),
      trades: this.#trades,
      rejected: this.#rejected,
    };
    this.#used = 0;
    this.#trades = 0;
    this.#rejected = [];
    return batch;
  }

  #check(value: unknown): boolean {
    const parsed = parseTrade(value);
    if (parsed.ok) return true;
    const id = (value as { id?: unknown } | null)?.id;
    const named = typeof id === 'string' ? { id } : {};
    for (const problem of parsed.problems) {
      this.#rejected.push({ row: this.#row, ...named, ...problem });
    }
    return false;
  }

  #append(line: Uint8Array): void {
    const needed = this.#used + line.length + 1;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = grown;
    }
    this.#bytes.set(line, this.#used);
    this.#used += line.length;
    this.#bytes[this.#used++] = newline;
    this.#trades++;
  }
}

/** A trade of a pretty-printed array spans lines, but a line of the batch is one trade. */
function withoutNewlines(text: Uint8Array, value: unknown): Uint8Array {
  return text.includes(newline) ? Buffer.from(JSON.stringify(value)) : text;
}
