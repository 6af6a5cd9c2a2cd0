// Collects checked trades into NDJSON bytes and refused rows into a list, until a batch is taken. What the grid wants to
// know of each trade is noted here, where the trade is read anyway: where its line ends, what kind it is, and on which
// snapshot it is to be priced.

import { isUtf8 } from 'node:buffer';
import { assert } from 'parvi/runtime';
import { parseTrade, type Trade } from '../instruments/index.ts';
import { mistakePlace } from './json-mistake.ts';
import type { IntakeBatch, RowProblem } from './row-problem.ts';

const newline = 10;
/** UTF-8 takes at most so many bytes for one unit of a JavaScript text. */
const bytesOfUnitMax = 3;
const kindsMax = 256;
/** What decoding puts in the place of bytes that are no UTF-8. */
export const replacementCharacter = '\uFFFD';
/** How much of a name that was refused is kept. */
const nameCharsMax = 128;

export class BatchBuilder {
  #bytes = Buffer.allocUnsafeSlow(256 * 1024);
  #used = 0;
  #ends: number[] = [];
  #kinds: number[] = [];
  #row = 0;
  #rejected: RowProblem[] = [];
  /** Numbers of kinds, the same in all batches. */
  readonly #kindNumbers = new Map<string, number>();
  #snapshots = new Set<string>();

  /** Rows seen so far, good and bad. */
  get rows(): number {
    return this.#row;
  }

  /** Takes the JSON text of one trade. Good bytes are passed on as they came. */
  addJson(text: Uint8Array): void {
    const json = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8');
    this.addJsonText(json, text, 0, text.length);
  }

  /** Takes the JSON text of one trade, decoded already, of which `bytes` has the bytes from `from` to `to`. */
  addJsonText(json: string, bytes: Uint8Array, from: number, to: number): void {
    this.#row++;
    // Only what decoded to the replacement character can be anything but UTF-8, and may be that character itself.
    if (json.includes(replacementCharacter) && !isUtf8(bytes.subarray(from, to))) {
      this.#refuseBytes(json);
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch (error) {
      this.#refuseText(json, error as Error);
      return;
    }
    const trade = this.#checked(value);
    if (trade === undefined) return;
    // A trade of a pretty-printed array spans lines, but a line of the batch is one trade.
    if (json.includes('\n')) this.#appendText(JSON.stringify(value));
    else this.#append(bytes, from, to);
    this.#note(trade);
  }

  /** Takes a trade as a value. */
  addValue(value: unknown): void {
    this.#row++;
    const trade = this.#checked(value);
    if (trade !== undefined) this.#take(trade);
  }

  /** Takes a trade that has been checked already. */
  addChecked(trade: Trade): void {
    this.#row++;
    this.#take(trade);
  }

  /** Takes a row that could not even become a value. */
  addProblems(problems: readonly Omit<RowProblem, 'row'>[]): void {
    this.#row++;
    for (const problem of problems) this.#rejected.push({ row: this.#row, ...problem });
  }

  /** The batch so far; the builder is empty afterwards and goes on counting rows. */
  take(): IntakeBatch {
    const batch = {
      lines: Uint8Array.prototype.slice.call(this.#bytes, 0, this.#used),
      trades: this.#ends.length,
      ends: Uint32Array.from(this.#ends),
      kinds: Uint8Array.from(this.#kinds),
      kindNames: [...this.#kindNumbers.keys()],
      snapshots: [...this.#snapshots],
      rejected: this.#rejected,
    };
    this.#used = 0;
    this.#ends = [];
    this.#kinds = [];
    this.#snapshots = new Set();
    this.#rejected = [];
    return batch;
  }

  #refuseBytes(json: string): void {
    const column = json.indexOf(replacementCharacter) + 1;
    this.#rejected.push({
      row: this.#row,
      code: 'ROW_NOT_UTF8',
      message: `Row ${this.#row} has bytes that are not UTF-8 from its column ${column} on: save the file as UTF-8`,
    });
  }

  #refuseText(json: string, error: Error): void {
    const { line, column } = mistakePlace(json);
    const place = line === 1 ? `column ${column}` : `line ${line}, column ${column}`;
    this.#rejected.push({
      row: this.#row,
      code: 'ROW_NOT_JSON',
      message: `Row ${this.#row} is not JSON from its ${place} on: ${error.message}`,
    });
  }

  #checked(value: unknown): Trade | undefined {
    const parsed = parseTrade(value);
    if (parsed.ok) return parsed.trade;
    const names = { ...nameIn(value, 'id'), ...nameIn(value, 'instrument') };
    for (const problem of parsed.problems) {
      this.#rejected.push({ row: this.#row, ...names, ...problem });
    }
    return undefined;
  }

  #take(trade: Trade): void {
    this.#appendText(JSON.stringify(trade));
    this.#note(trade);
  }

  #append(bytes: Uint8Array, from: number, to: number): void {
    this.#makeRoom(to - from + 1);
    this.#bytes.set(bytes.subarray(from, to), this.#used);
    this.#used += to - from;
    this.#bytes[this.#used++] = newline;
  }

  #appendText(line: string): void {
    this.#makeRoom(line.length * bytesOfUnitMax + 1);
    this.#used += this.#bytes.write(line, this.#used);
    this.#bytes[this.#used++] = newline;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
  }

  /** Of the trade whose line was appended last. */
  #note(trade: Trade): void {
    this.#ends.push(this.#used);
    this.#kinds.push(this.#kindNumber(kindOf(trade)));
    if (trade.snapshot !== undefined) this.#snapshots.add(trade.snapshot);
  }

  #kindNumber(name: string): number {
    const known = this.#kindNumbers.get(name);
    if (known !== undefined) return known;
    const number = this.#kindNumbers.size;
    assert(number < kindsMax, `instruments and engines make fewer than ${kindsMax} kinds`);
    this.#kindNumbers.set(name, number);
    return number;
  }
}

/** A field of what was to be a trade, if it could be a name. */
function nameIn(value: unknown, field: 'id' | 'instrument'): { readonly [name: string]: string } {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return {};
  const given = (value as Readonly<Record<string, unknown>>)[field];
  if (typeof given !== 'string' && typeof given !== 'number') return {};
  return { [field]: String(given).slice(0, nameCharsMax) };
}

/** Only options name engines, and engines differ in cost by a factor of thousands. */
export function kindOf(trade: Trade): string {
  const { instrument } = trade;
  const engine = 'engine' in trade ? trade.engine : undefined;
  return engine === undefined ? instrument : `${instrument} ${engine}`;
}
