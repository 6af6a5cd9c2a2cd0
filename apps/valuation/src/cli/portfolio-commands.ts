// portfolio generate: seeded portfolios of any size, for trying things out and for load.

import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { tradesText } from './figures.ts';

interface GenerateFlags {
  readonly trades: string;
  readonly seed: string;
  readonly format?: string;
  readonly output?: string;
}

const blockChars = 64 * 1024;

const generateExamples = examples(
  'valuation portfolio generate --trades 1000 --seed 1 --output book.csv',
  'valuation portfolio generate -n 1000 --format ndjson | valuation submit - --format ndjson',
);

export function addPortfolioCommands(program: Command, context: CliContext): void {
  const portfolio = program
    .command('portfolio')
    .description('make portfolios')
    .addHelpText('after', generateExamples);
  portfolio
    .command('generate')
    .description('print a portfolio of realistic trades; the same seed gives the same trades')
    .requiredOption('-n, --trades <n>', 'how many trades')
    .option('--seed <n>', 'seed of the random choices', '1')
    .option('--format <format>', 'csv or ndjson (default: by the file’s ending, else csv)')
    .option('-o, --output <file>', 'file to write (default: standard output)')
    .addHelpText('after', generateExamples)
    .action((flags: GenerateFlags) => generate(context, flags));
}

function wholeNumber(text: string, flag: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new CliError(`${flag} must be a whole number, not "${text}"`, exitCodes.usage);
}

async function generate(context: CliContext, flags: GenerateFlags): Promise<void> {
  const trades = wholeNumber(flags.trades, '--trades');
  const seed = wholeNumber(flags.seed, '--seed');
  const ending = flags.output?.split('.').at(-1);
  const format = flags.format ?? (ending === 'ndjson' || ending === 'jsonl' ? 'ndjson' : 'csv');
  if (format !== 'csv' && format !== 'ndjson') {
    throw new CliError(`There is no format "${format}"`, exitCodes.usage, 'Give csv or ndjson');
  }
  const { csvHeader, tradeToCsv } = await import('../instruments/index.ts');
  const { generatePortfolio } = await import('../pricing/index.ts');
  const sink = await openSink(context, flags.output);
  let block = format === 'csv' ? `${csvHeader}\n` : '';
  for (const trade of generatePortfolio({ trades, seed })) {
    block += format === 'csv' ? `${tradeToCsv(trade)}\n` : `${JSON.stringify(trade)}\n`;
    if (block.length < blockChars) continue;
    await sink.write(block);
    block = '';
  }
  await sink.write(block);
  await sink.close();
  if (flags.output !== undefined) {
    context.terminal.out(`${tradesText(trades)} written to ${flags.output}`);
  }
}

interface TextSink {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

async function openSink(context: CliContext, file: string | undefined): Promise<TextSink> {
  if (file === undefined) {
    return { write: (text) => context.writeBytes(Buffer.from(text)), close: async () => undefined };
  }
  const failed = (cause: Error): never => {
    throw new CliError(`Cannot write "${file}": ${cause.message}`, exitCodes.failed);
  };
  const handle = await open(file, 'w').catch(failed);
  return {
    write: (text) => handle.appendFile(text).catch(failed),
    close: () => handle.close().catch(failed),
  };
}
