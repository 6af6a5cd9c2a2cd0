// All routes of a node, in the order in which their paths are tried.

import type { ActorSystem } from '../actor/index.ts';
import { remotingOf } from '../remote/index.ts';
import type { Cancellable, LoopDelay } from '../runtime/index.ts';
import { actorRoutes } from './actor-routes.ts';
import { bootstrapRoutes } from './bootstrap-routes.ts';
import type { ClusterPort } from './cluster-port.ts';
import { DeadLetterRing } from './dead-letter-ring.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { type EventStreams, eventRoutes } from './event-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { logLevelRoutes } from './log-level-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { nodeRoutes } from './node-routes.ts';
import {
  type HealthPathOptions,
  type ManagementOptions,
  managementLimitsDefaults,
  pathOf,
} from './options.ts';
import type { Route } from './protocol.ts';
import { type ShardPort, shardRoutes } from './shard-routes.ts';

export interface ManagementRoutes {
  readonly routes: readonly Route[];
  /** What has to end with the server. */
  readonly closables: readonly Cancellable[];
}

/** What routes are about; without a cluster there are none of it. */
export interface RoutedParts {
  readonly cluster: ClusterPort | undefined;
  readonly sharding: ShardPort;
  readonly loopDelay: LoopDelay;
}

export function managementRoutes(
  system: ActorSystem,
  { cluster, sharding, loopDelay }: RoutedParts,
  options: ManagementOptions,
): ManagementRoutes {
  const { writes = false, healthPaths = {}, logControl, limits = {}, config, appVersion } = options;
  const { eventStreamsMax: streamsMax = managementLimitsDefaults.eventStreamsMax } = limits;
  const { runtime, log } = system;
  const { timers, clock } = runtime;
  const ring = new DeadLetterRing(system.eventStream, clock);
  const remoting = remotingOf(system);
  const streams: EventStreams = { open: 0 };
  const ofCluster = (members: ClusterPort): Route[] => [
    ...bootstrapRoutes(members),
    ...memberRoutes(members, writes, log),
    ...eventRoutes({ cluster: members, timers, streamsMax }, streams),
    ...shardRoutes(sharding, writes),
  ];
  const routes = [
    ...healthRoutes(system.health, pathsOf(healthPaths)),
    ...(cluster === undefined ? [] : ofCluster(cluster)),
    ...metricsRoutes(system.metrics),
    ...(logControl === undefined ? [] : logLevelRoutes({ control: logControl, log, writes })),
    ...actorRoutes(system),
    ...deadLetterRoutes(system.deadLetters, ring),
    ...nodeRoutes({ system, cluster, remoting, loopDelay, config, appVersion }),
  ];
  return { routes, closables: [ring, openStreams(system, streams)] };
}

function openStreams({ metrics }: ActorSystem, streams: EventStreams): Cancellable {
  return metrics.read({
    kind: 'gauge',
    name: 'parvi_management_event_streams',
    help: 'Clients that follow the events of the cluster through management',
    read: () => streams.open,
  });
}

function pathsOf({ startup = 'startup', ready = 'ready', alive = 'alive' }: HealthPathOptions) {
  return { startup: pathOf(startup), ready: pathOf(ready), alive: pathOf(alive) };
}
