// Everything one node knows about its cluster, as one immutable value, and the only ways in which its gossip changes.

import { type DetectorRegistry, emptyRegistry } from '../remote/index.ts';
import type { Address } from '../wire/index.ts';
import type { Viewpoint } from './convergence.ts';
import {
  emptyGossip,
  type Gossip,
  statusOf,
  withSeen,
  withSeenOnly,
  withVersionOf,
} from './gossip.ts';
import { emptyHeartbeats, type HeartbeatState } from './heartbeat-sender.ts';
import { LocalView } from './local-view.ts';
import type { MemberStatus } from './member.ts';
import type { ClusterNode, NodeKey } from './node.ts';
import type { SeedProcess } from './seed-process.ts';
import type { ClusterSettings } from './settings.ts';
import { newResolver, type ResolverState } from './split-brain/resolver.ts';

export type Phase =
  | { readonly name: 'uninitialized' }
  | {
      readonly name: 'tryingToJoin';
      readonly address: Address;
      readonly deadlineMs: number | undefined;
      readonly repeatAtMs: number;
    }
  | { readonly name: 'member' }
  | { readonly name: 'stopped' };

export interface MembershipState {
  readonly settings: ClusterSettings;
  readonly self: ClusterNode;
  readonly at: Viewpoint;
  readonly phase: Phase;
  readonly gossip: Gossip;
  /** What was published last; the next events are the difference to it. */
  readonly published: LocalView;
  /** By address, of the nodes that this one sends heartbeats to. */
  readonly detectors: DetectorRegistry;
  readonly heartbeats: HeartbeatState;
  readonly resolver: ResolverState | undefined;
  readonly seedNodes: readonly Address[];
  readonly seedProcess: SeedProcess | undefined;
  readonly seedProcessCount: number;
  readonly joinDeadlineMs: number | undefined;
  /** Since when this node has been welcomed and no member has gossiped to it. */
  readonly unheardSinceMs: number | undefined;
  /** Nodes that said they are done with exiting. */
  readonly exitingConfirmed: ReadonlySet<NodeKey>;
  /** This node is Exiting and not yet done with it; until then it hides that it has seen newer gossip. */
  readonly exitingInProgress: boolean;
  readonly preparingForShutdown: boolean;
  /** Leader ticks in a row without convergence. */
  readonly unconvergedTicks: number;
  /** Leader ticks since this node found itself Down. */
  readonly selfDownTicks: number;
  /** Gracefully removed nodes that are not yet quarantined. */
  readonly pendingQuarantines: ReadonlyMap<NodeKey, ClusterNode>;
}

export function newMembership(self: ClusterNode, settings: ClusterSettings): MembershipState {
  const at: Viewpoint = { self: self.key, dataCenter: settings.dataCenter };
  return {
    settings,
    self,
    at,
    phase: { name: 'uninitialized' },
    gossip: emptyGossip,
    published: new LocalView(emptyGossip, at),
    detectors: emptyRegistry,
    heartbeats: emptyHeartbeats,
    resolver: newResolver(self, settings),
    seedNodes: settings.seedNodes,
    seedProcess: undefined,
    seedProcessCount: 0,
    joinDeadlineMs: undefined,
    unheardSinceMs: undefined,
    exitingConfirmed: new Set(),
    exitingInProgress: false,
    preparingForShutdown: false,
    unconvergedTicks: 0,
    selfDownTicks: 0,
    pendingQuarantines: new Map(),
  };
}

/** Own status; `Removed` before joining and after leaving. */
export function selfStatus(state: MembershipState): MemberStatus {
  return statusOf(state.gossip, state.self.key);
}

/** A change made here: the own clock entry moves, and only this node has seen it (nobody, while it is exiting). */
export function withOwnChange(state: MembershipState, gossip: Gossip): MembershipState {
  const versioned = withVersionOf(gossip, state.self);
  const seenBy = state.exitingInProgress ? undefined : state.self.key;
  return { ...state, gossip: withSeenOnly(versioned, seenBy) };
}

/** Gossip of others, seen by this node now; that alone does not make a new version. */
export function withSeenBySelf(state: MembershipState, gossip: Gossip): MembershipState {
  return { ...state, gossip: withSeen(gossip, state.self.key) };
}
