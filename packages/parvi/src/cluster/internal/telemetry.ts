// What the cluster part of a node counts and tells about its health.

import type { HealthRegistry, MetricsRegistry } from '../../observe/index.ts';
import type { Cancellable } from '../../runtime/index.ts';
import { type MembershipState, selfStatus } from '../membership-state.ts';
import type { ClusterMessage } from '../protocol.ts';

export class ClusterTelemetry {
  readonly #sent: (type: ClusterMessage['type']) => void;
  readonly #received: (type: ClusterMessage['type']) => void;
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

  close(): void {
    for (const each of this.#registered) each.cancel();
  }
}

function registerGauges(
  metrics: MetricsRegistry,
  state: () => MembershipState,
): readonly Cancellable[] {
  const members = metrics.read({
    kind: 'gauge',
    name: 'parvi_cluster_members',
    help: 'Members of the cluster as this node sees it, by status',
    labels: ['status'],
    read: () => {
      const counts = new Map<string, number>();
      for (const { status } of state().gossip.members.values()) {
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
      return [...counts].map(([status, value]) => ({ labels: [status], value }));
    },
  });
  const unreachable = metrics.read({
    kind: 'gauge',
    name: 'parvi_cluster_unreachable_members',
    help: 'Members that somebody in the data center cannot reach',
    read: () => state().published.unreachable.size,
  });
  const leader = metrics.read({
    kind: 'gauge',
    name: 'parvi_cluster_leader',
    help: '1 while this node leads its data center, else 0',
    read: () => (state().published.leader?.key === state().self.key ? 1 : 0),
  });
  return [members, unreachable, leader];
}
