// Starts what has ended again, as a supervisor of processes does.

import type { SimCluster } from './sim-cluster.ts';

const everyMs = 10_000;

/**
 * A supervisor with a view of everything: restarts what has ended, and where nobody is a member of anything any more,
 * has the first host form a new cluster.
 */
export function supervise(cluster: SimCluster, compound: boolean): void {
  const hasCluster = cluster.running().some(({ state }) => state.phase.name === 'member');
  if (!hasCluster) formAnew(cluster);
  for (let host = 0; host < cluster.addresses.length; host++) {
    restart(cluster, host, { compound });
  }
  cluster.after(everyMs, () => supervise(cluster, compound));
}

/**
 * A supervisor's restart: only of what has ended, only where it can find a running cluster to join, and, unless faults
 * may come together, not while the network is cut.
 */
export function restart(
  cluster: SimCluster,
  host: number,
  options: { readonly compound: boolean },
): void {
  if (cluster.isRunning(host) || (!options.compound && !cluster.network.isWhole)) return;
  if (!cluster.running().some((each) => each.state.phase.name === 'member')) return;
  const old = cluster.process(host).state.settings;
  const others = cluster.addresses.filter((_, each) => each !== host);
  cluster.start(host, { ...old, seedNodes: others });
}

function formAnew(cluster: SimCluster): void {
  cluster.trace(0, 'forms a new cluster, there is none');
  if (cluster.isRunning(0)) cluster.crash(0);
  const { settings } = cluster.process(0).state;
  cluster.start(0, { ...settings, seedNodes: cluster.addresses.slice(0, 1) });
}
