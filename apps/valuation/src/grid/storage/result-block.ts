// The results of one chunk as bytes: columns of doubles and the trades' ids, made by the thread that priced them, kept
// as they are by the controller, and turned into rows only when somebody reads them. A row takes some 20 bytes here and
// 150 as JSON.
//
// Layout, little endian: u32 length of the head, the head as JSON padded with spaces to 8 bytes, one column of doubles
// for the values and each extra figure, one byte an instrument, u32 end of each id, the ids as UTF-8.

import { assert } from 'parvi/runtime';
import type { ResultView, TradeErrorView } from '../views.ts';

/** What a thread hands over: columns by trade. A trade with an error has NaN in all of them. */
export interface ResultColumns {
  readonly ids: readonly string[];
  readonly instruments: readonly string[];
  readonly values: Float64Array;
  readonly extras: Readonly<Record<string, Float64Array>>;
  readonly errors: ReadonlyMap<number, TradeErrorView>;
}

interface Head {
  readonly count: number;
  readonly columns: readonly string[];
  readonly instruments: readonly string[];
  /** Position of the trade, code, message, field. */
  readonly errors: readonly (readonly [number, string, string, string?])[];
}

/** Longer sentences are cut, so that a chunk full of failures still fits into a message. */
const messageLengthMax = 240;

export function writeResultBlock(columns: ResultColumns): Uint8Array {
  const count = columns.values.length;
  const names = Object.keys(columns.extras);
  const instruments = [...new Set(columns.instruments)];
  const head: Head = {
    count,
    columns: names,
    instruments,
    errors: [...columns.errors].map(([index, error]) => errorEntry(index, error)),
  };
  const headBytes = paddedHead(head);
  const ids = Buffer.from(columns.ids.join(''));
  const doubles = 8 * count * (1 + names.length);
  const bytes = new Uint8Array(headBytes.length + doubles + count + 4 * count + ids.length);
  bytes.set(headBytes);
  let offset = headBytes.length;
  for (const column of [columns.values, ...names.map((name) => columns.extras[name])]) {
    assert(column?.length === count, 'columns of a result block are of one length');
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), offset);
    offset += column.byteLength;
  }
  const numbers = new Map(instruments.map((name, number) => [name, number]));
  for (const instrument of columns.instruments) bytes[offset++] = numbers.get(instrument) ?? 0;
  const view = new DataView(bytes.buffer);
  let end = 0;
  for (const id of columns.ids) {
    end += Buffer.byteLength(id);
    view.setUint32(offset, end, true);
    offset += 4;
  }
  bytes.set(ids, offset);
  return bytes;
}

function errorEntry(index: number, error: TradeErrorView): Head['errors'][number] {
  const message =
    error.message.length > messageLengthMax
      ? `${error.message.slice(0, messageLengthMax)}…`
      : error.message;
  return error.field === undefined
    ? [index, error.code, message]
    : [index, error.code, message, error.field];
}

function paddedHead(head: Head): Uint8Array {
  const json = Buffer.from(JSON.stringify(head));
  const length = Math.ceil((json.length + 4) / 8) * 8;
  const bytes = new Uint8Array(length).fill(0x20);
  new DataView(bytes.buffer).setUint32(0, length - 4, true);
  bytes.set(json, 4);
  return bytes;
}

/** Reads rows of a block without touching the others. */
export class ResultBlock {
  readonly count: number;
  readonly #head: Head;
  readonly #columns: ReadonlyMap<string, Float64Array>;
  readonly #values: Float64Array;
  readonly #errors: ReadonlyMap<number, TradeErrorView>;
  readonly #rest: Buffer;
  readonly #idEnds: DataView;

  constructor(bytes: Uint8Array) {
    const owned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
    const view = new DataView(owned.buffer, owned.byteOffset, owned.byteLength);
    const headLength = view.getUint32(0, true);
    const text = Buffer.from(owned.buffer, owned.byteOffset + 4, headLength).toString('utf8');
    this.#head = JSON.parse(text) as Head;
    const { count, columns, errors } = this.#head;
    this.count = count;
    let offset = owned.byteOffset + 4 + headLength;
    const column = (): Float64Array => {
      const found = new Float64Array(owned.buffer, offset, count);
      offset += 8 * count;
      return found;
    };
    this.#values = column();
    this.#columns = new Map(columns.map((name) => [name, column()]));
    this.#rest = Buffer.from(owned.buffer, offset, owned.byteOffset + owned.byteLength - offset);
    this.#idEnds = new DataView(owned.buffer, offset + count, 4 * count);
    this.#errors = new Map(errors.map(([index, ...error]) => [index, errorView(error)]));
  }

  /** Values by trade; NaN where the trade failed. */
  get values(): Float64Array {
    return this.#values;
  }

  hasFailed(index: number): boolean {
    return this.#errors.has(index);
  }

  row(
    index: number,
    head: { readonly row: number; readonly metric: string; readonly worker?: string | undefined },
  ): ResultView {
    const error = this.#errors.get(index);
    const extra = error === undefined ? this.#extra(index) : undefined;
    return {
      row: head.row,
      id: this.#id(index),
      instrument: this.#head.instruments[this.#rest[index] ?? 0] ?? '',
      metric: head.metric,
      ...(error === undefined ? { value: this.#values[index] as number } : { error }),
      ...(extra === undefined ? {} : { extra }),
      ...(head.worker === undefined ? {} : { worker: head.worker }),
    };
  }

  #id(index: number): string {
    const from = index === 0 ? 0 : this.#idEnds.getUint32(4 * (index - 1), true);
    const base = 5 * this.count;
    return this.#rest.toString('utf8', base + from, base + this.#idEnds.getUint32(4 * index, true));
  }

  #extra(index: number): Record<string, number> | undefined {
    let extra: Record<string, number> | undefined;
    for (const [name, column] of this.#columns) {
      const value = column[index] as number;
      if (Number.isNaN(value)) continue;
      extra ??= {};
      extra[name] = value;
    }
    return extra;
  }
}

function errorView([code, message, field]: readonly [string, string, string?]): TradeErrorView {
  return field === undefined ? { code, message } : { code, field, message };
}
