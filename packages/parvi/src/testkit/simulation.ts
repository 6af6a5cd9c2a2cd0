// One simulated life of a cluster from its seed: it forms, things go wrong for a while, the network heals, and what
// is left must become one whole cluster again. The same seed gives the same life, step by step.

import { type ClusterSettings, selfStatus } from '../cluster/index.ts';
import { randomPick } from '../runtime/index.ts';
import { SimCluster } from './sim-cluster.ts';
import { SimExpectations } from './sim-expectations.ts';
import { type FaultKind, faultKinds, injectFaults } from './sim-faults.ts';
import { InvariantChecker, InvariantViolation } from './sim-invariants.ts';
import type { SimProcess } from './sim-process.ts';
import { settingsOfSeed } from './sim-settings.ts';
import { supervise } from './sim-supervisor.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** Default 5 to 9, by the seed. */
  readonly nodes?: number;
  /** Virtual minutes in which things go wrong. Default 5. */
  readonly minutes?: number;
  /** Faults on top of each other; default for one seed in four. See {@link FaultPlan.compound}. */
  readonly compound?: boolean;
  /** Default {@link faultKinds}, all. */
  readonly faults?: readonly FaultKind[];
  /** Default by the seed: any of the split-brain strategies, and how many monitor each member. */
  readonly settings?: ClusterSettings;
  readonly trace?: (line: string) => void;
}

export interface SimulationResult {
  readonly seed: number;
  readonly nodes: number;
  readonly steps: number;
  readonly messages: number;
  readonly checks: number;
  readonly virtualMs: number;
  /** How long after the end of all faults the cluster was whole. */
  readonly healedAfterMs: number;
}

/** A simulation that did not end well; says how to see it again. */
export class SimulationFailure extends Error {
  readonly seed: number;

  constructor(options: SimulationOptions, nodes: number, atMs: number, cause: Error) {
    const { seed, minutes = minutesDefault } = options;
    const replay = `npm run sim -- --seed ${seed} --nodes ${nodes} --minutes ${minutes} --trace`;
    super(`Seed ${seed} failed at ${(atMs / 1000).toFixed(3)} s: ${cause.message}\n  ${replay}`, {
      cause,
    });
    this.name = 'SimulationFailure';
    this.seed = seed;
  }
}

const minutesDefault = 5;
const formingMsMax = 60_000;
const healingMsMax = 180_000;
/** From faults on top of each other to faults that the cluster recovers from before the next. */
const faultIntervalsMs = [10_000, 30_000, 60_000, 90_000];

/** @throws SimulationFailure when an invariant is broken or the cluster does not become whole. */
export function runSimulation(options: SimulationOptions): SimulationResult {
  const { seed, minutes = minutesDefault, faults = faultKinds } = options;
  const nodes = options.nodes ?? 5 + (Math.abs(seed) % 5);
  const checker = new InvariantChecker();
  const settings = options.settings ?? settingsOfSeed(seed, nodes);
  const { trace, compound = seed % 4 === 0 } = options;
  const cluster: SimCluster = new SimCluster({
    seed,
    hosts: nodes,
    settings: (_, addresses) => ({ ...settings, seedNodes: addresses.slice(0, 2) }),
    afterStep: (process, before, effects, input) => {
      checker.afterStep(process, before, effects, input);
      expectations.afterStep(process, before, effects, input);
    },
    ...(trace === undefined ? {} : { trace: traceLines(trace) }),
  });
  const expectations = new SimExpectations(cluster);
  // Who starts, stops or heals is out of reach for a while; this is about the time in between.
  expectations.tolerateSuspicion(formingMsMax);
  try {
    for (let host = 0; host < nodes; host++) cluster.after(host * 200, () => cluster.start(host));
    mustBecomeWhole(cluster, nodes, formingMsMax, 'the cluster forms');
    const untilMs = cluster.nowMs + minutes * 60_000;
    const everyMs = randomPick(cluster.random, faultIntervalsMs);
    const plan = { kinds: faults, fromMs: cluster.nowMs, untilMs, everyMs, compound };
    injectFaults(cluster, plan, expectations);
    cluster.after(0, () => supervise(cluster, compound));
    cluster.run(untilMs - cluster.nowMs);
    const healedAtMs = cluster.nowMs;
    cluster.trace(-1, 'everything heals');
    expectations.forget();
    cluster.heal();
    if (compound) mustAgree(cluster);
    else mustBecomeWhole(cluster, nodes, healingMsMax, 'the cluster becomes whole after it healed');
    return {
      seed,
      nodes,
      steps: cluster.steps,
      messages: cluster.network.sent,
      checks: checker.checks + expectations.checks,
      virtualMs: cluster.nowMs,
      healedAfterMs: cluster.nowMs - healedAtMs,
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new SimulationFailure(options, nodes, cluster.nowMs, error);
  }
}

function traceLines(
  trace: (line: string) => void,
): (atMs: number, host: number, text: string) => void {
  return (atMs, host, text) => {
    const who = host < 0 ? 'network' : `n${String(host + 1).padStart(4, '0')}`;
    trace(`${(atMs / 1000).toFixed(3).padStart(9)} ${who.padEnd(8)} ${text}`);
  };
}

function mustBecomeWhole(
  cluster: SimCluster,
  nodes: number,
  limitMs: number,
  invariant: string,
): void {
  if (cluster.runUntil(() => isWhole(cluster, nodes), limitMs)) return;
  const views = cluster.running().map((process) => viewText(process));
  throw new InvariantViolation(invariant, `after ${limitMs / 1000} s:\n  ${views.join('\n  ')}`);
}

/** Whoever is a member comes to agree with all members that it can reach, be that one cluster or more. */
function mustAgree(cluster: SimCluster): void {
  const agreed = (): boolean =>
    cluster.running().every(({ node, state }) => {
      if (selfStatus(state) !== 'Up') return true;
      const others = cluster
        .running()
        .filter(
          (each) =>
            each.state.gossip.members.has(node.key) && state.gossip.members.has(each.node.key),
        );
      return others.every((each) => each.state.gossip.members.size === state.gossip.members.size);
    });
  if (cluster.runUntil(agreed, healingMsMax)) return;
  const views = cluster.running().map((process) => viewText(process));
  throw new InvariantViolation('members of one cluster agree', `\n  ${views.join('\n  ')}`);
}

/** All hosts run, and every process sees exactly all of them Up, reachable, and agreed upon. */
function isWhole(cluster: SimCluster, nodes: number): boolean {
  const running = cluster.running();
  if (running.length !== nodes) return false;
  return running.every(({ state }) => {
    const { members, seen, reachability } = state.gossip;
    if (members.size !== nodes || seen.size !== nodes) return false;
    if (reachability.unreachableOrTerminated.size > 0) return false;
    return running.every(({ node }) => members.get(node.key)?.status === 'Up');
  });
}

function viewText(process: SimProcess): string {
  const { gossip, phase } = process.state;
  const members = [...gossip.members.values()].map(
    ({ node, status }) =>
      `${node.address.host}#${String(node.uid).slice(-4)} ${status}${gossip.seen.has(node.key) ? '' : ' unseen'}`,
  );
  const rows = gossip.reachability.rows.map(
    (row) => `${shortKey(row.observer)}>${shortKey(row.subject)} ${row.status}`,
  );
  const self = `${process.node.address.host}#${String(process.node.uid).slice(-4)}`;
  return `${self} ${phase.name} ${selfStatus(process.state)}: [${members.join(', ')}] [${rows.join(', ')}]`;
}

function shortKey(key: string): string {
  const host = /@([^:]+):/.exec(key)?.[1] ?? key;
  return `${host}#${key.slice(-4)}`;
}
