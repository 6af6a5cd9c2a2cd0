// Trades as rows of one flat table: the columns are the fields of all instruments, a cell left empty is a field left
// out. Pure functions over cells; cutting bytes into rows is not done here.

import { nearestName } from './nearest-name.ts';
import {
  instrumentFields,
  instrumentNames,
  parseTrade,
  type Trade,
  type TradeProblem,
} from './trade.ts';

/** Every column, in the order in which trades are written: name and kind first, then fields by instrument. */
export const csvColumns: readonly string[] = [
  ...new Set(['id', 'instrument', ...instrumentNames.flatMap((name) => instrumentFields[name])]),
];

/** The header line of a file with all columns, without its line end. */
export const csvHeader = csvColumns.join(',');

const numberColumns = new Set([
  'notional',
  'strike',
  'rate',
  'fixedRate',
  'floatingSpread',
  'quantity',
  'spot',
  'volatility',
  'dividendYield',
  'steps',
]);
const flagColumns = new Set(['endOfMonth', 'fixedEndOfMonth', 'floatingEndOfMonth']);

/** A mistake in a row or header: the column by number from 1, besides what is wrong with the field. */
export interface CsvProblem extends TradeProblem {
  readonly column?: number;
}

export type CsvHeaderParse =
  | { readonly ok: true; readonly columns: readonly string[] }
  | { readonly ok: false; readonly problems: readonly CsvProblem[] };

/** Checks the cells of a header: known names, each once, the two needed ones among them. */
export function parseCsvHeader(cells: readonly string[]): CsvHeaderParse {
  const columns = cells.map((cell) => cell.trim());
  const problems: CsvProblem[] = [];
  columns.forEach((name, i) => {
    const known = csvColumns.includes(name);
    if (known && columns.indexOf(name) === i) return;
    const near = nearestName(name, csvColumns);
    const hint =
      near === undefined ? `known are ${csvColumns.join(', ')}` : `did you mean "${near}"?`;
    const reason = known ? 'is there twice' : `is unknown: ${hint}`;
    problems.push({
      code: 'FIELD_UNKNOWN',
      field: name,
      column: i + 1,
      message: `Column ${i + 1} "${name}" ${reason}`,
    });
  });
  for (const name of ['id', 'instrument']) {
    if (columns.includes(name)) continue;
    const message = `Column "${name}" is missing in the header line`;
    problems.push({ code: 'FIELD_MISSING', field: name, message });
  }
  return problems.length === 0 ? { ok: true, columns } : { ok: false, problems };
}

export type CsvRowParse =
  | { readonly ok: true; readonly trade: Trade }
  | {
      readonly ok: false;
      readonly id?: string;
      readonly instrument?: string;
      readonly problems: readonly CsvProblem[];
    };

/** The trade of a row under a checked header; problems name the column. */
export function parseCsvRow(columns: readonly string[], cells: readonly string[]): CsvRowParse {
  if (cells.length !== columns.length) {
    const message = `The row has ${cells.length} cells, but the header names ${columns.length} columns`;
    return { ok: false, problems: [{ code: 'TRADE_NOT_AN_OBJECT', message }] };
  }
  const fields: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) {
    // Most cells of a row are another instrument's.
    if (cells[i] === '') continue;
    const cell = (cells[i] as string).trim();
    if (cell !== '') fields[columns[i] as string] = cellValue(columns[i] as string, cell);
  }
  const parsed = parseTrade(fields);
  if (parsed.ok) return parsed;
  const problems = parsed.problems.map((problem) => withColumn(problem, columns));
  const { id, instrument } = fields;
  return {
    ok: false,
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof instrument === 'string' ? { instrument } : {}),
    problems,
  };
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A number or flag where the column holds those; text that is none stays text, for the field's check to refuse. */
function cellValue(column: string, cell: string): string | number | boolean {
  if (numberColumns.has(column)) return decimal.test(cell) ? Number(cell) : cell;
  if (!flagColumns.has(column)) return cell;
  const flag = cell.toLowerCase();
  if (flag === 'true') return true;
  return flag === 'false' ? false : cell;
}

function withColumn(problem: TradeProblem, columns: readonly string[]): CsvProblem {
  const column = columns.indexOf(problem.field ?? '') + 1;
  if (column === 0) return problem;
  return { ...problem, column, message: `Column ${column}: ${problem.message}` };
}

/** A trade as one line of a file with all columns, without its line end. */
export function tradeToCsv(trade: Trade): string {
  const fields: Readonly<Record<string, string | number | boolean | undefined>> = trade;
  return csvColumns.map((column) => csvCell(fields[column])).join(',');
}

/** Quoted where RFC 4180 asks for it. */
function csvCell(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
