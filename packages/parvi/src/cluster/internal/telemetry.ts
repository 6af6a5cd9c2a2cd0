// What the cluster part of a node counts and tells about its health.

import type { HealthRegistry, MetricsRegistry } from '../../observe/index.ts';
import { type HeartbeatHistory, phi } from '../../remote/index.ts';
import type { Cancellable } from '../../runtime/index.ts';
import type { ClusterEvent } from '../events.ts';
import { type MemberStatus, memberStatuses } from '../member.ts';
import { type MembershipState, selfStatus } from '../membership-state.ts';
import type { ClusterMessage } from '../protocol.ts';

export class ClusterTelemetry {
  readonly #sent: (type: ClusterMessage['type']) => void;
  readonly #received: (type: ClusterMessage['type']) => void;
  readonly #removed: (status: MemberStatus) => void;
  readonly #registered: readonly Cancellable[];

  constructor(metrics: MetricsRegistry, health: HealthRegistry, state: () => MembershipState) {
    const sent = metrics.counter({
      name: 'parvi_cluster_messages_sent_total',
      help: 'Messages of the membership protocol sent to other nodes',
      labels: ['type'],
    });
    const received = metrics.counter({
      name: 'parvi_cluster_messages_received_total',
      help: 'Messages of the membership protocol received from other nodes',
      labels: ['type'],
    });
    const removed = metrics.counter({
      name: 'parvi_cluster_removed_members_total',
      help: 'Members that this node saw removed: after Exiting they had left, after Down they were lost',
      labels: ['after'],
    });
    // From the start, so that the first loss is a step from 0 to 1 and not a series that begins at 1.
    for (const status of ['Down', 'Exiting']) removed.with(status);
    this.#removed = (status) => removed.with(status).add();
    this.#sent = (type) => sent.with(type).add();
    this.#received = (type) => received.with(type).add();
    this.#registered = [
      ...registerGauges(metrics, state),
      health.register({
        name: 'cluster-member',
        aspect: 'ready',
        check: () => {
          const status = selfStatus(state());
          return status === 'Up' || status === 'WeaklyUp' || `cluster status is ${status}`;
        },
      }),
    ];
  }

  sent(type: ClusterMessage['type']): void {
    this.#sent(type);
  }

  received(type: ClusterMessage['type']): void {
    this.#received(type);
  }

  published(event: ClusterEvent): void {
    if (event.type === 'MemberRemoved') this.#removed(event.previousStatus);
  }

  close(): void {
    for (const each of this.#registered) each.cancel();
  }
}

function registerGauges(
  metrics: MetricsRegistry,
  state: () => MembershipState,
): readonly Cancellable[] {
  return [...membershipGauges(metrics, state), ...heartbeatGauges(metrics, state)];
}

function membershipGauges(metrics: MetricsRegistry, state: () => MembershipState): Cancellable[] {
  const members = metrics.read({
    kind: 'gauge',
    name: 'parvi_cluster_members',
    help: 'Members of the cluster as this node sees it, by status',
    labels: ['status'],
    read: () => {
      const counts = new Map<string, number>(memberStatuses.map((status) => [status, 0]));
      for (const { status } of state().gossip.members.values()) {
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
      return [...counts].map(([status, value]) => ({ labels: [status], value }));
    },
  });
  const gauge = (name: string, help: string, read: () => number): Cancellable =>
    metrics.read({ kind: 'gauge', name: `parvi_cluster_${name}`, help, read });
  const one = (condition: boolean): number => (condition ? 1 : 0);
  return [
    members,
    gauge(
      'unreachable_members',
      'Members that somebody in the data center cannot reach',
      () => state().published.unreachable.size,
    ),
    gauge('leader', '1 while this node leads its data center, else 0', () =>
      one(state().published.leader?.key === state().self.key),
    ),
    gauge('leader_known', '1 while this node knows who leads its data center, else 0', () =>
      one(state().published.leader !== undefined),
    ),
    gauge('self_up', '1 while this node is an Up member, else 0', () =>
      one(selfStatus(state()) === 'Up'),
    ),
    gauge('converged', '1 while all members have seen the same gossip, else 0', () =>
      one(state().published.converged),
    ),
    gauge(
      'gossip_seen_members',
      'Members known to have the version of the gossip that this node has',
      () => state().gossip.seen.size,
    ),
    gauge(
      'gossip_tombstones',
      'Removed members that gossip still names',
      () => state().gossip.tombstones.size,
    ),
  ];
}

/** What the log of 0 gives; a suspicion beyond all doubt. */
const phiMax = 100;

/** As of the last heartbeat sent. A node watches a few members only, whatever the size of the cluster. */
function heartbeatGauges(metrics: MetricsRegistry, state: () => MembershipState): Cancellable[] {
  const byPeer = (value: (peer: HeartbeatHistory, atMs: number) => number) => () => {
    const { detectors, heartbeats } = state();
    const atMs = heartbeats.lastTickMs;
    if (atMs === undefined) return [];
    return Array.from(detectors, ([peer, history]) => ({
      labels: [peer],
      value: value(history, atMs),
    }));
  };
  const labels = ['peer'];
  return [
    metrics.read({
      kind: 'gauge',
      name: 'parvi_cluster_phi',
      help: 'Suspicion of the failure detector against members that this node watches, at most 100',
      labels,
      read: byPeer((history, atMs) =>
        Math.min(phi(history, atMs, state().settings.heartbeat.detector), phiMax),
      ),
    }),
    metrics.read({
      kind: 'gauge',
      name: 'parvi_cluster_heartbeat_age_seconds',
      help: 'Time between the last answer of a watched member and the last heartbeat sent',
      labels,
      read: byPeer((history, atMs) => Math.max(0, atMs - history.lastHeartbeatMs) / 1000),
    }),
  ];
}
