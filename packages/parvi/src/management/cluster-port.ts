// What the routes ask of the cluster. `Cluster` is one; tests hand in one whose members are those of a recording.

import type { Cluster } from '../cluster/index.ts';

export type ClusterPort = Pick<
  Cluster,
  | 'self'
  | 'selfMember'
  | 'state'
  | 'unreachability'
  | 'isTerminated'
  | 'join'
  | 'leave'
  | 'down'
  | 'prepareForFullShutdown'
  | 'subscribe'
>;
