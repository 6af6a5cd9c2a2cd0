// The configuration of the grid's nodes: the toolkit's options and those of controllers, workers and HTTP.

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nodeSchema } from 'parvi';
import {
  type Config,
  type ConfigInput,
  type ConfigSchema,
  describeOptions,
  duration,
  loadConfig,
  type OptionDescription,
  parseFlags,
  port,
} from 'parvi/config';
import { z } from 'zod';
import { controllerDefaults } from '../grid/options.ts';
import { gridSplitBrain, systemNameDefault } from '../grid/start.ts';
import { CliError, exitCodes } from './exit-codes.ts';

const httpSection = z.object({
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address the HTTP server listens on; 0.0.0.0 opens it to others'),
  allowedHosts: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Names by which requests may call the controller, besides addresses and localhost; none: on loopback no other name is taken, elsewhere any',
    ),
  port: port({ free: true }).default(7777).describe('Port of the HTTP server'),
  page: z.boolean().default(true).describe('Serve the live page'),
});

const controllerSection = z.object({
  jobsMax: z
    .int()
    .min(1)
    .default(controllerDefaults.jobsMax)
    .describe('Jobs that may run at once; more are refused with status 429'),
  queuedTradesMax: z
    .int()
    .min(1)
    .default(controllerDefaults.queuedTradesMax)
    .describe('Trades that may wait for a result; more are refused with status 503'),
  endedJobsMax: z
    .int()
    .min(1)
    .default(controllerDefaults.endedJobsMax)
    .describe('Ended jobs whose results are kept on disk'),
  spoolDirectory: z
    .string()
    .optional()
    .describe('Where trades and results are kept while a job is; default: the temporary directory'),
  leaveNoticeMs: duration()
    .default(controllerDefaults.leaveNoticeMs)
    .describe(
      'How long a leaving controller goes on as before while GET /ready says no; behind a gateway, twice its interval of health checks',
    ),
  leaveWaitMs: duration()
    .default(controllerDefaults.leaveWaitMs)
    .describe(
      'How long a leaving controller may take to hand its jobs to another and waits for those that none takes; what is unfinished then is lost',
    ),
});

const workerSection = z.object({
  threads: z
    .int()
    .min(1)
    .default(availableParallelism())
    .describe('Pricing threads; more than cores gain nothing')
    .meta({ defaultText: 'number of cores' }),
});

export const controllerSchema = nodeSchema.extend({
  http: httpSection,
  controller: controllerSection,
});
export const workerSchema = nodeSchema.extend({ worker: workerSection });

export type ControllerConfig = z.output<typeof controllerSchema>;
export type WorkerConfig = z.output<typeof workerSchema>;

/** Where a grid on one machine has its controllers: what a node without seed nodes of its own looks for. */
const localSeedNodes = ['127.0.0.1:25520', '127.0.0.1:25521'];

/** A kind of node: what may be set, and what it takes for granted where the toolkit has another default. */
interface NodeKind<Schema extends ConfigSchema> {
  readonly schema: Schema;
  readonly given: ConfigInput<Schema>;
}

/** Version of this application. */
export const packageVersion = versionIn(join(import.meta.dirname, '..', '..', 'package.json'));

const givenToAll = {
  system: { name: systemNameDefault },
  cluster: {
    seedNodes: localSeedNodes,
    splitBrain: gridSplitBrain,
    appVersion: packageVersion,
  },
};

export const controllerKind: NodeKind<typeof controllerSchema> = {
  schema: controllerSchema,
  given: givenToAll,
};
export const workerKind: NodeKind<typeof workerSchema> = {
  schema: workerSchema,
  given: { ...givenToAll, remote: { port: 0 } },
};

/** The options of a kind of node, with the defaults that it has. */
export function optionsOfKind({ schema, given }: NodeKind<ConfigSchema>): OptionDescription[] {
  return describeOptions(schema).map((option) => {
    const value = valueAt(given, option.key.split('.'));
    return value === undefined ? option : { ...option, defaultText: String(value) };
  });
}

function versionIn(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function valueAt(section: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || section === undefined) return section;
  return valueAt((section as Readonly<Record<string, unknown>>)[key], rest);
}

type Environment = Readonly<Record<string, string | undefined>>;

export const controllerConfig = (
  words: readonly string[],
  environment: Environment,
): Config<typeof controllerSchema> =>
  loadConfig(controllerSchema, {
    given: controllerKind.given,
    environment,
    environmentIgnored: variablesOf(workerSchema),
    flags: flagsOf(words),
  });

export const workerConfig = (
  words: readonly string[],
  environment: Environment,
): Config<typeof workerSchema> =>
  loadConfig(workerSchema, {
    given: workerKind.given,
    environment,
    environmentIgnored: variablesOf(controllerSchema),
    flags: flagsOf(words),
  });

/** One environment may serve both kinds of node, so neither refuses the other's variables. */
function variablesOf(schema: ConfigSchema): string[] {
  return describeOptions(schema).flatMap(({ environmentNames }) => environmentNames);
}

function flagsOf(words: readonly string[]) {
  const parsed = parseFlags(words);
  const extra = parsed.rest[0];
  if (extra === undefined) return parsed;
  throw new CliError(
    `There is no option or argument "${extra}"`,
    exitCodes.usage,
    'Options are written like --remote.port 25520; "valuation controller --help" lists them',
  );
}
