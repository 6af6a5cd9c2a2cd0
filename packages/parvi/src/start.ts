// A node put together from the layers: actors, remoting, cluster, in this order, and taken apart by coordinated shutdown.

import {
  type ActorSystem,
  type ActorSystemPorts,
  ActorSystem as Base,
  checkNodeVersion,
} from './actor/index.ts';
import { checkStart, hostDefault, takesLease } from './check-start.ts';
import { Cluster, type ClusterOptions, clusterOf } from './cluster/index.ts';
import { givenEntries } from './given-options.ts';
import type { KubernetesOptions } from './kubernetes/index.ts';
import type { ManagementOptions } from './management/index.ts';
import { type LogControl, type LogOptions, openLog } from './observe/index.ts';
import { Remoting } from './remote/index.ts';
import { nodeVersion, systemClock, systemProcess, systemTimers } from './runtime/index.ts';
import type { StartBootstrapping } from './start-bootstrap.ts';
import { given, type StartOptions } from './start-options.ts';
import { tracedPorts } from './start-tracing.ts';

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
): { readonly ports: ActorSystemPorts; readonly logControl: LogControl | undefined } {
  const logged = { level: 'info', format: 'auto', stream: 'stderr', ...options } as const;
  const isProcessOwner =
    handleSignals && ports.process === undefined && ports.runtime === undefined;
  const opened =
    ports.log === undefined
      ? openLog(logged, { process: systemProcess, clock: systemClock })
      : { logger: ports.log, control: undefined };
  return {
    ports: {
      ...ports,
      log: opened.logger,
      ...(isProcessOwner ? { process: systemProcess } : {}),
    },
    logControl: opened.control,
  };
}

/**
 * Starts a node and resolves when it listens. It need not be a member by then: `cluster.whenUp` resolves later.
 * Unless other ports are handed in, it logs to standard error from level info on, and SIGTERM and SIGINT end it in good
 * order; `log: { level: 'silent' }` to hear nothing. The process lives until the system has terminated. An option that is
 * `undefined` counts as left out.
 *
 * @throws ManagementError of any code, with options of `management`; BootstrapError and DiscoveryError, with `bootstrap`
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
  await checkStart(options);
  const { remote, cluster, kubernetes, management, log = {}, handleSignals = true } = options;
  const { name, askTimeout, deadLetters, shutdown, telemetry } = options;
  const startOperating =
    management === undefined ? undefined : await loadManagement(management, options);
  const startBootstrapping = await bootstrapping(options);
  const traced = telemetry && (await tracedPorts(telemetry, name, ports));
  const defaults = withDefaults(traced?.ports ?? ports, handleSignals, given(log));
  const own = given({ name, askTimeout, deadLetters, shutdown });
  const system = Base.create(own, defaults.ports);
  if (ports.runtime === undefined) holdProcess(system);
  traced?.attend(system);
  try {
    if (remote !== undefined || cluster !== undefined) {
      const { limits = {}, ...network } = given(remote ?? {});
      const own = { host: hostDefault, ...network, limits: given(limits) };
      const remoting = await Remoting.start(system, own);
      if (cluster !== undefined) {
        const started = await startCluster(
          system,
          remoting,
          given(cluster),
          given(kubernetes ?? {}),
        );
        traced?.describeMember(started);
        if (startBootstrapping === undefined) noteManualJoin(system);
      }
    }
    const url = await startOperating?.(system, remote?.bindHost, defaults.logControl);
    if (url !== undefined) await startBootstrapping?.(system, url);
    return system;
  } catch (error) {
    await system.terminate();
    throw error;
  }
}

function noteManualJoin(system: ActorSystem): void {
  if (clusterOf(system).seedNodes.length > 0) return;
  system.log.info('No seed nodes configured, manual cluster join required');
}

/** What talks to Kubernetes is loaded only where something is wanted of it. */
async function startCluster(
  system: ActorSystem,
  remoting: Remoting,
  cluster: ClusterOptions,
  options: KubernetesOptions,
): Promise<Cluster> {
  const needsLease = takesLease(cluster, options);
  if (!needsLease && !options.podDeletionCost && !options.appVersionFromRevision) {
    return Cluster.start(system, remoting, cluster);
  }
  const { KubernetesNode } = await import('./kubernetes/index.ts');
  const node = new KubernetesNode(system, options, { environment: systemProcess.environment });
  const own = await node.clusterOptions(cluster, remoting.self.address);
  const started = Cluster.start(system, remoting, own);
  await node.attend();
  return started;
}

type StartOperating = (
  system: ActorSystem,
  bindHost: string | undefined,
  logControl: LogControl | undefined,
) => Promise<string>;

async function bootstrapping(options: StartOptions): Promise<StartBootstrapping | undefined> {
  const { bootstrap, discovery, kubernetes } = options;
  if (bootstrap === undefined || discovery === undefined) return undefined;
  const { loadBootstrap } = await import('./start-bootstrap.ts');
  return loadBootstrap(given(bootstrap), discovery, kubernetes);
}

/**
 * What serves management is loaded only where it is wanted. It listens where remoting does, unless it is told otherwise,
 * and shows the options of the start, unless it is handed a configuration.
 */
async function loadManagement(
  options: ManagementOptions,
  all: StartOptions,
): Promise<StartOperating> {
  const { startManagement } = await import('./management/index.ts');
  return async (system, bindHost, logControl) => {
    const inherited = options.host === undefined ? { bindHost } : {};
    const config = { entries: () => givenEntries(all) };
    const own = { ...given({ ...inherited, config, logControl }), ...given(options) };
    const { url } = await startManagement(system, own);
    return url;
  };
}
