// What the retold scenarios are written with: a simulated cluster whose nodes are started, cut off and ended by name.

import {
  type ClusterEventType,
  type ClusterOptions,
  type Correspondent,
  clusterSettings,
  type MemberStatus,
} from '../../src/cluster/index.ts';
import { heartbeatFrom } from '../../src/remote/index.ts';
import { assert } from '../../src/runtime/index.ts';
import { InvariantChecker, SimCluster, type SimProcess } from '../../src/testkit/index.ts';
import type { Address } from '../../src/wire/index.ts';

export interface ScenarioOptions extends ClusterOptions {
  readonly seed?: number;
  readonly optionsOf?: (name: string) => ClusterOptions;
  /** How long a leaving node has work to do; default a random time up to half a second. */
  readonly exitWorkMs?: number;
}

/** No tick comes by itself: what happens is what the test makes happen (Pekko's specs with all timers off). */
export const byHand: ClusterOptions = {
  periodicTasksInitialDelay: '24h',
  gossipInterval: '24h',
  leaderActionsInterval: '24h',
  unreachableReaperInterval: '24h',
  splitBrain: 'off',
};

export class Scenario {
  readonly cluster: SimCluster;
  readonly names: readonly string[];
  readonly #seeds: readonly number[];

  /** Hosts with one-letter names. The first `seeds` of them are the list of seed nodes; none: 0. */
  constructor(names: string, seeds: number, options: ScenarioOptions = {}) {
    this.names = names.split('');
    this.#seeds = this.names.slice(0, seeds).map((_, host) => host);
    const checker = new InvariantChecker();
    const { seed = 1, optionsOf, exitWorkMs, ...shared } = options;
    this.cluster = new SimCluster({
      seed,
      hosts: this.names.length,
      hostName: (host) => this.names[host] ?? '',
      settings: (host, addresses) => ({
        ...clusterSettings({ ...shared, ...optionsOf?.(this.names[host] ?? '') }),
        seedNodes: this.#seeds.flatMap((each) => addresses[each] ?? []),
      }),
      recordEvents: true,
      ...(exitWorkMs === undefined ? {} : { exitWorkMs: () => exitWorkMs }),
      afterStep: (...step) => checker.afterStep(...step),
    });
  }

  host(name: string): number {
    const host = this.names.indexOf(name);
    assert(host >= 0, `${name} is one of the scenario's hosts`);
    return host;
  }

  process(name: string): SimProcess {
    return this.cluster.process(this.host(name));
  }

  start(names: string): void {
    for (const name of names) this.cluster.start(this.host(name));
  }

  /** Has all of them join the first, one after the other, until all are Up. */
  clusterUp(names: string): void {
    this.start(names);
    const [first = '', ...others] = names;
    this.join(first, first);
    this.until(() => this.members(first) === `${first}:Up`, 10);
    for (const name of others) this.join(name, first);
    this.awaitUp(names, names);
  }

  join(name: string, contact: string): void {
    const { address } = this.process(contact).node;
    this.cluster.command(this.host(name), { type: 'joinTo', address });
  }

  leave(name: string, by: string = name): void {
    this.cluster.command(this.host(by), {
      type: 'leave',
      address: this.process(name).node.address,
    });
  }

  down(name: string, by: string): void {
    this.cluster.command(this.host(by), { type: 'down', address: this.process(name).node.address });
  }

  crash(name: string): void {
    this.cluster.crash(this.host(name));
  }

  /** Nothing passes between the two groups; `a` to `b` is cut when one way. */
  cut(side: string, other: string, options: { readonly oneWay?: boolean } = {}): void {
    this.cluster.partition(this.#hosts(side), this.#hosts(other), options);
  }

  mend(side: string, other: string): void {
    this.cluster.partition(this.#hosts(side), this.#hosts(other), { state: 'open' });
  }

  /** One tick of that node, out of turn. */
  tick(name: string, type: 'leaderTick' | 'reaperTick'): void {
    this.cluster.command(this.host(name), { type });
  }

  /** One node tells another all that it knows, now; answers take their way over the network. */
  gossip(from: string, to: string): void {
    const [sender, receiver] = [this.process(from), this.process(to)];
    const correspondent = { address: sender.node.address, process: sender, actor: 'daemon' };
    this.cluster.command(this.host(to), {
      type: 'message',
      message: {
        type: 'GossipEnvelope',
        from: sender.node,
        to: receiver.node,
        gossip: sender.state.gossip,
      },
      sender: correspondent,
      to: 'daemon',
    });
    this.run(0.1);
  }

  /** Stands for somebody at an address where nobody lives; answers to it are lost. */
  stranger(address: Address): Correspondent {
    const [process] = this.cluster.running();
    const correspondent = { address, process, actor: 'daemon' };
    return correspondent;
  }

  /** The node's detector has not heard of the other for an hour, whatever the other does. */
  suspect(name: string, by: string): void {
    const process = this.process(by);
    const { state } = process;
    const key = this.process(name).node.addressKey;
    const longAgoMs = this.cluster.nowMs - 3_600_000;
    const detectors = new Map(state.detectors);
    detectors.delete(key);
    const { detector } = state.settings.heartbeat;
    process.state = {
      ...state,
      detectors: heartbeatFrom(detectors, key, longAgoMs, detector),
    };
  }

  /**
   * From now on the leader of each side downs whoever has been unreachable for so long, however many they are: the
   * naive provider that many of Pekko's specs use, and that nobody should use anywhere else.
   */
  autoDown(afterSeconds: number): void {
    const since = new Map<string, number>();
    const look = (): void => {
      for (const process of this.cluster.running()) this.#autoDownBy(process, since, afterSeconds);
      this.cluster.after(100, look);
    };
    look();
  }

  #autoDownBy(process: SimProcess, since: Map<string, number>, afterSeconds: number): void {
    const { published } = process.state;
    for (const { node, status } of published.gossip.members.values()) {
      const key = `${process.node.key} ${node.key}`;
      const going = status === 'Down' || status === 'Exiting';
      if (going || !published.unreachable.has(node.key)) {
        since.delete(key);
        continue;
      }
      const sinceMs = since.get(key) ?? this.cluster.nowMs;
      since.set(key, sinceMs);
      if (this.cluster.nowMs - sinceMs < afterSeconds * 1000) continue;
      if (published.leader?.key !== process.node.key) continue;
      this.cluster.command(process.host, { type: 'down', address: node.address });
    }
  }

  run(seconds: number): void {
    this.cluster.run(seconds * 1000);
  }

  until(condition: () => boolean, seconds: number): void {
    const met = this.cluster.runUntil(condition, seconds * 1000);
    assert(met, `it happens within ${seconds} s: ${condition}\n${this.#views()}`);
  }

  /** All of `at` see exactly these members Up, reachable, and led by the first. */
  awaitUp(at: string, members: string, seconds = 30): void {
    const wanted = [...members].sort();
    const expected = wanted.map((name) => `${name}:Up`).join(' ');
    this.until(
      () =>
        [...at].every(
          (name) =>
            this.members(name) === expected &&
            this.unreachable(name) === '' &&
            this.leader(name) === wanted[0],
        ),
      seconds,
    );
  }

  /** `'a:Up b:Joining'` as that node sees it. */
  members(name: string): string {
    return [...this.process(name).state.gossip.members.values()]
      .map((member) => `${member.node.address.host}:${member.status}`)
      .join(' ');
  }

  status(name: string, at: string = name): MemberStatus {
    const member = this.process(at).state.gossip.members.get(this.process(name).node.key);
    return member?.status ?? 'Removed';
  }

  unreachable(name: string): string {
    return this.process(name)
      .state.published.unreachableMembers.map((member) => member.node.address.host)
      .join('');
  }

  leader(name: string): string | undefined {
    return this.process(name).state.published.leader?.address.host;
  }

  /** Hosts of members that have seen the version that this node has. */
  seen(name: string): string {
    const { members, seen } = this.process(name).state.gossip;
    return [...seen]
      .map((key) => members.get(key)?.node.address.host ?? '')
      .sort()
      .join('');
  }

  /** Oldest first. */
  byAge(name: string): string {
    return [...this.process(name).state.gossip.members.values()]
      .sort((a, b) => a.upNumber - b.upNumber)
      .map((member) => member.node.address.host)
      .join('');
  }

  isEnded(name: string): boolean {
    return this.process(name).life === 'ended';
  }

  /** Events of these types that the node has published, as `'MemberUp a'`. */
  events(name: string, ...types: readonly ClusterEventType[]): string[] {
    return this.process(name).events.flatMap((event) =>
      types.includes(event.type) && 'member' in event
        ? [`${event.type} ${event.member.node.address.host}`]
        : [],
    );
  }

  forgetEvents(): void {
    for (const { events } of this.cluster.running()) events.length = 0;
  }

  #hosts(names: string): number[] {
    return [...names].map((name) => this.host(name));
  }

  #views(): string {
    const started = this.names.filter((name) => this.cluster.wasStarted(this.host(name)));
    return started
      .map((name) => {
        const life = this.process(name).life;
        return `${name} ${life}: ${this.members(name)} unreachable [${this.unreachable(name)}]`;
      })
      .join('\n');
  }
}
