// config show: what is in force on a node; config check: what would be, before a node is started with it.

import type { Command } from 'commander';
import { type ConfigEntry, originText, parseFlags } from '../config/index.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError } from './exit-codes.ts';
import { countedText, table } from './terminal.ts';
import type { OptionView } from './views.ts';

export interface CheckedNode {
  readonly options: readonly ConfigEntry[];
  /** Why a node could be started so on another machine only. */
  readonly elsewhere: string | undefined;
}

/**
 * All options that a node would be started with, by file, environment and flags, when it could be.
 *
 * @throws ParviError for which `isOptionError` holds, as a rejection
 */
export type CheckedOptions = (words: readonly string[]) => Promise<CheckedNode>;

/** Why no node can be started with this version of Node. */
export type NodeProblem = () => Promise<string | undefined>;

interface ConfigPorts {
  readonly options: CheckedOptions;
  readonly nodeProblem: NodeProblem;
}

export function addConfigCommands(program: Command, context: CliContext, ports: ConfigPorts): void {
  const config = program.command('config').description('options of nodes');
  config
    .command('show')
    .description('the options in force on the node, and where each came from; secrets are masked')
    .option('--set', 'only those that are not at their defaults', false)
    .addHelpText('after', examples('parvi config show --set', 'parvi --json config show'))
    .action((flags: { readonly set: boolean }) => show(context, flags.set));
  config
    .command('check')
    .description('check what a node of the toolkit would be started with: file, environment, flags')
    .argument('[options...]', 'as for the node, such as --config node.json --remote.port 25520')
    .allowUnknownOption()
    .addHelpText(
      'after',
      examples('parvi config check --config node.json', 'parvi config check --remote.port 0'),
    )
    .action((words: readonly string[]) => check(context, words, ports));
}

const byDefault = originText({ kind: 'default' });

async function show(context: CliContext, onlySet: boolean): Promise<void> {
  const found = await context
    .client()
    .find<{ readonly options: readonly OptionView[] }>('/parvi/config');
  if (found === undefined) {
    throw new CliError(
      'CLI_REFUSED',
      'The node does not show its configuration: its program has not handed it to management (option management.config)',
    );
  }
  const options = found.options.filter(({ origin }) => !onlySet || origin !== byDefault);
  if (context.json()) context.printJson(options);
  else context.terminal.out(optionTable(options));
}

async function check(
  context: CliContext,
  words: readonly string[],
  ports: ConfigPorts,
): Promise<void> {
  const [extra] = parseFlags(words).rest;
  if (extra !== undefined) {
    throw new CliError('CLI_USAGE', `There is no option "${extra}": write --remote.port 25520`);
  }
  const problem = await ports.nodeProblem();
  if (problem !== undefined) throw new CliError('CLI_USAGE', problem);
  const checked = await ports.options(words);
  const options = checked.options
    .map(({ key, shown, origin, effect }) => ({
      key,
      value: shown,
      origin: originText(origin),
      effect,
    }))
    .filter(({ origin }) => origin !== byDefault);
  if (context.json()) context.printJson(options);
  else {
    const are = options.length === 1 ? 'is' : 'are';
    const count = `${countedText(options.length, 'option')} ${are} set, and a node can be started so`;
    context.terminal.out(options.length === 0 ? count : `${optionTable(options)}\n${count}`);
  }
  if (checked.elsewhere === undefined) return;
  context.terminal.error(`parvi: on another machine, not here: ${checked.elsewhere}`);
}

function optionTable(options: readonly OptionView[]): string {
  return table(
    ['option', 'value', 'from'].map((title) => ({ title })),
    options.map(({ key, value, origin }) => [key, value === '' ? '–' : value, origin]),
  );
}
