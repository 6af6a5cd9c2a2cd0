// controller, worker, local: what starts nodes of the grid. What only one of them needs is loaded by it: a worker has
// neither the time nor the memory for an HTTP server.

import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import {
  type ActorSystem,
  bootstrapOptionsOf,
  type ClusterOptions,
  clusterOptionsOf,
  kubernetesOptionsOf,
  type ManagementOptions,
  managementOptionsOf,
  remotingOptionsOf,
  systemProcess,
  systemRuntime,
  telemetryOptionsOf,
} from 'parvi';
import type { Config, OptionDescription } from 'parvi/config';
import { type LogControl, openLog } from 'parvi/observe';
import { type NodeOptions, startController, startWorker } from '../grid/start.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { launchedVariable } from './local/child-node.ts';
import {
  type ControllerConfig,
  controllerConfig,
  controllerKind,
  type controllerSchema,
  optionsOfKind,
  packageVersion,
  type WorkerConfig,
  workerConfig,
  workerKind,
  type workerSchema,
} from './node-config.ts';

export function addNodeCommands(program: Command, context: CliContext): void {
  program
    .command('local')
    .description('run a whole grid on this machine and price the bundled portfolio on it')
    .option('--controllers <n>', 'controllers, which are the seed nodes', '2')
    .option('--workers <n>', 'workers', '2')
    .option('--http-port <port>', 'HTTP port of the first controller', '7777')
    .option('--cluster-port <port>', 'cluster port of the first controller', '25520')
    .option('--directory <path>', 'where logs and spools go', '.parvi')
    .option('--once', 'end when the portfolio is priced (always so without a terminal)')
    .addHelpText(
      'after',
      examples(
        'valuation local',
        'valuation local --once --workers 4',
        'valuation local --http-port 8777 --cluster-port 26520 --directory grid',
      ),
    )
    .action((flags: LocalFlags) => local(context, flags));
  nodeCommand(program, 'controller', 'take jobs over HTTP and hand their trades to workers', {
    options: () => optionsOfKind(controllerKind),
    examples: [
      'valuation controller --http.port 7777 --remote.port 25520',
      'valuation controller --cluster.seed-nodes 127.0.0.1:25520 --http.port 7778 --remote.port 25521',
      'valuation controller --config controller.json',
    ],
    run: (words) => runController(context, words),
  });
  nodeCommand(program, 'worker', 'price what the controllers of a grid hand out', {
    options: () => optionsOfKind(workerKind),
    examples: [
      'valuation worker --cluster.seed-nodes 127.0.0.1:25520',
      'valuation worker --cluster.seed-nodes 127.0.0.1:25520,127.0.0.1:25521 --worker.threads 2',
    ],
    run: (words) => runWorker(context, words),
  });
}

interface LocalFlags {
  readonly controllers: string;
  readonly workers: string;
  readonly httpPort: string;
  readonly clusterPort: string;
  readonly directory: string;
  readonly once?: boolean;
}

async function local(context: CliContext, flags: LocalFlags): Promise<void> {
  const controllers = whole(flags.controllers, '--controllers');
  const workers = whole(flags.workers, '--workers');
  // Each controller takes the next port.
  const portMax = 65_536 - controllers;
  const httpPort = whole(flags.httpPort, '--http-port', portMax);
  const clusterPort = whole(flags.clusterPort, '--cluster-port', portMax);
  const { runLocal } = await import('./local/local.ts');
  return runLocal(context, {
    controllers,
    workers,
    httpPort,
    clusterPort,
    directory: flags.directory,
    once: flags.once === true || !context.terminal.interactive,
  });
}

function whole(text: string, flag: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? 'of 1 or more' : `from 1 to ${most}`;
  throw new CliError(`${flag} must be a whole number ${range}, not "${text}"`, exitCodes.usage);
}

interface NodeCommand {
  readonly options: () => readonly OptionDescription[];
  readonly examples: readonly string[];
  readonly run: (words: readonly string[]) => Promise<void>;
}

/** Options of nodes are read by the configuration, so that flags, environment and file have the same names. */
function nodeCommand(program: Command, name: string, what: string, command: NodeCommand): void {
  program
    .command(name)
    .description(what)
    .argument('[options...]', 'options such as --remote.port 25520, or --config FILE')
    .allowUnknownOption()
    .addHelpText(
      'after',
      () => `${examples(...command.examples)}\n${optionsHelp(command.options())}`,
    )
    .action((words: string[]) => command.run(words));
}

function optionsHelp(options: readonly OptionDescription[]): string {
  const lines = options.map((option) => {
    const shown = option.defaultText === '' ? '' : ` (default ${option.defaultText})`;
    return `  --${option.key}\n      ${option.effect}${shown}; ${option.environmentNames.join(', ')}`;
  });
  return `\nNode options, as flag, environment variable, or key of the file named by --config:\n${lines.join('\n')}`;
}

/** What both kinds of node take from their configuration. */
function nodeOptions(
  loaded: Config<typeof controllerSchema> | Config<typeof workerSchema>,
): NodeOptions {
  const config: ControllerConfig | WorkerConfig = loaded.values;
  const runtime = systemRuntime();
  const log = openLog(config.log, { process: systemProcess, clock: runtime.clock });
  return {
    systemName: config.system.name,
    remote: remotingOptionsOf(config),
    cluster: clusterOf(loaded),
    kubernetes: kubernetesOptionsOf(config),
    ...managementOf(loaded, log.control),
    ...bootstrapOptionsOf(config),
    ...telemetryOf(config),
    ports: { log: log.logger, process: systemProcess },
  };
}

function telemetryOf(config: ControllerConfig | WorkerConfig): Pick<NodeOptions, 'telemetry'> {
  const telemetry = telemetryOptionsOf(config);
  return telemetry === undefined ? {} : { telemetry };
}

/** Who bootstraps looks for no grid of this machine; seed nodes that somebody has set are another matter. */
function clusterOf(
  loaded: Config<typeof controllerSchema> | Config<typeof workerSchema>,
): ClusterOptions {
  const options = clusterOptionsOf(loaded.values);
  const isAssumed = loaded.origin('cluster.seedNodes').kind === 'code';
  return loaded.values.bootstrap.enabled && isAssumed ? { ...options, seedNodes: [] } : options;
}

/** Each node shows how it was set up, secrets masked, and lets its log be made more talkative. */
function managementOf(
  config: Config<typeof controllerSchema> | Config<typeof workerSchema>,
  logControl: LogControl,
): { readonly management?: ManagementOptions } {
  const management = managementOptionsOf(config.values);
  if (management === undefined) return {};
  return { management: { ...management, config, logControl } };
}

async function runController(context: CliContext, words: readonly string[]): Promise<void> {
  const loaded = controllerConfig(words, context.environment);
  const config = loaded.values;
  const { startHttp } = await import('../http/index.ts');
  const options = nodeOptions(loaded);
  const { spoolDirectory, ...limits } = config.controller;
  const running = await startController({
    ...options,
    controller: { ...limits, ...(spoolDirectory === undefined ? {} : { spoolDirectory }) },
  });
  try {
    await startHttp({
      system: running.system,
      grid: running.service,
      host: config.http.host,
      allowedHosts: config.http.allowedHosts,
      port: config.http.port,
      page: config.http.page,
      version: packageVersion,
      log: running.system.log,
    });
  } catch (error) {
    await running.system.terminate();
    throw error;
  }
  endWithLauncher(context, running.system);
  await running.system.whenTerminated;
}

async function runWorker(context: CliContext, words: readonly string[]): Promise<void> {
  const config = workerConfig(words, context.environment);
  const options = nodeOptions(config);
  const running = await startWorker({ ...options, worker: config.values.worker });
  endWithLauncher(context, running.system);
  letYoungGenerationGrow();
  await running.system.whenTerminated;
}

/** A node of a local grid leaves when its launcher is gone, even by kill -9. */
function endWithLauncher(context: CliContext, system: ActorSystem): void {
  if (context.environment[launchedVariable] === undefined) return;
  context.input.once('close', () => void system.terminate());
  context.input.resume();
}

/**
 * V8's own way of growing, which the entry of the command holds back while everything is loaded. Pricing threads make
 * garbage by the megabyte and gain by it; a controller passes bytes on, and with a small young generation stays flat.
 */
function letYoungGenerationGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}
