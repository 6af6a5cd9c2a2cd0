// results: what came out, as a table, or as CSV or NDJSON for other programs.

import type { Command } from 'commander';
import { type Column, jsonText, Table } from 'parvi/cli/terminal';
import type { ResultView } from '../http/views.ts';
import type { CliContext } from './context.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { figureText } from './figures.ts';

export function addResultCommands(program: Command, context: CliContext): void {
  program
    .command('results')
    .description('print the results of a job, in the order of its trades')
    .argument('<job>', 'id of the job')
    .option('--format <format>', 'table, csv or ndjson', 'table')
    .option('--failed', 'only trades without a value: failed, or refused on input')
    .addHelpText(
      'after',
      `
Examples:
  $ valuation results JOB --failed
  $ valuation results JOB --format csv > results.csv
  $ valuation --json results JOB | jq .value          one result as JSON a line`,
    )
    .action((id: string, flags: { format: string; failed?: boolean }) =>
      results(context, id, flags),
    );
}

async function results(
  context: CliContext,
  id: string,
  flags: { readonly format: string; readonly failed?: boolean },
): Promise<void> {
  const client = context.client();
  if (flags.format === 'csv' || flags.format === 'ndjson') {
    const path = `/v1/jobs/${encodeURIComponent(id)}/results?format=${flags.format}&failedOnly=${flags.failed === true}`;
    for await (const bytes of client.bytes(path)) await context.writeBytes(bytes);
    return;
  }
  if (flags.format !== 'table') {
    throw new CliError(
      `There is no format "${flags.format}"`,
      exitCodes.usage,
      'Give table, csv or ndjson',
    );
  }
  const table = new Table(columns);
  for await (const page of client.resultPages(id, flags.failed === true)) {
    if (context.json()) for (const result of page) context.terminal.out(jsonText(result));
    else if (page.length > 0) context.terminal.out(table.part(page.map(cellsOf)));
  }
}

const columns: readonly Column[] = [
  { title: 'row', right: true },
  { title: 'trade' },
  { title: 'instrument' },
  { title: 'value', right: true },
  { title: '' },
];

const cellsOf = (result: ResultView): readonly string[] => [
  String(result.row),
  result.id,
  result.instrument,
  figureText(result.value ?? null),
  result.error === undefined ? '' : `${result.error.code}: ${result.error.message}`,
];
