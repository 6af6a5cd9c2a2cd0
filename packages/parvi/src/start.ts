// A node put together from the layers: actors, remoting, cluster, in this order, and taken apart by coordinated shutdown.

import {
  type ActorSystem,
  type ActorSystemCreateOptions,
  type ActorSystemPorts,
  ActorSystem as Base,
} from './actor/index.ts';
import { Cluster, type ClusterOptions } from './cluster/index.ts';
import { Remoting, type RemotingOptions } from './remote/index.ts';

export interface StartOptions extends ActorSystemCreateOptions {
  /** Makes the node reachable for others. Left out: the system stays alone, unless `cluster` is given. */
  readonly remote?: Partial<RemotingOptions>;
  /** Makes the node a member. With `seedNodes` it joins by itself; else `Cluster.join` does. */
  readonly cluster?: ClusterOptions;
}

const hostDefault = '127.0.0.1';

/**
 * Starts a node and resolves when it listens. It need not be a member by then: `cluster.whenUp` resolves later.
 *
 * @throws ActorError `ACTOR_SYSTEM_NAME_INVALID`; RemoteError `REMOTE_BIND_FAILED`, `REMOTE_OPTIONS_INVALID`;
 * ParviError `CLUSTER_OPTION_INVALID`. Nothing is left running then.
 */
export async function startSystem(
  options: StartOptions,
  ports: ActorSystemPorts = {},
): Promise<ActorSystem> {
  const { remote, cluster, ...own } = options;
  const system = Base.create(own, ports);
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
