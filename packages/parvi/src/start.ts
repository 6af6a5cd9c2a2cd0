// A node put together from the layers: actors, remoting, cluster, in this order, and taken apart by coordinated shutdown.

import {
  type ActorSystem,
  type ActorSystemCreateOptions,
  type ActorSystemPorts,
  ActorSystem as Base,
} from './actor/index.ts';
import { Cluster, type ClusterOptions } from './cluster/index.ts';
import { nearest } from './config/index.ts';
import { type LogOptions, openLog } from './observe/index.ts';
import { Remoting, type RemotingOptions } from './remote/index.ts';
import { ParviError, systemClock, systemProcess, systemTimers } from './runtime/index.ts';

export interface StartOptions extends ActorSystemCreateOptions {
  /** Makes the node reachable for others. Left out: the system stays alone, unless `cluster` is given. */
  readonly remote?: Partial<RemotingOptions>;
  /** Makes the node a member. With `seedNodes` it joins by itself; else `Cluster.join` does. */
  readonly cluster?: ClusterOptions;
  /** What is logged, in which form and where, unless a logger is handed in. Default level info, standard error. */
  readonly log?: Partial<LogOptions>;
  /** SIGTERM and SIGINT run coordinated shutdown, by which the node leaves its cluster. Default true. */
  readonly handleSignals?: boolean;
}

const hostDefault = '127.0.0.1';

/** Names of the options, complete by their types, so that a misspelt one is not passed over in silence. */
const remoteNames: Readonly<Record<keyof RemotingOptions, true>> = {
  host: true,
  port: true,
  bindHost: true,
  bindPort: true,
  protocol: true,
  transport: true,
  tls: true,
  largeMessageDestinations: true,
  openSystemPaths: true,
  serialization: true,
  limits: true,
};
const clusterNames: Readonly<Record<keyof ClusterOptions, true>> = {
  seedNodes: true,
  roles: true,
  dataCenter: true,
  appVersion: true,
  acceptProtocols: true,
  seedNodeTimeout: true,
  joinRetryInterval: true,
  retryUnsuccessfulJoinAfter: true,
  shutdownAfterUnsuccessfulJoin: true,
  allowWeaklyUp: true,
  membersMin: true,
  membersMinByRole: true,
  periodicTasksInitialDelay: true,
  gossipInterval: true,
  gossipTimeToLive: true,
  gossipDifferentViewProbability: true,
  reduceGossipDifferentViewProbability: true,
  leaderActionsInterval: true,
  unreachableReaperInterval: true,
  pruneTombstonesAfter: true,
  quarantineRemovedNodeAfter: true,
  failureDetector: true,
  splitBrain: true,
  joinConfig: true,
  enforceJoinConfig: true,
  shutdownWhenDown: true,
};
const systemNames: Readonly<Record<keyof StartOptions, true>> = {
  name: true,
  askTimeout: true,
  deadLetters: true,
  shutdown: true,
  remote: true,
  cluster: true,
  log: true,
  handleSignals: true,
};

function refuseUnknown(section: string, given: object | undefined, names: object): void {
  const known = Object.keys(names);
  for (const name of Object.keys(given ?? {})) {
    if (known.includes(name)) continue;
    const option = `${section}${name}`;
    const near = nearest(name, known);
    const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
    throw new ParviError(
      'START_OPTION_UNKNOWN',
      `Cannot start with the option "${option}": there is none of that name; ${hint}`,
      { fields: { option } },
    );
  }
}

/** Neither waiting actors nor their timers hold a process open; a program that awaits them must not end in the middle. */
function holdProcess(system: ActorSystem): void {
  const hold = systemTimers({ keepsProcessAlive: true }).every(3_600_000, () => undefined);
  void system.whenTerminated.then(() => hold.cancel());
}

/** What a node of a process of its own has when nothing else is handed in: a log on standard error, and signals heard. */
function withDefaults(
  ports: ActorSystemPorts,
  handleSignals: boolean,
  options: Partial<LogOptions> = {},
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
 * order; `log: { level: 'silent' }` to hear nothing. The process lives until the system has terminated.
 *
 * @throws ActorError `ACTOR_SYSTEM_NAME_INVALID`; RemoteError `REMOTE_BIND_FAILED`, `REMOTE_OPTIONS_INVALID`;
 * ParviError `CLUSTER_OPTION_INVALID`, `START_OPTION_UNKNOWN`. Nothing is left running then.
 */
export async function startSystem(
  options: StartOptions,
  ports: ActorSystemPorts = {},
): Promise<ActorSystem> {
  const { remote, cluster, log, handleSignals = true, ...own } = options;
  refuseUnknown('', options, systemNames);
  refuseUnknown('remote.', remote, remoteNames);
  refuseUnknown('cluster.', cluster, clusterNames);
  const system = Base.create(own, withDefaults(ports, handleSignals, log));
  if (ports.runtime === undefined) holdProcess(system);
  try {
    if (remote !== undefined || cluster !== undefined) {
      const remoting = await Remoting.start(system, { host: hostDefault, ...remote });
      if (cluster !== undefined) Cluster.start(system, remoting, cluster);
    }
    return system;
  } catch (error) {
    await system.terminate();
    throw error;
  }
}
