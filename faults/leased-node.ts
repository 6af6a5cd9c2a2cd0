// A node of the grid with lease-majority. Options from outside know the lease of Kubernetes only, so this is the program
// that a user of another one writes: the grid's own nodes, started with a lease in their cluster options.
//
//   node leased-node.ts controller|worker [options of that kind of node]
//
// FAULTS_LEASE names the directory of the lease.

import { type ClusterOptions, clusterOptionsOf, remotingOptionsOf, systemProcess } from 'parvi';
import { openLog } from 'parvi/observe';
import { systemClock } from 'parvi/runtime';
import {
  type ControllerConfig,
  controllerConfig,
  type WorkerConfig,
  workerConfig,
} from '../apps/valuation/src/cli/node-config.ts';
import { startController, startWorker } from '../apps/valuation/src/grid/start.ts';
import { startHttp } from '../apps/valuation/src/http/index.ts';
import { FileLease } from './file-lease.ts';

function nodeOptions(config: ControllerConfig | WorkerConfig) {
  const cluster: ClusterOptions = clusterOptionsOf(config);
  const given = cluster.splitBrain === 'off' ? {} : cluster.splitBrain;
  const lease = new FileLease({
    directory: process.env.FAULTS_LEASE ?? '',
    owner: `${config.remote.host}-${process.pid}`,
    timeToLiveMs: 15_000,
  });
  return {
    systemName: config.system.name,
    remote: remotingOptionsOf(config),
    cluster: { ...cluster, splitBrain: { ...given, strategy: 'lease-majority', lease } },
    ports: {
      log: openLog(config.log, { process: systemProcess, clock: systemClock }).logger,
      process: systemProcess,
    },
  } as const;
}

async function controller(words: readonly string[]) {
  const config = controllerConfig(words, {}).values;
  const options = nodeOptions(config);
  const running = await startController(options);
  const { host, port, page, allowedHosts } = config.http;
  await startHttp({
    system: running.system,
    grid: running.service,
    ...{ host, port, page, allowedHosts },
    version: '0.0.0',
    log: options.ports.log,
  });
  return running.system;
}

async function worker(words: readonly string[]) {
  const config = workerConfig(words, {}).values;
  const running = await startWorker({ ...nodeOptions(config), worker: config.worker });
  return running.system;
}

const [kind, ...words] = process.argv.slice(2);
const system = await (kind === 'controller' ? controller(words) : worker(words));
// A node ends with the run that started it.
process.stdin.once('close', () => void system.terminate());
process.stdin.resume();
await system.whenTerminated;
process.exit(0);
