// snapshots: the market data that trades are priced on.

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { table } from 'parvi/cli/terminal';
import type { SnapshotInfoView } from '../http/views.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError, exitCodes } from './exit-codes.ts';

export function addSnapshotCommands(program: Command, context: CliContext): void {
  const snapshots = program
    .command('snapshots')
    .description('list, read and store market snapshots')
    .addHelpText(
      'after',
      `
Examples:
  $ valuation snapshots                               list them
  $ valuation snapshots show default > mine.json      a start for one of your own
  $ valuation snapshots put mine mine.json
  $ valuation submit book.csv --snapshot mine`,
    );
  snapshots
    .command('list', { isDefault: true })
    .description('names, dates and content hashes')
    .addHelpText('after', examples('valuation snapshots list'))
    .action(() => list(context));
  snapshots
    .command('show')
    .description('print a snapshot as JSON')
    .argument('<name>', 'name of the snapshot')
    .addHelpText('after', examples('valuation snapshots show default > mine.json'))
    .action((name: string) => show(context, name));
  snapshots
    .command('put')
    .description('store a snapshot; jobs that run keep the one they began with')
    .argument('<name>', 'name of the snapshot')
    .argument('<file>', 'JSON file, or - for standard input')
    .addHelpText(
      'after',
      examples(
        'valuation snapshots put mine mine.json',
        'valuation submit book.csv --snapshot mine',
      ),
    )
    .action((name: string, file: string) => put(context, name, file));
}

const pathOf = (name: string): string => `/v1/snapshots/${encodeURIComponent(name)}`;

async function list(context: CliContext): Promise<void> {
  const { snapshots } = await context
    .client()
    .json<{ snapshots: readonly SnapshotInfoView[] }>('/v1/snapshots');
  if (context.json()) return context.printJson(snapshots);
  context.terminal.out(
    table(
      [{ title: 'snapshot' }, { title: 'evaluation date' }, { title: 'content' }],
      snapshots.map(({ name, evaluationDate, hash }) => [name, evaluationDate, hash.slice(0, 12)]),
    ),
  );
}

async function show(context: CliContext, name: string): Promise<void> {
  context.printJson(await context.client().json<unknown>(pathOf(name)));
}

async function put(context: CliContext, name: string, file: string): Promise<void> {
  const body = file === '-' ? await text(context.input) : await textOfFile(file);
  const info = await context.client().json<SnapshotInfoView>(pathOf(name), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (context.json()) return context.printJson(info);
  context.terminal.out(
    `Snapshot ${info.name} stored: ${info.evaluationDate}, ${info.hash.slice(0, 12)}`,
  );
}

async function textOfFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError(`Cannot read "${file}": ${(cause as Error).message}`, exitCodes.usage);
  }
}
