// What goes wrong in a simulation, drawn from its seed: a list of faults with their times, each of which ends.

import { type Random, randomFloat, randomPick } from '../runtime/index.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { SimExpectations } from './sim-expectations.ts';
import { mishaps } from './sim-mishaps.ts';
import { splits } from './sim-splits.ts';

/** What a fault is made with. */
export interface FaultScene {
  readonly cluster: SimCluster;
  readonly random: Random;
  readonly expectations: SimExpectations;
  /** Nothing else is going on: what the fault leads to can be told beforehand. */
  readonly settled: boolean;
  readonly compound: boolean;
}

export type Fault = (scene: FaultScene) => void;

const faults = { ...splits, ...mishaps } as const satisfies Readonly<Record<string, Fault>>;

export type FaultKind = keyof typeof faults;

/** All kinds: cuts of links, processes that stop, pause or slow down, clocks that jump, and what operators do. */
export const faultKinds = Object.keys(faults) as readonly FaultKind[];

export interface FaultPlan {
  readonly kinds: readonly FaultKind[];
  /** From when on things go wrong, until when. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Mean time between two faults. */
  readonly everyMs: number;
  /**
   * Let a fault begin while the cluster has not got over the last. No strategy that counts members promises one
   * surviving side then (a node that restarts into the losing side of a partition changes the count on that side
   * only), so such a simulation checks safety, and not that one whole cluster is left.
   */
  readonly compound: boolean;
}

/** Faults that only make things slower, or jump a clock; they may come on top of others. */
const mild: ReadonlySet<FaultKind> = new Set<FaultKind>(['slow', 'delay', 'breaks', 'clockJump']);

/** All links open, and everybody who runs is a member of one cluster and reaches all others. */
export function isCalm(cluster: SimCluster): boolean {
  const running = cluster.running();
  return (
    cluster.network.isWhole &&
    running.every(
      ({ paused, state }) =>
        !paused &&
        state.phase.name === 'member' &&
        state.gossip.members.size === running.length &&
        state.gossip.reachability.unreachableOrTerminated.size === 0,
    )
  );
}

/** Calm, all hosts are Up and agree, nobody is slow, and nobody holds the lease. */
export function isSettled(cluster: SimCluster): boolean {
  const running = cluster.running();
  if (running.length !== cluster.addresses.length || !isCalm(cluster)) return false;
  return (
    running.every(({ slowMs, state }) => {
      const { members, seen } = state.gossip;
      if (slowMs > 0 || seen.size !== members.size) return false;
      return running.every(({ node }) => members.get(node.key)?.status === 'Up');
    }) && cluster.lease.owner === undefined
  );
}

/** Lets one fault after the other happen to the cluster. */
export function injectFaults(
  cluster: SimCluster,
  plan: FaultPlan,
  expectations: SimExpectations,
): void {
  const { random } = cluster;
  const { kinds, compound } = plan;
  let atMs = plan.fromMs;
  while (atMs < plan.untilMs && kinds.length > 0) {
    const kind = randomPick(random, kinds);
    cluster.after(atMs - cluster.nowMs, () => {
      const isMild = mild.has(kind);
      if (!compound && !isMild && !isCalm(cluster)) return;
      const settled = isSettled(cluster);
      if (!isMild) expectations.forget();
      faults[kind]({ cluster, random, expectations, settled, compound });
    });
    atMs += plan.everyMs * (0.2 + randomFloat(random) * 1.6);
  }
}
