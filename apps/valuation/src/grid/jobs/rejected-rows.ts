// The rows of an input that are no trades: their reasons on the spool, their numbers in memory, so that results can be
// listed in the order of the input with the bad rows in their places.

import type { RowProblem } from '../../intake/index.ts';
import { TradeIndex } from '../core/portfolio.ts';
import type { SpoolDisk, SpoolFile } from '../storage/spool.ts';

export class RejectedRows {
  readonly #disk: SpoolDisk;
  #file: Promise<SpoolFile> | undefined;
  readonly #places = new TradeIndex();
  readonly #rows: number[] = [];

  /** @param file where the reasons lie, of rows that are restored */
  constructor(disk: SpoolDisk, file?: SpoolFile) {
    this.#disk = disk;
    this.#file = file === undefined ? undefined : Promise.resolve(file);
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Adds problems in the order of their rows; several of one row count once. */
  async append(problems: readonly RowProblem[]): Promise<void> {
    if (problems.length === 0) return;
    const byRow = new Map<number, RowProblem>();
    for (const problem of problems) {
      const first = byRow.get(problem.row);
      const message =
        first === undefined ? problem.message : `${first.message}; ${problem.message}`;
      byRow.set(problem.row, first === undefined ? problem : { ...first, message });
    }
    const lines = [...byRow.values()].map((problem) => Buffer.from(JSON.stringify(problem)));
    this.#file ??= this.#disk.create();
    const file = await this.#file;
    await file.append(Buffer.concat(lines));
    for (const line of lines) this.#places.append(line.length, 0);
    for (const row of byRow.keys()) this.#rows.push(row);
  }

  /** Takes over a row whose reason has so many bytes and lies behind those of the rows before. */
  restore(row: number, bytes: number): void {
    this.#places.append(bytes, 0);
    this.#rows.push(row);
  }

  /** Bytes of all reasons. */
  get bytes(): number {
    return this.#places.bytes;
  }

  /** Length of the reason of the bad row number `index`. */
  bytesOf(index: number): number {
    return this.#places.startOf(index + 1) - this.#places.startOf(index);
  }

  async readBytes(offset: number, length: number): Promise<Uint8Array> {
    const file = await this.#file;
    return file === undefined ? new Uint8Array(0) : file.read(offset, length);
  }

  /** The row of the bad row number `index`, from 0; undefined behind the last. */
  rowAt(index: number): number | undefined {
    return this.#rows[index];
  }

  async read(index: number): Promise<RowProblem> {
    const bytes = await this.readBytes(this.#places.startOf(index), this.bytesOf(index));
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as RowProblem;
  }

  /** How many bad rows lie before a row. */
  countBefore(row: number): number {
    return lowerBound(this.#rows.length, (i) => (this.#rows[i] as number) < row);
  }

  async close(): Promise<void> {
    await (await this.#file)?.close();
  }
}

/** The first number below `length` for which `isBefore` no longer holds. */
function lowerBound(length: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
