// One process of a simulated cluster: an incarnation of a node at a host, and its state.

import {
  type ClusterEvent,
  type ClusterInput,
  type ClusterNode,
  type ClusterSettings,
  type MembershipState,
  newMembership,
} from '../cluster/index.ts';

/** What a process remembers of an incarnation that it has banned. */
export interface Ban {
  readonly harmless: boolean;
  toldAtMs: number;
}

/** One process: an incarnation of a node at a host. */
export interface SimProcess {
  readonly host: number;
  readonly node: ClusterNode;
  state: MembershipState;
  /** Running, gone by its own decision, or killed. */
  life: 'running' | 'ended' | 'crashed';
  paused: boolean;
  readonly backlog: ClusterInput[];
  /** Every input is handled up to that much later, and none before an earlier one. */
  slowMs: number;
  busyUntilMs: number;
  wallOffsetMs: number;
  /** Banned incarnations, and whether they were told. */
  readonly quarantined: Map<string, Ban>;
  readonly events: ClusterEvent[];
}

export function newProcess(host: number, node: ClusterNode, settings: ClusterSettings): SimProcess {
  return {
    host,
    node,
    state: newMembership(node, settings),
    life: 'running',
    paused: false,
    backlog: [],
    slowMs: 0,
    busyUntilMs: 0,
    wallOffsetMs: 0,
    quarantined: new Map(),
    events: [],
  };
}
