// Who says of which member that it cannot be reached: what the management view shows beside the list of members (Pekko
// `Reachability.observersGroupedByUnreachable`).

import type { Gossip } from './gossip.ts';
import { type ClusterNode, compareNodes, type NodeKey } from './node.ts';

export interface Unreachability {
  readonly subject: ClusterNode;
  /** In the order of addresses; never empty. */
  readonly observers: readonly ClusterNode[];
}

/** In the order of addresses. Members of all data centers, and what any of them says. */
export function unreachabilityOf({ members, reachability }: Gossip): readonly Unreachability[] {
  const bySubject = new Map<NodeKey, ClusterNode[]>();
  for (const { observer, subject, status } of reachability.rows) {
    const node = members.get(observer)?.node;
    if (status !== 'Unreachable' || node === undefined) continue;
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), node]);
  }
  return [...bySubject]
    .flatMap(([key, observers]) => {
      const subject = members.get(key)?.node;
      return subject === undefined ? [] : [{ subject, observers: observers.sort(compareNodes) }];
    })
    .sort((a, b) => compareNodes(a.subject, b.subject));
}
