// Entry of the `valuation` command: puts the commands together, and turns what they throw into one line and an exit code.

import { Command, CommanderError, Option } from 'commander';
import { ParviError } from 'parvi';
import { type CliContext, createContext, type GlobalFlags } from './context.ts';
import { CliError, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addJobCommands } from './job-commands.ts';
import { addNodeCommands } from './node-commands.ts';
import { addPortfolioCommands } from './portfolio-commands.ts';
import { openTerminal } from './terminal.ts';

const terminal = openTerminal(process.stdout, process.stderr, process.env);

function writeBytes(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error == null ? resolve() : reject(error)));
  });
}

function buildProgram(): Command {
  const program = new Command('valuation')
    .description('Price portfolios on a grid of Parvi nodes')
    .addOption(
      new Option('--url <address>', 'HTTP address of a controller or gateway')
        .env('VALUATION_URL')
        .default('http://127.0.0.1:7777'),
    )
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
    .showHelpAfterError('(add --help for more)')
    .exitOverride();
  const context: CliContext = createContext({
    terminal,
    input: process.stdin,
    environment: process.env,
    flags: () => program.opts<GlobalFlags>(),
    writeBytes,
  });
  addJobCommands(program, context);
  addPortfolioCommands(program, context);
  addNodeCommands(program, context);
  return program;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof CliError) {
    if (error.exitCode !== exitCodes.interrupted) terminal.error(`valuation: ${error.message}`);
    if (error.hint !== undefined) terminal.error(error.hint);
    return error.exitCode;
  }
  if (error instanceof ParviError) {
    terminal.error(`valuation: ${error.message} (${error.code})`);
    return exitCodes.failed;
  }
  terminal.error(
    `valuation: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return exitCodes.failed;
}

// A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

try {
  await buildProgram().parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
