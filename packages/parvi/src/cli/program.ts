// The `parvi` command as a function: words and ports in, exit code out. Puts the commands together, and turns what they
// throw into one line and an exit code.

import { Command, CommanderError } from 'commander';
import { isOptionError, ParviError, parviVersion } from '../runtime/index.ts';
import { addClusterCommands } from './cluster-commands.ts';
import { addCompletionCommand } from './completion.ts';
import { addConfigCommands, type CheckedOptions } from './config-commands.ts';
import { type CliPorts, createContext, type GlobalFlags } from './context.ts';
import { addDoctorCommand, type DoctorPorts } from './doctor.ts';
import { CliError, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addNodeCommands } from './node-commands.ts';
import { ownManagementUrl } from './own-management.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** What the command knows of nodes of the toolkit as a whole, which it stands beside. */
export interface NodeKnowledge extends DoctorPorts {
  readonly options: CheckedOptions;
}

/** Runs a command line, without the names of program and script; its exit code. */
export async function runCommand(
  words: readonly string[],
  ports: CliPorts,
  knowledge: NodeKnowledge,
): Promise<number> {
  const terminal = openTerminal(ports.out, ports.error, ports.environment);
  const program = buildProgram(ports, terminal, knowledge);
  for (const command of [program, ...within(program)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => ports.out.write(text),
      writeErr: (text) => ports.error.write(text),
    });
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    return exitCodeOf(error, (text) => terminal.error(text));
  }
}

/** The help of every command, as a page of the reference. */
export function commandReference(ports: CliPorts, knowledge: NodeKnowledge): string {
  const terminal = openTerminal(ports.out, ports.error, {});
  const program = buildProgram({ ...ports, environment: {} }, terminal, knowledge);
  const page: string[] = [];
  for (const command of [program, ...within(program)]) {
    if (command !== program && command.commands.length > 0) continue;
    let help = '';
    command.configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    page.push(`## ${pathOf(command)}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`);
  }
  return page.join('\n');
}

function pathOf(command: Command): string {
  const above = command.parent;
  return above === null ? command.name() : `${pathOf(above)} ${command.name()}`;
}

function buildProgram(ports: CliPorts, terminal: Terminal, knowledge: NodeKnowledge): Command {
  const program = newProgram(ports.environment);
  const context = createContext(ports, terminal, () => program.opts<GlobalFlags>());
  addClusterCommands(program, context);
  addNodeCommands(program, context);
  addConfigCommands(program, context, knowledge);
  addDoctorCommand(program, context, knowledge);
  addCompletionCommand(program, context);
  return program;
}

function newProgram(environment: CliPorts['environment']): Command {
  return new Command('parvi')
    .description('Operate a node or a cluster by the management server of one node')
    .version(parviVersion)
    .option(
      '--url <address>',
      'management server of a node; also by MANAGEMENT_URL',
      environment.MANAGEMENT_URL || ownManagementUrl(environment),
    )
    .option('--timeout <seconds>', 'how long the node may take for its whole answer', '5')
    .option('--ca <file>', 'authorities that vouch for the node, PEM')
    .option('--cert <file>', 'certificate to show, PEM')
    .option('--key <file>', 'its key, PEM')
    .option('--json', 'print JSON instead of tables', false)
    .addHelpText(
      'after',
      `
Credentials come from the environment: MANAGEMENT_TOKEN, or MANAGEMENT_USER and
MANAGEMENT_PASSWORD. Without these, the node beside the command is sent its own,
by PARVI_MANAGEMENT_AUTHENTICATION_*; no other node is.
${exitCodesHelp}`,
    )
    .showHelpAfterError('(add --help for more)');
}

function within(command: Command): Command[] {
  return command.commands.flatMap((inner) => [inner, ...within(inner)]);
}

function exitCodeOf(error: unknown, print: (text: string) => void): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof CliError) {
    if (error.code !== 'CLI_INTERRUPTED') print(`parvi: ${error.message}`);
    return error.exitCode;
  }
  if (error instanceof ParviError) {
    print(`parvi: ${error.message} (${error.code})`);
    return isOptionError(error) ? exitCodes.usage : exitCodes.failed;
  }
  print(`parvi: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return exitCodes.failed;
}
