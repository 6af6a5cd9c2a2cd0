// /cluster/shards: the shard regions of this node (Pekko `ClusterHttpManagementRoutes`). The list is told with writes on
// only, as there.

import { jsonAnswer, messageAnswer } from './answers.ts';
import type { Route } from './protocol.ts';

export interface ShardView {
  readonly shardId: string;
  readonly numEntities: number;
}

/** The shard regions of a node. Without sharding there are none. */
export interface ShardPort {
  readonly typeNames: readonly string[];
  /** The shards that the region holds here; `undefined` when it was not started. */
  shards(typeName: string): Promise<readonly ShardView[] | undefined>;
}

export const noShards: ShardPort = { typeNames: [], shards: async () => undefined };

const path = '/cluster/shards';

export function shardRoutes(sharding: ShardPort, writes: boolean): Route[] {
  const group = 'other';
  const one: Route = {
    path,
    match: 'below',
    group,
    methods: {
      GET: async (_request, name) => {
        const shards = await sharding.shards(name);
        return shards === undefined
          ? messageAnswer(`Shard Region ${name} is not started`, 404)
          : jsonAnswer({ regions: shards.map((shard) => ({ ...shard })) });
      },
    },
  };
  const all: Route = {
    path,
    match: 'exact',
    group,
    methods: { GET: () => jsonAnswer({ entityTypeKeys: sharding.typeNames }) },
  };
  return writes ? [all, one] : [one];
}
