// A node put together from the layers: actors, remoting, cluster, in this order, and taken apart by coordinated shutdown.

import { type ActorSystem, type ActorSystemPorts, ActorSystem as Base } from './actor/index.ts';
import { Cluster, type ClusterOptions } from './cluster/index.ts';
import type { KubernetesOptions } from './kubernetes/index.ts';
import { type LogOptions, openLog } from './observe/index.ts';
import { Remoting } from './remote/index.ts';
import { nodeVersion, systemClock, systemProcess, systemTimers } from './runtime/index.ts';
import { checkNodeVersion, checkStartOptions, given, type StartOptions } from './start-options.ts';

const hostDefault = '127.0.0.1';

/** Neither waiting actors nor their timers hold a process open; a program that awaits them must not end in the middle. */
function holdProcess(system: ActorSystem): void {
  const hold = systemTimers({ keepsProcessAlive: true }).every(3_600_000, () => undefined);
  void system.whenTerminated.then(() => hold.cancel());
}

/** What a node of a process of its own has when nothing else is handed in: a log on standard error, and signals heard. */
function withDefaults(
  ports: ActorSystemPorts,
  handleSignals: boolean,
  options: Partial<LogOptions>,
): ActorSystemPorts {
  const logged = { level: 'info', format: 'auto', stream: 'stderr', ...options } as const;
  const isProcessOwner =
    handleSignals && ports.process === undefined && ports.runtime === undefined;
  return {
    ...ports,
    log: ports.log ?? openLog(logged, { process: systemProcess, clock: systemClock }).logger,
    ...(isProcessOwner ? { process: systemProcess } : {}),
  };
}

/**
 * Starts a node and resolves when it listens. It need not be a member by then: `cluster.whenUp` resolves later.
 * Unless other ports are handed in, it logs to standard error from level info on, and SIGTERM and SIGINT end it in good
 * order; `log: { level: 'silent' }` to hear nothing. The process lives until the system has terminated. An option that is
 * `undefined` counts as left out.
 *
 * @throws KubernetesError of any code, with options of `kubernetes`
 * @throws ActorError `ACTOR_SYSTEM_NAME_INVALID`; RemoteError `REMOTE_BIND_FAILED`, `REMOTE_OPTIONS_INVALID`;
 * ParviError `CLUSTER_OPTION_INVALID`, `START_OPTION_UNKNOWN`, `START_OPTION_INVALID`, `START_NODE_UNSUPPORTED`. Nothing
 * is left running then.
 */
export async function startSystem(
  options: StartOptions,
  ports: ActorSystemPorts = {},
): Promise<ActorSystem> {
  checkNodeVersion(nodeVersion);
  checkStartOptions(options);
  const { remote, cluster, kubernetes, log = {}, handleSignals = true, ...own } = options;
  const system = Base.create(given(own), withDefaults(ports, handleSignals, given(log)));
  if (ports.runtime === undefined) holdProcess(system);
  try {
    if (remote !== undefined || cluster !== undefined) {
      const { limits = {}, ...network } = given(remote ?? {});
      const own = { host: hostDefault, ...network, limits: given(limits) };
      const remoting = await Remoting.start(system, own);
      if (cluster !== undefined) {
        await startCluster(system, remoting, given(cluster), given(kubernetes ?? {}));
      }
    }
    return system;
  } catch (error) {
    await system.terminate();
    throw error;
  }
}

/** What talks to Kubernetes is loaded only where something is wanted of it. */
async function startCluster(
  system: ActorSystem,
  remoting: Remoting,
  cluster: ClusterOptions,
  options: KubernetesOptions,
): Promise<void> {
  const { splitBrain } = cluster;
  const needsLease =
    typeof splitBrain === 'object' &&
    splitBrain.strategy === 'lease-majority' &&
    splitBrain.lease === undefined &&
    options.lease !== undefined;
  if (!needsLease && !options.podDeletionCost && !options.appVersionFromRevision) {
    Cluster.start(system, remoting, cluster);
    return;
  }
  const { KubernetesNode } = await import('./kubernetes/index.ts');
  const node = new KubernetesNode(system, options, { environment: systemProcess.environment });
  Cluster.start(system, remoting, await node.clusterOptions(cluster, remoting.self.address));
  await node.attend();
}
