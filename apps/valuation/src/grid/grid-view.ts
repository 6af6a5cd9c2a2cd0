// The grid at a glance: members with their load, what waits, how fast it goes.

import { isoTime } from 'parvi/runtime';
import type { ControllerNode } from './controller-node.ts';
import type { GridMember } from './membership.ts';
import type { GridView, NodeView } from './views.ts';

export function gridViewOf(node: ControllerNode): GridView {
  const { membership, clock } = node.ports;
  const others = [...node.controllerStatuses.values()];
  const own = { queue: node.queue(), totals: { trades: 0, jobs: 0 } };
  own.totals = { trades: node.scheduler.pricedTrades, jobs: node.jobsTaken };
  const all = [own, ...others];
  const nodes = membership.members().map((member) => nodeViewOf(node, member));
  const rate = nodes.reduce((sum, { load }) => sum + (load?.tradesPerSecond ?? 0), 0);
  return {
    at: isoTime(clock.wallMs()),
    cluster: {
      name: membership.clusterName,
      ...(membership.leader === undefined ? {} : { leader: membership.leader }),
      selfAddress: membership.selfAddress,
    },
    nodes,
    queue: {
      jobs: all.reduce((sum, { queue }) => sum + queue.jobs, 0),
      trades: all.reduce((sum, { queue }) => sum + queue.trades, 0),
    },
    rate: { tradesPerSecond: rate },
    totals: {
      trades: all.reduce((sum, { totals }) => sum + totals.trades, 0),
      jobs: all.reduce((sum, { totals }) => sum + totals.jobs, 0),
    },
  };
}

function nodeViewOf(node: ControllerNode, member: GridMember): NodeView {
  const { address, roles, status, reachable, upSinceWallMs } = member;
  const worker = node.workerStatuses.get(address);
  const isSelf = address === node.ports.membership.selfAddress;
  const told = worker?.load ?? node.controllerStatuses.get(address)?.load;
  // What an unreachable node told last is not what it does now.
  const load = isSelf ? node.load : reachable ? told : undefined;
  return {
    address,
    roles: [...roles],
    status,
    reachable,
    ...(upSinceWallMs === undefined ? {} : { upSince: isoTime(upSinceWallMs) }),
    ...(worker === undefined ? {} : { threads: worker.threads }),
    ...(load === undefined ? {} : { load }),
  };
}
