// Layer 4: cluster membership as Pekko speaks it.

export {
  Cluster,
  clusterKey,
  clusterOf,
  type SubscribeOptions,
} from './cluster.ts';
// For layers above and for tests: the pure core.
export { isConverged, leaderOf } from './convergence.ts';
export { ClusterError, type ClusterErrorCode, clusterErrors } from './errors.ts';
export type { ClusterEvent, ClusterEventType } from './events.ts';
export { type Gossip, gossipViolation } from './gossip.ts';
export type { Lease } from './lease.ts';
export type { Member, MemberStatus } from './member.ts';
export { compareAge, mayMove, memberStatuses } from './member.ts';
export { step } from './membership.ts';
export { type MembershipState, newMembership, selfStatus } from './membership-state.ts';
export { type ClusterNode, clusterNode } from './node.ts';
export type { Unreachability } from './observers.ts';
export {
  clusterOptionRules,
  failureDetectorOptionRules,
  splitBrainOptionRules,
} from './option-rules.ts';
export {
  type ClusterOptions,
  clusterSettings,
  type DurationOrOff,
  type FailureDetectorOptions,
  type SplitBrainOptions,
} from './options.ts';
export type { ClusterActor, ClusterInput, ClusterMessage, Correspondent } from './protocol.ts';
export type { ClusterSettings } from './settings.ts';
export {
  type ClusterEventOf,
  type ClusterState,
  type CurrentClusterState,
  type InitialState,
  memberEvents,
  reachabilityEvents,
} from './subscriptions.ts';
export type { Effect, Moment } from './turn.ts';
export { compareClocks, type VectorClock } from './vector-clock.ts';
