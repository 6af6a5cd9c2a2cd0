#!/usr/bin/env node
// Entry of the `parvi` command: the process's own streams and signals, and what the command must know of nodes.

import { createInterface } from 'node:readline/promises';
import { httpDoor, type NodePlan, netDoor, runCommand } from './cli/index.ts';
import { ConfigError, loadConfig, parseFlags, readTextFile } from './config/index.ts';
import type { ServiceDiscovery } from './discovery/index.ts';
import { clusterOptionsOf, type NodeConfig, nodeSchema, startOptionsOf } from './node-options.ts';
import { silentLogger } from './observe/index.ts';
import { systemProcess, systemRuntime, systemTimers } from './runtime/index.ts';
import { parseAddress } from './wire/index.ts';

const interrupted = new AbortController();
const runtime = { ...systemRuntime(), timers: systemTimers({ keepsProcessAlive: true }) };
const environment = systemProcess.environment;

/** Beside the node of an application its options are in the environment too. */
function loadNodeConfig(
  words: readonly string[],
): Pick<NodePlan, 'variablesUnknown'> & { readonly config: NodeConfig } {
  const sources = { environment, flags: parseFlags(words) };
  try {
    return { config: loadConfig(nodeSchema, sources).values, variablesUnknown: [] };
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [];
    const isForeign = problems.every(
      ({ code, key }) => code === 'CONFIG_KEY_UNKNOWN' && environment[key] !== undefined,
    );
    if (problems.length === 0 || !isForeign) throw error;
    const variablesUnknown = problems.map(({ key }) => key);
    const environmentIgnored = variablesUnknown;
    const config = loadConfig(nodeSchema, { ...sources, environmentIgnored }).values;
    return { config, variablesUnknown };
  }
}

async function planOf(words: readonly string[]): Promise<NodePlan> {
  const { config, variablesUnknown } = loadNodeConfig(words);
  const { host, port, bindHost = host, bindPort = port } = config.remote;
  const { management } = startOptionsOf(config);
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
            host: management.bindHost ?? management.host ?? host,
            port: management.bindPort ?? management.port ?? 7626,
          },
    bootstrap: config.bootstrap.enabled ? bootstrapOf(config) : undefined,
    variablesUnknown,
  };
}

const lookupMsMax = 5000;

function bootstrapOf(config: NodeConfig): NodePlan['bootstrap'] {
  const { requiredContactPointNr, serviceName, serviceNamespace, portName, protocol } =
    config.bootstrap;
  return {
    required: requiredContactPointNr,
    find: async () => {
      const { targetText } = await import('./discovery/index.ts');
      const name = serviceName ?? config.system.name.toLowerCase().replace(/[ _]/g, '-');
      const found = await (await discoveryOf(config)).lookup(
        {
          serviceName: serviceNamespace === undefined ? name : `${name}.${serviceNamespace}`,
          protocol,
          ...(portName === undefined ? {} : { portName }),
        },
        lookupMsMax,
      );
      return found.map(targetText);
    },
  };
}

async function discoveryOf(config: NodeConfig): Promise<ServiceDiscovery> {
  const { discovery, kubernetes } = startOptionsOf(config);
  if (discovery !== undefined && 'lookup' in discovery) return discovery;
  const { openDiscovery } = await import('./discovery/index.ts');
  const { lease: _, ...ofApi } = kubernetes ?? {};
  const ports = { runtime, log: silentLogger, environment, kubernetes: ofApi };
  return openDiscovery(discovery ?? {}, ports);
}

async function question(text: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(text, { signal: interrupted.signal });
  } finally {
    lines.close();
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
process.stderr.on('error', () => undefined);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  systemProcess.onSignal(signal, () => {
    // Whatever does not end at the first one ends at the second.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  });
}

process.exitCode = await runCommand(
  process.argv.slice(2),
  {
    out: process.stdout,
    error: process.stderr,
    environment,
    clock: runtime.clock,
    timers: runtime.timers,
    readText: readTextFile,
    openDoor: httpDoor,
    interrupted: interrupted.signal,
    ...(process.stdin.isTTY === true ? { question } : {}),
  },
  { schema: async () => nodeSchema, net: netDoor, plan: planOf },
);
