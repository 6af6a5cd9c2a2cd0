// A node as the `parvi` command plans it: what file, environment and flags would start, read and checked as the start
// does it.

import type { CheckedNode, NodePlan } from './cli/index.ts';
import {
  type Config,
  ConfigError,
  type ConfigProblem,
  type EnvironmentRecord,
  loadConfig,
  parseFlags,
} from './config/index.ts';
import { clusterOptionsOf, type NodeConfig, nodeSchema, startOptionsOf } from './node-options.ts';
import { silentLogger } from './observe/index.ts';
import { plannedCertificates } from './planned-certificates.ts';
import { kubernetesProblem } from './planned-place.ts';
import { type Runtime, urlHost } from './runtime/index.ts';
import { given, type StartOptions } from './start-options.ts';
import { parseAddress } from './wire/index.ts';

export interface PlanPorts {
  readonly environment: EnvironmentRecord;
  readonly runtime: Runtime;
}

/** @throws ParviError for which `isOptionError` holds, as a rejection */
export async function checkedOptions(
  words: readonly string[],
  ports: PlanPorts,
): Promise<CheckedNode> {
  const { environment } = ports;
  const config = loadConfig(nodeSchema, { environment, flags: parseFlags(words) });
  await check(config.values);
  const elsewhere = await kubernetesProblem(startOptionsOf(config.values), ports);
  return { options: config.entries(), elsewhere };
}

/** What checks a start loads a node as a whole, which other commands do without. */
async function check(config: NodeConfig): Promise<void> {
  const { checkStart } = await import('./check-start.ts');
  const options = startOptionsOf(config);
  await checkStart(options);
  await checkFiles(options);
}

/** A start reads them where it comes to use them; nobody who only checks wants to wait for that. */
async function checkFiles({ remote, cluster, management, bootstrap }: StartOptions): Promise<void> {
  const { checkRemotingFiles } = await import('./remote/index.ts');
  await checkRemotingFiles(given(remote ?? {}));
  if (management !== undefined) {
    const { checkManagementFiles } = await import('./management/index.ts');
    await checkManagementFiles(management);
  }
  // Who joins by seed nodes asks no contact points.
  if (bootstrap === undefined || (cluster?.seedNodes ?? []).length > 0) return;
  const { checkBootstrapFiles } = await import('./bootstrap/index.ts');
  await checkBootstrapFiles(given(bootstrap));
}

/** As {@link checkedOptions}, but options of an application are let be. */
export async function planOf(words: readonly string[], ports: PlanPorts): Promise<NodePlan> {
  const { values: config, optionsUnknown } = loadBeside(words, ports.environment);
  await check(config);
  const { host, port, bindHost = host, bindPort = port } = config.remote;
  const options = startOptionsOf(config);
  const { management } = options;
  const near = { protocol: 'pekko', system: config.system.name, port };
  const seeds = clusterOptionsOf(config).seedNodes ?? [];
  return {
    host,
    port,
    bindHost,
    bindPort,
    seedNodes: seeds.map((seed) => (typeof seed === 'string' ? parseAddress(seed, near) : seed)),
    management:
      management === undefined
        ? undefined
        : {
            host: management.bindHost ?? management.host ?? bindHost,
            port: management.bindPort ?? management.port ?? 7626,
          },
    certificates: plannedCertificates(options),
    kubernetesProblem: await kubernetesProblem(options, ports),
    bootstrap: config.bootstrap.enabled ? bootstrapOf(config, ports) : undefined,
    optionsUnknown,
  };
}

/** Beside the node of an application its options are in the environment, the file and the flags too. */
function loadBeside(
  words: readonly string[],
  environment: EnvironmentRecord,
): Pick<Config<typeof nodeSchema>, 'values'> & Pick<NodePlan, 'optionsUnknown'> {
  const sources = { environment, flags: parseFlags(words) };
  try {
    return { values: loadConfig(nodeSchema, sources).values, optionsUnknown: [] };
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [];
    const optionsUnknown = problems
      .filter((problem) => isForeign(problem, environment))
      .map(({ key }) => key);
    if (optionsUnknown.length === 0) throw error;
    const ignored = { environmentIgnored: optionsUnknown, keysIgnored: optionsUnknown };
    return { values: loadConfig(nodeSchema, { ...sources, ...ignored }).values, optionsUnknown };
  }
}

/** In the sections of the toolkit an unknown key is a misspelt one. */
function isForeign({ code, key }: ConfigProblem, environment: EnvironmentRecord): boolean {
  if (code !== 'CONFIG_KEY_UNKNOWN') return false;
  const [section = ''] = key.split('.');
  return environment[key] !== undefined || !Object.hasOwn(nodeSchema.shape, section);
}

const lookupMsMax = 5000;

function bootstrapOf(config: NodeConfig, ports: PlanPorts): NodePlan['bootstrap'] {
  const { host = config.remote.host, port } = config.management;
  const self = `${urlHost(host)}:${port}`;
  return {
    required: config.bootstrap.requiredContactPointNr,
    self,
    isFixed: config.discovery.method === 'config',
    find: async () => {
      const { targetText } = await import('./discovery/index.ts');
      const bootstrapping = await import('./bootstrap/index.ts');
      const { openedDiscovery } = await import('./start-bootstrap.ts');
      const { name, bootstrap = {}, discovery = {}, kubernetes } = startOptionsOf(config);
      const { query } = bootstrapping.bootstrapSettings(given(bootstrap), {
        system: name,
        managementPort: port,
      });
      const opened = await openedDiscovery(
        { discovery, kubernetes },
        { ...ports, log: silentLogger },
      );
      const found = await opened.lookup(query, lookupMsMax);
      const own = bootstrapping.contactPointOfUrl(`http://${self}`);
      return {
        found: found.map(targetText),
        isSelfFound: found.some((target) => bootstrapping.matchesSelf(target, own)),
      };
    },
  };
}
