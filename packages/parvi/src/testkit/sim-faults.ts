// What goes wrong in a simulation, drawn from its seed: a list of faults with their times, each of which ends.

import {
  type Random,
  randomFloat,
  randomInt,
  randomPick,
  randomShuffle,
} from '../runtime/index.ts';
import type { SimCluster } from './sim-cluster.ts';

export const faultKinds = [
  'partition',
  'halves',
  'oneWay',
  'flapping',
  'pair',
  'isolation',
  'pause',
  'crash',
  'slow',
  'delay',
  'breaks',
  'clockJump',
  'leave',
  'down',
] as const;

export type FaultKind = (typeof faultKinds)[number];

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
const mild: ReadonlySet<FaultKind> = new Set(['slow', 'delay', 'breaks', 'clockJump']);

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

/** Lets one fault after the other happen to the cluster. */
export function injectFaults(cluster: SimCluster, plan: FaultPlan): void {
  const { random } = cluster;
  let atMs = plan.fromMs;
  while (atMs < plan.untilMs && plan.kinds.length > 0) {
    const kind = randomPick(random, plan.kinds);
    cluster.after(atMs - cluster.nowMs, () => {
      if (plan.compound || mild.has(kind) || isCalm(cluster)) faults[kind](cluster, random, plan);
    });
    atMs += plan.everyMs * (0.2 + randomFloat(random) * 1.6);
  }
}

type Fault = (cluster: SimCluster, random: Random, plan: FaultPlan) => void;

const faults: Readonly<Record<FaultKind, Fault>> = {
  partition(cluster, random) {
    const hosts = randomShuffle(random, hostsOf(cluster));
    split(cluster, hosts, 1 + randomInt(random, hosts.length - 1), between(random, 1, 60));
  },
  halves(cluster, random) {
    const hosts = randomShuffle(random, hostsOf(cluster));
    split(cluster, hosts, Math.floor(hosts.length / 2), between(random, 10, 60));
  },
  oneWay(cluster, random) {
    const hosts = randomShuffle(random, hostsOf(cluster));
    const cut = 1 + randomInt(random, hosts.length - 1);
    const [side, other] = [hosts.slice(0, cut), hosts.slice(cut)];
    cluster.trace(-1, `one-way partition [${side}] -> [${other}]`);
    cluster.partition(side, other, { oneWay: true });
    cluster.after(between(random, 1, 40), () => {
      cluster.partition(side, other, { oneWay: true, state: 'open' });
      cluster.trace(-1, `one-way partition [${side}] -> [${other}] ends`);
    });
  },
  flapping(cluster, random) {
    const hosts = randomShuffle(random, hostsOf(cluster));
    const cut = 1 + randomInt(random, hosts.length - 1);
    let atMs = 0;
    for (let round = 0; round < 4; round++) {
      const lengthMs = between(random, 0.5, 8);
      cluster.after(atMs, () => {
        if (cluster.network.isWhole) split(cluster, hosts, cut, lengthMs);
      });
      atMs += lengthMs + between(random, 0.5, 8);
    }
  },
  pair(cluster, random) {
    const hosts = randomShuffle(random, hostsOf(cluster)).slice(0, 2);
    split(cluster, hosts, 1, between(random, 1, 60));
  },
  isolation(cluster, random) {
    const hosts = randomShuffle(random, hostsOf(cluster));
    split(cluster, hosts, 1, between(random, 1, 60));
  },
  pause(cluster, random) {
    withRunning(cluster, random, (host) => {
      const process = cluster.process(host);
      cluster.pause(host);
      cluster.after(between(random, 0.5, 50), () => {
        if (cluster.process(host) === process) cluster.resume(host);
      });
    });
  },
  crash(cluster, random, plan) {
    withRunning(cluster, random, (host) => {
      cluster.crash(host);
      cluster.after(between(random, 0.1, 40), () => restart(cluster, host, plan));
    });
  },
  slow(cluster, random) {
    withRunning(cluster, random, (host) => {
      const process = cluster.process(host);
      process.slowMs = between(random, 0.05, 2);
      cluster.trace(host, `is slow, up to ${Math.round(process.slowMs)} ms an input`);
      cluster.after(between(random, 1, 30), () => {
        process.slowMs = 0;
      });
    });
  },
  delay(cluster, random) {
    const extraMs = between(random, 0.02, 1);
    const pairs = pairsOf(cluster).filter(() => randomInt(random, 3) === 0);
    cluster.trace(-1, `${pairs.length} links slow down by ${Math.round(extraMs)} ms`);
    for (const [from, to] of pairs) cluster.network.slowDown(from, to, extraMs);
    cluster.after(between(random, 1, 30), () => {
      for (const [from, to] of pairs) cluster.network.slowDown(from, to, 0);
    });
  },
  breaks(cluster, random) {
    cluster.trace(-1, 'connections break');
    for (const [from, to] of pairsOf(cluster)) {
      if (randomInt(random, 2) === 0) cluster.network.breakConnection(from, to);
    }
  },
  clockJump(cluster, random) {
    withRunning(cluster, random, (host) => {
      cluster.process(host).wallOffsetMs += (randomFloat(random) - 0.5) * 4 * 3_600_000;
    });
  },
  leave(cluster, random, plan) {
    withRunning(cluster, random, (host) => {
      cluster.command(host, { type: 'leave', address: cluster.process(host).node.address });
      cluster.after(between(random, 5, 40), () => restart(cluster, host, plan));
    });
  },
  down(cluster, random, plan) {
    // By hand, and therefore only by people who see that the cluster is whole: downing the other side of a partition
    // by hand on both sides makes two clusters, as it does with Pekko.
    if (!isCalm(cluster)) return;
    withRunning(cluster, random, (host) => {
      const victim = randomPick(random, cluster.addresses);
      cluster.command(host, { type: 'down', address: victim });
      const victimHost = cluster.addresses.indexOf(victim);
      cluster.after(between(random, 5, 40), () => restart(cluster, victimHost, plan));
    });
  },
};

/**
 * A supervisor's restart: only of what has ended, only where it can find a running cluster to join, and, unless faults
 * may come together, not while the network is cut.
 */
export function restart(
  cluster: SimCluster,
  host: number,
  plan: Pick<FaultPlan, 'compound'>,
): void {
  if (cluster.isRunning(host) || (!plan.compound && !cluster.network.isWhole)) return;
  if (!cluster.running().some((each) => each.state.phase.name === 'member')) return;
  const old = cluster.process(host).state.settings;
  const others = cluster.addresses.filter((_, each) => each !== host);
  cluster.start(host, { ...old, seedNodes: others });
}

function split(cluster: SimCluster, hosts: readonly number[], cut: number, lengthMs: number): void {
  const [side, other] = [hosts.slice(0, cut), hosts.slice(cut)];
  const state = lengthMs < 8000 ? 'hold' : 'drop';
  cluster.trace(-1, `partition [${side}] | [${other}] (${state})`);
  cluster.partition(side, other, { state });
  cluster.after(lengthMs, () => {
    cluster.partition(side, other, { state: 'open' });
    cluster.trace(-1, `partition [${side}] | [${other}] ends`);
  });
}

function hostsOf(cluster: SimCluster): number[] {
  return cluster.addresses.map((_, host) => host);
}

function pairsOf(cluster: SimCluster): [number, number][] {
  const hosts = hostsOf(cluster);
  return hosts.flatMap((from) =>
    hosts.filter((to) => to !== from).map((to): [number, number] => [from, to]),
  );
}

function withRunning(cluster: SimCluster, random: Random, act: (host: number) => void): void {
  const running = cluster.running();
  if (running.length > 0) act(randomPick(random, running).host);
}

function between(random: Random, secondsMin: number, secondsMax: number): number {
  return 1000 * (secondsMin + randomFloat(random) * (secondsMax - secondsMin));
}
