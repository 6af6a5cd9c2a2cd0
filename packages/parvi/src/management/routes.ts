// All routes of a node, in the order in which their paths are tried.

import type { ActorSystem } from '../actor/index.ts';
import type { Cancellable } from '../runtime/index.ts';
import { bootstrapRoutes } from './bootstrap-routes.ts';
import type { ClusterPort } from './cluster-port.ts';
import { type EventStreams, eventRoutes } from './event-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { memberRoutes } from './member-routes.ts';
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
}

export function managementRoutes(
  system: ActorSystem,
  { cluster, sharding }: RoutedParts,
  options: ManagementOptions,
): ManagementRoutes {
  const { writes = false, healthPaths = {}, limits = {} } = options;
  const streams: EventStreams = { open: 0 };
  const { eventStreamsMax: streamsMax = managementLimitsDefaults.eventStreamsMax } = limits;
  const { timers } = system.runtime;
  const ofCluster =
    cluster === undefined
      ? []
      : [
          ...bootstrapRoutes(cluster),
          ...memberRoutes(cluster, writes),
          ...eventRoutes({ cluster, timers, streamsMax }, streams),
          ...shardRoutes(sharding, writes),
        ];
  return {
    routes: [...healthRoutes(system.health, pathsOf(healthPaths)), ...ofCluster],
    closables: [],
  };
}

function pathsOf({ startup = 'startup', ready = 'ready', alive = 'alive' }: HealthPathOptions) {
  return { startup: pathOf(startup), ready: pathOf(ready), alive: pathOf(alive) };
}
