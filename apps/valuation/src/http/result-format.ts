// Results as the streams that clients ask for: NDJSON or CSV, in the order of the input.

import { type Metric, metrics } from '../pricing/index.ts';
import type { ResultView } from './views.ts';

export type StreamFormat = 'ndjson' | 'csv';
export type ResultFormat = 'json' | StreamFormat;

/** The format by query parameter first and `Accept` header second. */
export function chooseFormat(
  format: ResultFormat | undefined,
  accept: string | undefined,
): ResultFormat {
  if (format !== undefined) return format;
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

/**
 * The columns of a result file of a metric. Figures whose names depend on the market, such as the deltas by curve node,
 * are one JSON object in the column `figures`.
 */
export function resultColumns(metric: Metric): readonly string[] {
  const figures = metric === 'IRDelta' ? ['figures'] : metrics[metric].columns;
  const before = ['row', 'id', 'instrument', 'metric', 'value'];
  return [...before, ...figures, 'worker', 'errorCode', 'errorField', 'errorMessage'];
}

/** A stream of a million results is kept in pieces that die young: long texts would fill the old generation. */
const pieceChars = 32 * 1024;

/** Turns blocks of results into pieces of text. */
export async function* formatResults(
  blocks: AsyncIterable<readonly ResultView[]>,
  format: StreamFormat,
  metric: Metric,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${resultColumns(metric).join(',')}\r\n`;
  for await (const block of blocks) {
    let text = '';
    for (const result of block) {
      text += format === 'ndjson' ? `${JSON.stringify(result)}\n` : csvLine(result, metric);
      if (text.length < pieceChars) continue;
      yield text;
      text = '';
    }
    if (text !== '') yield text;
  }
}

function csvLine(result: ResultView, metric: Metric): string {
  const { extra, error } = result;
  const figures =
    metric === 'IRDelta'
      ? [extra === undefined ? undefined : JSON.stringify(extra)]
      : metrics[metric].columns.map((name) => extra?.[name]);
  const before = [result.row, result.id, result.instrument, result.metric, result.value];
  const after = [result.worker, error?.code, error?.field, error?.message];
  return `${[...before, ...figures, ...after].map(csvField).join(',')}\r\n`;
}
