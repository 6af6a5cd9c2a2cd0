// Who sends heartbeats to whom: every node monitors the next few on a ring ordered by a hash of the uid, so that
// neighbours in the ring are rarely neighbours in the rack (Pekko `HeartbeatNodeRing`).

import { type ClusterNode, compareNodes, type NodeKey } from './node.ts';

export function ringOrder(a: ClusterNode, b: ClusterNode): number {
  return a.ringHash !== b.ringHash ? a.ringHash - b.ringHash : compareNodes(a, b);
}

export interface RingQuestion {
  readonly sender: NodeKey;
  /** In ring order, the sender among them. */
  readonly ring: readonly ClusterNode[];
  readonly unreachable: ReadonlySet<NodeKey>;
  readonly monitoredBy: number;
}

/**
 * The receivers of the sender's heartbeats: the next `monitoredBy` reachable nodes of the ring, and the unreachable
 * ones passed on the way, so that those can be found reachable again.
 */
export function receiversOf(question: RingQuestion): readonly ClusterNode[] {
  const { sender, ring, unreachable, monitoredBy } = question;
  if (monitoredBy >= ring.length - 1) return ring.filter((node) => node.key !== sender);
  const start = ring.findIndex((node) => node.key === sender);
  const receivers: ClusterNode[] = [];
  let reachable = 0;
  for (let step = 1; step < ring.length && reachable < monitoredBy; step++) {
    const node = ring[(start + step) % ring.length];
    if (node === undefined || node.key === sender) continue;
    if (!unreachable.has(node.key)) {
      receivers.push(node);
      reachable++;
    } else if (receivers.length < monitoredBy) {
      receivers.push(node);
    }
  }
  return receivers;
}
