// node log-level: how much a node logs, told and changed while it runs.

import { Argument, type Command } from 'commander';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError } from './exit-codes.ts';

/** Our words for the levels, and those of the route, which are Logback's. */
const levels: ReadonlyMap<string, string> = new Map([
  ['trace', 'TRACE'],
  ['debug', 'DEBUG'],
  ['info', 'INFO'],
  ['warn', 'WARN'],
  ['error', 'ERROR'],
  ['silent', 'OFF'],
]);

/** Of Pekko's routes, that which has a word for each level. */
const route = '/loglevel/logback?logger=ROOT';

export function addLogLevelCommand(node: Command, context: CliContext): void {
  node
    .command('log-level')
    .description('the least serious level that the node logs, or another from now on')
    .addArgument(new Argument('[level]', 'what it is to be').choices([...levels.keys()]))
    .addHelpText('after', examples('parvi node log-level', 'parvi node log-level debug'))
    .addHelpText(
      'after',
      `
To set it, the node needs management.writes. It holds until the node ends, which
then begins with its option log.level.`,
    )
    .action((level?: string) => logLevel(context, level));
}

async function logLevel(context: CliContext, wanted: string | undefined): Promise<void> {
  const client = context.client();
  const name = wanted === undefined ? undefined : levels.get(wanted);
  const said =
    name === undefined
      ? await client.words('GET', route)
      : await client.words('PUT', `${route}&level=${name}`);
  if (said === undefined) {
    throw new CliError(
      'CLI_REFUSED',
      'The node has no level of its log to tell or change: its program has handed in a logger of its own (option management.logControl)',
    );
  }
  if (wanted !== undefined) {
    context.tell(`The node logs from ${wanted} on`, { level: wanted, message: said });
    return;
  }
  const level = [...levels].find(([, known]) => known === said)?.[0] ?? said;
  context.tell(level, { level });
}
