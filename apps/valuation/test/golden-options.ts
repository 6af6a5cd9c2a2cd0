// Reads the option goldens for tests: tables of columns, and batches made of chosen rows of them.

import { createOptionBatch, type OptionBatch } from '../src/kernels/options/index.ts';
import { goldenFile } from './golden-tables.ts';

type Column = readonly (number | string | null)[];

/** One table of a golden file. */
export interface GoldenTable {
  readonly count: number;
  readonly columns: Readonly<Record<string, Column>>;
}

/** Table `name` of the option goldens. */
export function goldenTable(name: string): GoldenTable {
  const tables =
    goldenFile<Record<string, { count: number } & Record<string, Column>>>('options.json');
  const table = tables[name];
  if (table === undefined) throw new Error(`No table "${name}" in options.json`);
  const { count, ...columns } = table;
  return { count, columns };
}

export function numberAt(table: GoldenTable, column: string, row: number): number {
  const cell = table.columns[column]?.[row];
  if (typeof cell !== 'number') throw new Error(`No number in ${column} of row ${row}`);
  return cell;
}

export function textAt(table: GoldenTable, column: string, row: number): string {
  const cell = table.columns[column]?.[row];
  if (typeof cell !== 'string') throw new Error(`No text in ${column} of row ${row}`);
  return cell;
}

/** A batch of the given rows, or of all. */
export function batchOfRows(table: GoldenTable, rows?: readonly number[]): OptionBatch {
  const wanted = rows ?? Array.from({ length: table.count }, (_, row) => row);
  const batch = createOptionBatch(wanted.length);
  for (const [i, row] of wanted.entries()) {
    batch.type[i] = textAt(table, 'type', row) === 'call' ? 1 : -1;
    batch.spot[i] = numberAt(table, 'spot', row);
    batch.strike[i] = numberAt(table, 'strike', row);
    batch.rate[i] = numberAt(table, 'rate', row);
    batch.dividendYield[i] = numberAt(table, 'dividendYield', row);
    batch.volatility[i] = numberAt(table, 'volatility', row);
    batch.time[i] = numberAt(table, 'time', row);
  }
  return batch;
}
