// Faults of the network that cut members off from each other.

import { type Random, randomInt, randomPick, randomShuffle } from '../runtime/index.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { FaultScene } from './sim-faults.ts';
import type { SimProcess } from './sim-process.ts';
import { randomBetween } from './sim-random.ts';
import { verdictOf } from './sim-survivors.ts';

/** Shorter ones end before anybody is downed, longer ones when both sides have decided; between, it depends. */
const shortMs = 12_000;
const longMs = 55_000;
/** When all decisions have been made and carried out, after the cut. */
const decidedAfterMs = 70_000;
/** How long after a cut is mended somebody may still be found unreachable. */
const aftermathMs = 20_000;

export const splits = {
  partition(scene: FaultScene): void {
    const { random } = scene;
    const hosts = shuffledHosts(scene);
    const cut = 1 + randomInt(random, hosts.length - 1);
    split(scene, hosts, cut, anyLengthMs(random));
  },
  halves(scene: FaultScene): void {
    const hosts = shuffledHosts(scene);
    split(scene, hosts, Math.floor(hosts.length / 2), anyLengthMs(scene.random));
  },
  /** One is alone: every other time the oldest, on whom much rests. */
  isolation(scene: FaultScene): void {
    const { cluster, random } = scene;
    const hosts = shuffledHosts(scene);
    const oldest = randomInt(random, 2) === 0 ? oldestHost(cluster) : hosts[0];
    const ordered = [...hosts].sort((a, b) => Number(b === oldest) - Number(a === oldest));
    split(scene, ordered, 1, anyLengthMs(random));
  },
  repeated(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    let atMs = 0;
    for (let round = 0; round < 3; round++) {
      const lengthMs = randomBetween(random, 5, 40);
      const hosts = shuffledHosts(scene);
      const cut = 1 + randomInt(random, hosts.length - 1);
      cluster.after(atMs, () => {
        expectations.forget();
        expectations.tolerateSuspicion(lengthMs + aftermathMs);
        if (cluster.network.isWhole) cutFor(cluster, hosts, cut, lengthMs);
      });
      atMs += lengthMs + randomBetween(random, 1, 25);
    }
  },
  oneWay(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    const hosts = shuffledHosts(scene);
    const cut = 1 + randomInt(random, hosts.length - 1);
    const [side, other] = [hosts.slice(0, cut), hosts.slice(cut)];
    const lengthMs = randomBetween(random, 1, 40);
    expectations.tolerateSuspicion(lengthMs + aftermathMs);
    if (scene.settled && lengthMs <= shortMs) {
      expectations.mustLive(cluster.running(), lengthMs + aftermathMs);
    }
    cluster.trace(-1, `one-way partition [${side}] -> [${other}]`);
    cluster.partition(side, other, { oneWay: true });
    cluster.after(lengthMs, () => {
      cluster.partition(side, other, { oneWay: true, state: 'open' });
      cluster.trace(-1, `one-way partition [${side}] -> [${other}] ends`);
    });
  },
  flapping(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    const hosts = shuffledHosts(scene);
    const cut = 1 + randomInt(random, hosts.length - 1);
    let atMs = 0;
    for (let round = 0; round < 4; round++) {
      const lengthMs = randomBetween(random, 0.5, 8);
      cluster.after(atMs, () => {
        expectations.forget();
        expectations.tolerateSuspicion(lengthMs + aftermathMs);
        if (cluster.network.isWhole) cutFor(cluster, hosts, cut, lengthMs);
      });
      atMs += lengthMs + randomBetween(random, 0.5, 8);
    }
  },
  /** Only two members lose each other. Both are downed after a while, and nobody else. */
  pair(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    const hosts = shuffledHosts(scene).slice(0, 2);
    const lengthMs = anyLengthMs(random);
    if (scene.settled && decidesByView(cluster) && allMonitorAll(cluster)) {
      const others = cluster.running().filter(({ host }) => !hosts.includes(host));
      const living = lengthMs <= shortMs ? cluster.running() : others;
      expectations.mustLive(living, Math.max(lengthMs + aftermathMs, decidedAfterMs));
      if (lengthMs >= longMs) mustEnd(scene, at(cluster, hosts));
    }
    expectations.tolerateSuspicion(lengthMs + aftermathMs);
    cutFor(cluster, hosts, 1, lengthMs);
  },
  /**
   * First two members of one side lose each other, then the rest splits too: before anybody has noticed the first, or
   * when all have. Between the two a side may have heard of it from one of them only, which resolvers take for a
   * contradiction and down everybody.
   */
  tangle(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    const hosts = shuffledHosts(scene);
    const cut = Math.max(2, Math.ceil(hosts.length / 2));
    const [side, other] = [hosts.slice(0, cut), hosts.slice(cut)];
    const pair = side.slice(0, 2);
    expectations.tolerateSuspicion(longMs + aftermathMs);
    cluster.trace(-1, `tangle: [${pair}] lose each other, and [${side}] | [${other}]`);
    cluster.partition(pair.slice(0, 1), pair.slice(1));
    const { epoch } = expectations;
    const gapMs = randomInt(random, 2) === 0 ? randomBetween(random, 0, 2) : 9000;
    cluster.after(gapMs, () => {
      cluster.partition(side, other);
      if (!scene.settled || expectations.epoch !== epoch) return;
      if (!allSeeTheSame(cluster, pair)) return;
      const verdict = verdictOf(settingsOf(cluster), at(cluster, side), at(cluster, other));
      if (verdict === 'either' || verdict === 'none') return;
      const surviving = verdict.filter(({ host }) => !pair.includes(host));
      expectations.mustLive(surviving, decidedAfterMs);
      mustEnd(
        scene,
        cluster.running().filter((each) => !surviving.includes(each)),
      );
    });
    cluster.after(longMs, () => {
      cluster.partition(side, other, { state: 'open' });
      cluster.partition(pair.slice(0, 1), pair.slice(1), { state: 'open' });
      cluster.trace(-1, 'tangle ends');
    });
  },
  /** Two members lose each other, and an operator downs one of them while all others see both. */
  operator(scene: FaultScene): void {
    const { cluster, expectations } = scene;
    const hosts = shuffledHosts(scene);
    const [victim = 0, innocent = 0, operator = 0] = hosts;
    expectations.tolerateSuspicion(16_000 + aftermathMs);
    cutFor(cluster, [victim, innocent], 1, 16_000);
    if (!scene.settled || !allMonitorAll(cluster)) return;
    const process = cluster.process(victim);
    const living = cluster.running().filter((each) => each !== process);
    expectations.mustLive(living, 45_000);
    mustEnd(scene, [process]);
    cluster.after(8000, () => {
      if (cluster.isRunning(operator)) {
        cluster.command(operator, { type: 'down', address: process.node.address });
      }
    });
  },
};

function split(scene: FaultScene, hosts: readonly number[], cut: number, lengthMs: number): void {
  const { cluster, expectations } = scene;
  expectations.tolerateSuspicion(lengthMs + aftermathMs);
  if (scene.settled) expectOutcome(scene, hosts.slice(0, cut), hosts.slice(cut), lengthMs);
  cutFor(cluster, hosts, cut, lengthMs);
}

function expectOutcome(
  scene: FaultScene,
  side: readonly number[],
  other: readonly number[],
  lengthMs: number,
): void {
  const { cluster, expectations } = scene;
  if (lengthMs <= shortMs) {
    expectations.mustLive(cluster.running(), lengthMs + aftermathMs);
    return;
  }
  if (lengthMs < longMs || !noticedAtOnce(cluster, side, other)) return;
  const sides = [at(cluster, side), at(cluster, other)] as const;
  const verdict = verdictOf(settingsOf(cluster), ...sides);
  if (verdict === 'either') {
    expectations.within(decidedAfterMs, 'exactly one side of a split survives', () =>
      survivingText(sides),
    );
    return;
  }
  const surviving = verdict === 'none' ? [] : verdict;
  expectations.mustLive(surviving, decidedAfterMs);
  mustEnd(
    scene,
    cluster.running().filter((each) => !surviving.includes(each)),
  );
}

function survivingText(sides: readonly (readonly SimProcess[])[]): string | undefined {
  const alive = sides.map((each) => each.filter(({ life }) => life === 'running').length);
  const whole = sides.filter((each, index) => alive[index] === each.length).length;
  const gone = alive.filter((count) => count === 0).length;
  return whole === 1 && gone === 1 ? undefined : `${alive.join(' and ')} are left`;
}

function mustEnd(scene: FaultScene, processes: readonly SimProcess[]): void {
  const invariant = 'whoever is not on the side that survives ends itself';
  scene.expectations.within(decidedAfterMs, invariant, () => {
    const left = processes.filter(({ life }) => life === 'running');
    return left.length === 0
      ? undefined
      : `${left.map(({ node }) => node.key).join(', ')} run still`;
  });
}

function cutFor(
  cluster: SimCluster,
  hosts: readonly number[],
  cut: number,
  lengthMs: number,
): void {
  const [side, other] = [hosts.slice(0, cut), hosts.slice(cut)];
  const state = lengthMs < 8000 ? 'hold' : 'drop';
  cluster.trace(-1, `partition [${side}] | [${other}] (${state})`);
  cluster.partition(side, other, { state });
  cluster.after(lengthMs, () => {
    cluster.partition(side, other, { state: 'open' });
    cluster.trace(-1, `partition [${side}] | [${other}] ends`);
  });
}

function anyLengthMs(random: Random): number {
  const [secondsMin, secondsMax] = randomPick(random, [
    [1, 12],
    [12, 55],
    [55, 70],
  ] as const);
  return randomBetween(random, secondsMin, secondsMax);
}

function shuffledHosts({ cluster, random }: FaultScene): number[] {
  return randomShuffle(
    random,
    cluster.addresses.map((_, host) => host),
  );
}

/**
 * With a short ring few members notice the loss of many in waves, some seconds apart; three of them are unrest for so long
 * that the resolver may down everybody.
 */
function noticedAtOnce(
  cluster: SimCluster,
  side: readonly number[],
  other: readonly number[],
): boolean {
  const { monitoredBy } = settingsOf(cluster).heartbeat;
  const waves = (few: number, many: number): number => Math.ceil(many / (few * monitoredBy));
  return waves(side.length, other.length) <= 2 && waves(other.length, side.length) <= 2;
}

/** With a shorter ring a lost pair may be noticed by one of the two only, or by neither. */
function allMonitorAll(cluster: SimCluster): boolean {
  return settingsOf(cluster).heartbeat.monitoredBy >= cluster.addresses.length - 1;
}

/** Everybody has heard from both of the pair that they lost each other, or nobody from either. */
function allSeeTheSame(cluster: SimCluster, hosts: readonly number[]): boolean {
  const keys = at(cluster, hosts).map(({ node }) => node.key);
  const accusations = cluster.running().map(({ state }) => {
    const { rows } = state.gossip.reachability;
    return rows.filter(
      ({ observer, subject }) => keys.includes(observer) && keys.includes(subject),
    );
  });
  const counts = new Set(accusations.map((rows) => rows.length));
  return allMonitorAll(cluster) && counts.size === 1 && (counts.has(0) || counts.has(2));
}

function settingsOf(cluster: SimCluster): SimProcess['state']['settings'] {
  return cluster.process(0).state.settings;
}

function oldestHost(cluster: SimCluster): number | undefined {
  const ageOf = ({ node, state }: SimProcess): number =>
    state.gossip.members.get(node.key)?.upNumber ?? Number.MAX_VALUE;
  return [...cluster.running()].sort((a, b) => ageOf(a) - ageOf(b))[0]?.host;
}

/** Not so where all are downed, or where both of a lost pair may ask for the lease and the loser downs all. */
function decidesByView(cluster: SimCluster): boolean {
  const name = settingsOf(cluster).splitBrain?.strategy.name;
  return name !== 'down-all' && name !== 'lease-majority';
}

function at(cluster: SimCluster, hosts: readonly number[]): SimProcess[] {
  return hosts.map((host) => cluster.process(host));
}
