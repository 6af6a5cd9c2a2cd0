// The `valuation` command as a function: words and streams in, exit code out. Puts the commands together, and turns what
// they throw into one line and an exit code.

import { Command, CommanderError } from 'commander';
import { isOptionError, ParviError } from 'parvi';
import { openTerminal } from 'parvi/cli/terminal';
import {
  type CliContext,
  type CommandStreams,
  createContext,
  type GlobalFlags,
} from './context.ts';
import { CliError, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addJobCommands } from './job-commands.ts';
import { addNodeCommands } from './node-commands.ts';
import { packageVersion } from './node-config.ts';
import { addPortfolioCommands } from './portfolio-commands.ts';
import { addResultCommands } from './result-commands.ts';
import { addSnapshotCommands } from './snapshot-commands.ts';

/** Runs a command line, without the names of program and script; its exit code. */
export async function runCommand(
  words: readonly string[],
  streams: CommandStreams,
): Promise<number> {
  const terminal = openTerminal(streams.out, streams.error, streams.environment);
  const program = buildProgram(streams.environment);
  const context: CliContext = createContext(streams, terminal, () => program.opts<GlobalFlags>());
  for (const command of [program, ...addCommands(program, context)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => streams.out.write(text),
      writeErr: (text) => streams.error.write(text),
    });
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    return exitCodeOf(error, (text) => terminal.error(text));
  }
}

function buildProgram(environment: CommandStreams['environment']): Command {
  return new Command('valuation')
    .description('Price portfolios on a grid of Parvi nodes')
    .version(packageVersion)
    .option(
      '--url <address>',
      'HTTP address of a controller or gateway; also by VALUATION_URL',
      environment.VALUATION_URL ?? 'http://127.0.0.1:7777',
    )
    .option('--timeout <seconds>', 'how long the controller may say nothing', '30')
    .option('--json', 'print JSON instead of tables', false)
    .addHelpText(
      'after',
      `
Start here:
  $ valuation local                                   a whole grid on this machine, and a priced portfolio
  $ valuation portfolio generate --trades 1000 --seed 1 --output book.csv
  $ valuation submit book.csv --metric NPV --follow
  $ valuation jobs
${exitCodesHelp}`,
    )
    .showHelpAfterError('(add --help for more)');
}

/** Adds all commands; gives every one of them, those within others too. */
function addCommands(program: Command, context: CliContext): Command[] {
  addJobCommands(program, context);
  addResultCommands(program, context);
  addPortfolioCommands(program, context);
  addSnapshotCommands(program, context);
  addNodeCommands(program, context);
  const within = (command: Command): Command[] =>
    command.commands.flatMap((inner) => [inner, ...within(inner)]);
  return within(program);
}

function exitCodeOf(error: unknown, print: (text: string) => void): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof CliError) {
    if (error.exitCode !== exitCodes.interrupted) print(`valuation: ${error.message}`);
    if (error.hint !== undefined) print(error.hint);
    return error.exitCode;
  }
  if (error instanceof ParviError) {
    print(`valuation: ${error.message} (${error.code})`);
    return isOptionError(error) ? exitCodes.usage : exitCodes.failed;
  }
  print(`valuation: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return exitCodes.failed;
}
