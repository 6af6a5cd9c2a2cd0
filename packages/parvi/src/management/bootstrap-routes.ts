// /bootstrap/seed-nodes: the contact point that nodes without seed nodes probe (Pekko `HttpClusterBootstrapRoutes`).

import { jsonAnswer } from './answers.ts';
import type { ClusterPort } from './cluster-port.ts';
import { seedNodesView } from './member-views.ts';
import type { Route } from './protocol.ts';

export function bootstrapRoutes(cluster: ClusterPort): Route[] {
  return [
    {
      path: '/bootstrap/seed-nodes',
      match: 'exact',
      group: 'bootstrap',
      methods: { GET: () => jsonAnswer(seedNodesView(cluster)) },
    },
  ];
}
