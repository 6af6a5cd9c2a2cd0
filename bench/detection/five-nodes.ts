// Five nodes of one kind, each on a host of its own, as one cluster; what is done to them, and how long they take to decide.

import { setTimeout as pause } from 'node:timers/promises';
import type { StartOptions } from 'parvi';
import { agree, type EventName, membersAre } from '../../interop/harness/expectations.ts';
import type { NodeProcess } from '../../interop/harness/node-process.ts';
import { configText, startParvi, startPekko } from '../../interop/harness/node-programs.ts';
import { buildPeer } from '../../interop/harness/peer-build.ts';
import { SplitNetwork } from './split-network.ts';

export type Kind = 'parvi' | 'pekko';

/** What both kinds are told; all but `stableAfter`, which is 20 s otherwise, are their common defaults. */
export const settings = {
  heartbeatInterval: '1s',
  acceptableHeartbeatPause: '3s',
  threshold: 8,
  stableAfter: '5s',
} as const;

export const javaWords = ['-Xms32m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const hosts = [1, 2, 3, 4, 5] as const;
const minority = [4, 5] as const;
const killed = 5;
const system = 'detection';
const port = 25_520;
const patienceMs = 90_000;
/** Heartbeats of a new member, before anything is done: failure detectors judge by what they have seen. */
const settleMs = 6000;

export interface KillTimes {
  /** Until the last survivor saw the killed member as down, in seconds. */
  readonly downed: number;
  /** The same, as removed. */
  readonly removed: number;
}

export interface PartitionTimes {
  /** Until the last of the majority saw all others as down, in seconds. */
  readonly downed: number;
  /** Until the last process of the minority had ended by itself. */
  readonly ended: number;
}

export class FiveNodes {
  readonly kind: Kind;
  readonly #network: SplitNetwork;
  readonly #classPath: string;
  readonly #nodes = new Map<number, NodeProcess>();

  private constructor(kind: Kind, network: SplitNetwork, classPath: string) {
    this.kind = kind;
    this.#network = network;
    this.#classPath = classPath;
  }

  /** On a network of their own; no node runs yet. */
  static async of(kind: Kind): Promise<FiveNodes> {
    const { classPath } = await buildPeer();
    return new FiveNodes(kind, await SplitNetwork.start(kind, hosts.length), classPath);
  }

  /** Starts what does not run, and resolves when the five are one cluster that has seen some heartbeats. */
  async complete(): Promise<void> {
    this.#network.heal();
    const missing = hosts.filter((host) => this.#nodes.get(host)?.isRunning !== true);
    for (const host of missing) this.#nodes.set(host, this.#start(host));
    await Promise.all(missing.map((host) => this.#ready(host)));
    const all = hosts.map((host) => this.#node(host));
    await agree(all, membersAre(all), { timeoutMs: patienceMs, what: `five ${this.kind} nodes` });
    await pause(settleMs);
    await agree(all, membersAre(all), { timeoutMs: patienceMs, what: `five ${this.kind} nodes` });
  }

  async kill(): Promise<KillTimes> {
    const victim = this.#node(killed);
    const survivors = hosts.filter((host) => host !== killed);
    const downed = this.#seenBy(survivors, 'MemberDowned', [killed]);
    const removed = this.#seenBy(survivors, 'MemberRemoved', [killed]);
    const startMs = performance.now();
    victim.signal('SIGKILL');
    return { downed: secondsTo(await downed, startMs), removed: secondsTo(await removed, startMs) };
  }

  async part(): Promise<PartitionTimes> {
    const majority = hosts.filter((host) => !minority.some((other) => other === host));
    const downed = this.#seenBy(majority, 'MemberDowned', minority);
    const removed = this.#seenBy(majority, 'MemberRemoved', minority);
    const ended = Promise.all(minority.map((host) => this.#end(host)));
    const startMs = performance.now();
    this.#network.cut(majority, minority);
    const endedMs = Math.max(...(await ended));
    const times = { downed: secondsTo(await downed, startMs), ended: secondsTo(endedMs, startMs) };
    // The next round begins with a cluster that has forgotten the two.
    await removed;
    return times;
  }

  async stop(): Promise<void> {
    const running = [...this.#nodes.values()].filter((node) => node.isRunning);
    for (const node of running) node.signal('SIGKILL');
    await Promise.all(running.map((node) => node.exited));
    await this.#network.stop();
  }

  /** When the last of these nodes had seen such an event of all of those members. */
  async #seenBy(
    nodes: readonly number[],
    event: EventName,
    members: readonly number[],
  ): Promise<number> {
    const times = nodes.flatMap((host) => {
      const node = this.#node(host);
      const options = { timeoutMs: patienceMs, since: node.lines.length };
      return members.map(async (member) => {
        const address = this.#address(member);
        const test = (line: { event?: string; member?: string }) =>
          line.event === event && line.member === address;
        await node.until(`${event} of ${address}`, test, options);
        return performance.now();
      });
    });
    return Math.max(...(await Promise.all(times)));
  }

  /** When the node ended by itself. */
  async #end(host: number): Promise<number> {
    const node = this.#node(host);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(node.failure(`it did not end within ${patienceMs} ms`)),
      patienceMs,
    );
    await Promise.race([node.exited, late]).finally(() => clearTimeout(timer));
    return performance.now();
  }

  async #ready(host: number): Promise<void> {
    const node = this.#node(host);
    const { address = '', uid = '' } = await node.until(
      'its start',
      ({ event }) => event === 'ready',
      { timeoutMs: patienceMs },
    );
    node.address = address;
    node.uid = uid;
  }

  #node(host: number): NodeProcess {
    const node = this.#nodes.get(host);
    if (node === undefined) throw new Error(`There is no node on host ${host}`);
    return node;
  }

  #address(host: number): string {
    return `pekko://${system}@${this.#network.address(host)}:${port}`;
  }

  #start(host: number): NodeProcess {
    const at = this.#network.address(host);
    const place = { host: at, wrapper: this.#network.wrapper(host) };
    const seeds = [this.#address(1), this.#address(2)];
    if (this.kind === 'parvi') return startParvi({ ...place, options: parviOptions(at, seeds) });
    const config = pekkoConfig(at, seeds);
    return startPekko({ ...place, system, classPath: this.#classPath, javaWords, config });
  }
}

function parviOptions(host: string, seeds: readonly string[]): StartOptions {
  const { heartbeatInterval, acceptableHeartbeatPause, threshold, stableAfter } = settings;
  return {
    name: system,
    remote: { host, port },
    cluster: {
      seedNodes: seeds,
      failureDetector: { heartbeatInterval, acceptableHeartbeatPause, threshold },
      splitBrain: { strategy: 'keep-majority', stableAfter },
    },
  };
}

function pekkoConfig(host: string, seeds: readonly string[]): string {
  const detector = 'pekko.cluster.failure-detector';
  const resolver = 'pekko.cluster.split-brain-resolver';
  return configText({
    'pekko.remote.artery.canonical.hostname': host,
    'pekko.remote.artery.canonical.port': port,
    'pekko.cluster.seed-nodes': seeds,
    [`${detector}.heartbeat-interval`]: settings.heartbeatInterval,
    [`${detector}.acceptable-heartbeat-pause`]: settings.acceptableHeartbeatPause,
    [`${detector}.threshold`]: settings.threshold,
    [`${resolver}.active-strategy`]: 'keep-majority',
    [`${resolver}.stable-after`]: settings.stableAfter,
  });
}

function secondsTo(atMs: number, startMs: number): number {
  return (atMs - startMs) / 1000;
}
