// Entry of the grid's two kinds of node: an actor system with remoting and cluster, and on it a controller or a worker.
// Each kind loads its own part only: a worker's event loop has no use for what a controller checks and prices with.

import {
  type ActorSystem,
  type ActorSystemPorts,
  type BootstrapOptions,
  type ClusterOptions,
  type DiscoveryOptions,
  type KubernetesOptions,
  type ManagementOptions,
  type RemotingOptions,
  ActorSystem as Systems,
  type TelemetryOptions,
} from 'parvi';
import { clusterOf } from 'parvi/cluster';
import { ClusterMembership } from './cluster-membership.ts';
import type { ControllerHandle } from './controller.ts';
import { controllerRole, workerRole } from './membership.ts';
import { type ControllerOptions, controllerDefaults, type WorkerOptions } from './options.ts';
import { controllerPath, workerPath } from './places.ts';
import { checkSpoolDirectory } from './storage/spool.ts';
import type { WorkerHandle } from './worker.ts';

/** Name of the actor system, the same on all nodes of a grid. */
export const systemNameDefault = 'Valuation';

export interface NodeOptions {
  /** Default `Valuation`. */
  readonly systemName?: string;
  readonly remote?: Partial<RemotingOptions>;
  /** Roles besides the node's own may be given. */
  readonly cluster?: ClusterOptions;
  readonly kubernetes?: KubernetesOptions;
  /** Left out: nothing is served. */
  readonly management?: ManagementOptions;
  /** Left out: nothing is traced. */
  readonly telemetry?: TelemetryOptions;
  /** Finds the cluster without seed nodes; needs management and discovery. */
  readonly bootstrap?: BootstrapOptions;
  readonly discovery?: DiscoveryOptions;
  readonly ports?: ActorSystemPorts;
}

export interface ControllerNodeOptions extends NodeOptions {
  readonly controller?: Partial<ControllerOptions>;
}

export interface WorkerNodeOptions extends NodeOptions {
  readonly worker?: Partial<WorkerOptions>;
}

export interface RunningController extends ControllerHandle {
  readonly system: ActorSystem;
}

export interface RunningWorker extends WorkerHandle {
  readonly system: ActorSystem;
}

/**
 * Which side of a partition goes on: that of the oldest member, a controller, since controllers start first and keep
 * the jobs. Workers are many and expendable, so a majority of members says nothing: by keep-majority, controllers would
 * end themselves when most workers die at once. When the oldest dies alone, the others go on without it.
 */
export const gridSplitBrain = { strategy: 'keep-oldest', downIfAlone: true } as const;

/** How much longer than its jobs a leaving controller may take. */
const drainGraceMs = 2000;

/**
 * Starts a controller node; resolves when it listens, which may be before it is a member.
 *
 * @throws GridError `GRID_DISK_FAILED` when its spool directory cannot be used
 * @throws RemoteError `REMOTE_BIND_FAILED`; what `ActorSystem.start` throws. Nothing is left running then.
 */
export async function startController(
  options: ControllerNodeOptions = {},
): Promise<RunningController> {
  await checkSpoolDirectory(options.controller?.spoolDirectory);
  const { spawnController } = await import('./controller.ts');
  const { leaveNoticeMs, leaveWaitMs } = { ...controllerDefaults, ...options.controller };
  const { system, membership } = await startNode(
    options,
    controllerRole,
    leaveNoticeMs + leaveWaitMs + drainGraceMs,
  );
  const controller = spawnController(system, {
    membership,
    ...(options.controller === undefined ? {} : { options: options.controller }),
  });
  return { system, ...controller };
}

/** Starts a worker node; otherwise as {@link startController}. It takes work as soon as it is a member. */
export async function startWorker(options: WorkerNodeOptions = {}): Promise<RunningWorker> {
  const { spawnWorker } = await import('./worker.ts');
  const { system, membership } = await startNode(options, workerRole, undefined);
  const worker = spawnWorker(system, {
    membership,
    ...(options.worker === undefined ? {} : { options: options.worker }),
  });
  return { system, ...worker };
}

async function startNode(options: NodeOptions, role: string, drainMs: number | undefined) {
  const { remote, cluster, kubernetes = {}, ports = {} } = options;
  const { management, bootstrap, discovery, telemetry } = options;
  const roles = [...new Set([...(cluster?.roles ?? []), role])];
  const phases =
    drainMs === undefined ? {} : { phases: { 'before-service-unbind': { timeout: drainMs } } };
  const system = await Systems.start(
    {
      name: options.systemName ?? systemNameDefault,
      // Chunks and results are large; on a stream of their own they do not hold up what is small.
      remote: { largeMessageDestinations: [controllerPath, workerPath], ...remote },
      cluster: { splitBrain: gridSplitBrain, ...cluster, roles },
      kubernetes,
      ...(management === undefined ? {} : { management }),
      ...(telemetry === undefined ? {} : { telemetry }),
      ...(bootstrap === undefined ? {} : { bootstrap }),
      ...(discovery === undefined ? {} : { discovery }),
      shutdown: phases,
    },
    ports,
  );
  return { system, membership: new ClusterMembership(clusterOf(system), system.runtime.clock) };
}
