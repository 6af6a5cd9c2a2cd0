// Faults of processes, links that are only slow, clocks, and what operators do.

import { randomFloat, randomInt, randomPick } from '../runtime/index.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { FaultScene } from './sim-faults.ts';
import type { SimProcess } from './sim-process.ts';
import { randomBetween } from './sim-random.ts';
import { restart } from './sim-supervisor.ts';
import { verdictOf } from './sim-survivors.ts';

/** Found by silence within a few beats, downed after the resolver's stable time, and removed when all have heard. */
const noticedMs = 20_000;
const removedMs = 75_000;
/** How long after the end of a fault somebody may still be found unreachable. */
const aftermathMs = 20_000;

export const mishaps = {
  pause(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    withRunning(scene, (process) => {
      const lengthMs = randomBetween(random, 0.5, 50);
      expectations.tolerateSuspicion(lengthMs + aftermathMs);
      // Going on just when the others decide, it is connected to some of them: those go down with it.
      if (lengthMs < 18_000 || lengthMs > 36_000)
        othersLive(scene, process, lengthMs + aftermathMs);
      cluster.pause(process.host);
      cluster.after(lengthMs, () => {
        if (cluster.process(process.host) === process) cluster.resume(process.host);
      });
    });
  },
  crash(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    withRunning(scene, (process) => {
      const restartMs = randomBetween(random, 0.1, 40);
      expectations.tolerateSuspicion(restartMs + aftermathMs);
      othersLive(scene, process, removedMs);
      if (othersSurvive(scene, process)) isNoticed(scene, process);
      cluster.crash(process.host);
      cluster.after(restartMs, () => restart(cluster, process.host, scene));
    });
  },
  /** Killed and at once started again at the same address. */
  restart(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    withRunning(scene, (process) => {
      expectations.tolerateSuspicion(aftermathMs);
      othersLive(scene, process, aftermathMs);
      cluster.crash(process.host);
      cluster.after(randomBetween(random, 0.05, 0.8), () => restart(cluster, process.host, scene));
    });
  },
  /** Killed, started again at once, and killed again before or soon after it is a member. */
  stillborn(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    withRunning(scene, ({ host }) => {
      const { epoch } = expectations;
      expectations.tolerateSuspicion(60_000);
      cluster.crash(host);
      cluster.after(randomBetween(random, 0.05, 0.8), () => restart(cluster, host, scene));
      cluster.after(randomBetween(random, 2, 12), () => {
        if (!cluster.isRunning(host)) return;
        const process = cluster.process(host);
        const alone = expectations.epoch === epoch;
        expectations.forget();
        expectations.tolerateSuspicion(60_000);
        cluster.crash(host);
        if (scene.settled && alone) silenceIsNoticed(scene, process);
        cluster.after(30_000, () => restart(cluster, host, scene));
      });
    });
  },
  slow(scene: FaultScene): void {
    const { cluster, random, expectations } = scene;
    withRunning(scene, (process) => {
      const lengthMs = randomBetween(random, 1, 30);
      process.slowMs = randomBetween(random, 0.05, 2);
      expectations.forget();
      expectations.tolerateSuspicion(lengthMs + aftermathMs);
      cluster.trace(process.host, `is slow, up to ${Math.round(process.slowMs)} ms an input`);
      cluster.after(lengthMs, () => {
        process.slowMs = 0;
      });
    });
  },
  /** At most a second more on the way, so that no pause that detectors accept is exceeded. */
  delay({ cluster, random }: FaultScene): void {
    const extraMs = randomBetween(random, 0.02, 1);
    const pairs = pairsOf(cluster).filter(() => randomInt(random, 3) === 0);
    cluster.trace(-1, `${pairs.length} links slow down by ${Math.round(extraMs)} ms`);
    for (const [from, to] of pairs) cluster.network.slowDown(from, to, extraMs);
    cluster.after(randomBetween(random, 1, 30), () => {
      for (const [from, to] of pairs) cluster.network.slowDown(from, to, 0);
    });
  },
  breaks({ cluster, random }: FaultScene): void {
    cluster.trace(-1, 'connections break');
    for (const [from, to] of pairsOf(cluster)) {
      if (randomInt(random, 2) === 0) cluster.network.breakConnection(from, to);
    }
  },
  /** Only the wall clock jumps, up to two hours; detectors live by the monotonic one. */
  clockJump(scene: FaultScene): void {
    withRunning(scene, (process) => {
      process.wallOffsetMs += (randomFloat(scene.random) - 0.5) * 4 * 3_600_000;
    });
  },
  /**
   * Not before it is Up: as in Pekko, who leaves while it joins counts as leaving, and while nobody is Up yet it leads beside
   * the lowest of the joining ones, so that two may give out the same numbers.
   */
  leave(scene: FaultScene): void {
    const { cluster, random } = scene;
    withRunning(scene, (process) => {
      const own = process.state.gossip.members.get(process.node.key);
      if (own?.status !== 'Up') return;
      othersLive(scene, process, aftermathMs);
      isGone(scene, process, aftermathMs);
      cluster.command(process.host, { type: 'leave', address: process.node.address });
      cluster.after(randomBetween(random, 5, 40), () => restart(cluster, process.host, scene));
    });
  },
  /**
   * By hand, and therefore only by people who see that the cluster is whole: downing the other side of a partition by
   * hand on both sides makes two clusters, as it does with Pekko.
   */
  down(scene: FaultScene): void {
    const { cluster, random } = scene;
    if (!cluster.network.isWhole || cluster.running().length < 2) return;
    withRunning(scene, (process) => {
      const operator = randomPick(random, cluster.running());
      if (!operator.state.gossip.members.has(process.node.key)) return;
      othersLive(scene, process, aftermathMs);
      isGone(scene, process, aftermathMs);
      cluster.command(operator.host, { type: 'down', address: process.node.address });
      cluster.after(randomBetween(random, 5, 40), () => restart(cluster, process.host, scene));
    });
  },
};

/** Whether the strategy keeps all others when this one falls silent; the lease would be asked for, and is free. */
function othersSurvive({ cluster, settled }: FaultScene, victim: SimProcess): boolean {
  if (!settled) return false;
  const others = cluster.running().filter((each) => each !== victim);
  const verdict = verdictOf(victim.state.settings, [victim], others);
  return verdict === 'either' || verdict === others;
}

function othersLive(scene: FaultScene, victim: SimProcess, forMs: number): void {
  const { cluster, expectations } = scene;
  if (!othersSurvive(scene, victim)) return;
  expectations.mustLive(
    cluster.running().filter((each) => each !== victim),
    forMs,
  );
}

function isNoticed(scene: FaultScene, victim: SimProcess): void {
  silenceIsNoticed(scene, victim);
  isGone(scene, victim, removedMs);
}

function silenceIsNoticed(scene: FaultScene, victim: SimProcess): void {
  const { cluster, expectations } = scene;
  const { key } = victim.node;
  expectations.within(noticedMs, 'silence is noticed', () => {
    const unaware = cluster.running().find(({ state, paused, slowMs }) => {
      const known = state.gossip.members.get(key);
      const spared = paused || slowMs > 0 || known === undefined || known.status === 'Down';
      return !spared && state.gossip.reachability.isReachable(key);
    });
    if (unaware === undefined) return undefined;
    return `${unaware.node.key} finds ${key} reachable ${noticedMs / 1000} s after its crash`;
  });
}

function isGone(scene: FaultScene, victim: SimProcess, withinMs: number): void {
  if (!scene.settled) return;
  const { cluster, expectations } = scene;
  const { key } = victim.node;
  expectations.within(withinMs, 'who is gone is removed', () => {
    if (victim.life === 'running') return `${key} runs still`;
    const holder = cluster.running().find(({ state }) => state.gossip.members.has(key));
    return holder === undefined ? undefined : `${holder.node.key} has ${key} as a member still`;
  });
}

function pairsOf(cluster: SimCluster): [number, number][] {
  const hosts = cluster.addresses.map((_, host) => host);
  return hosts.flatMap((from) =>
    hosts.filter((to) => to !== from).map((to): [number, number] => [from, to]),
  );
}

function withRunning(scene: FaultScene, act: (process: SimProcess) => void): void {
  const running = scene.cluster.running();
  if (running.length > 0) act(randomPick(scene.random, running));
}
