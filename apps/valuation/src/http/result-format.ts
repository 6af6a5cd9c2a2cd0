// Results as the streams that clients ask for: NDJSON or CSV, in the order of the input.

import type { ResultView } from './views.ts';

export type ResultFormat = 'json' | 'ndjson' | 'csv';

/** The format by query parameter first and `Accept` header second. */
export function chooseFormat(format: string | undefined, accept: string | undefined): ResultFormat {
  if (format === 'ndjson' || format === 'csv' || format === 'json') return format;
  if (accept?.includes('application/x-ndjson') === true) return 'ndjson';
  return accept?.includes('text/csv') === true ? 'csv' : 'json';
}

export const contentTypes: Readonly<Record<ResultFormat, string>> = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
};

/** A CSV field per RFC 4180; a leading formula sign is defused, since spreadsheets open these files. */
function csvField(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Turns blocks of results into text. The extra columns of a CSV are those of the metric, so they are named up front. */
export async function* formatResults(
  blocks: AsyncIterable<readonly ResultView[]>,
  format: 'ndjson' | 'csv',
  extras: readonly string[],
): AsyncGenerator<string> {
  if (format === 'csv') {
    const head = ['row', 'id', 'instrument', 'metric', 'value', ...extras];
    yield `${[...head, 'worker', 'errorCode', 'errorField', 'errorMessage'].join(',')}\r\n`;
  }
  for await (const block of blocks) {
    let text = '';
    for (const result of block) {
      text += format === 'ndjson' ? `${JSON.stringify(result)}\n` : csvLine(result, extras);
    }
    if (text !== '') yield text;
  }
}

function csvLine(result: ResultView, extras: readonly string[]): string {
  const fields = [
    result.row,
    result.id,
    result.instrument,
    result.metric,
    result.value,
    ...extras.map((name) => result.extra?.[name]),
    result.worker,
    result.error?.code,
    result.error?.field,
    result.error?.message,
  ];
  return `${fields.map(csvField).join(',')}\r\n`;
}
