// Reads the golden files' tables, one array a field, as rows.

import { readFileSync } from 'node:fs';

/** One array a field and the number of rows. */
export type Table<Row extends object> = { count: number } & { [Field in keyof Row]: Row[Field][] };

/** The rows of a table in order. */
export function* rows<Row extends object>(table: Table<Row>): Generator<Row> {
  const columns = Object.entries(table as Record<string, unknown>).filter(
    (entry): entry is [string, unknown[]] => Array.isArray(entry[1]),
  );
  for (let i = 0; i < table.count; i++) {
    yield Object.fromEntries(columns.map(([name, cells]) => [name, cells[i]])) as Row;
  }
}

/** A golden file by name, such as `rates.json`. */
export function goldenFile<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));
}
