// Collects the results of a batch: values and status bytes in the order of the trades, named columns as they come up,
// and for each failed trade one error with a sentence.

import type { Trade } from '../instruments/index.ts';
import { type StatusName, statusCodes } from '../kernels/status.ts';

/** Why a trade has no value. */
export interface TradeError {
  /** Position of the trade in the batch. */
  readonly index: number;
  readonly id: string;
  readonly code: StatusName;
  /** Field of the trade that the error is about, if there is one. */
  readonly field?: string;
  readonly message: string;
}

/** Results in the order of the trades; a failed trade has not-a-number in every column. */
export interface BatchResult {
  readonly value: Float64Array;
  /** 0 is priced; else a code of `statusCodes`. */
  readonly status: Uint8Array;
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly errors: readonly TradeError[];
}

export class Outcome implements BatchResult {
  readonly value: Float64Array;
  readonly status: Uint8Array;
  readonly columns: Record<string, Float64Array> = {};
  readonly errors: TradeError[] = [];
  readonly #trades: readonly Trade[];

  constructor(trades: readonly Trade[]) {
    this.#trades = trades;
    this.value = new Float64Array(trades.length).fill(Number.NaN);
    this.status = new Uint8Array(trades.length);
  }

  trade(index: number): Trade {
    return this.#trades[index] as Trade;
  }

  /** The column of a name, made when it is first asked for. */
  column(name: string): Float64Array {
    const known = this.columns[name];
    if (known !== undefined) return known;
    const made = new Float64Array(this.#trades.length).fill(Number.NaN);
    this.columns[name] = made;
    return made;
  }

  fail(index: number, code: StatusName, message: string, field?: string): void {
    const { id } = this.trade(index);
    this.status[index] = statusCodes[code];
    this.value[index] = Number.NaN;
    for (const column of Object.values(this.columns)) column[index] = Number.NaN;
    this.errors.push({ index, id, code, message, ...(field === undefined ? {} : { field }) });
  }
}
