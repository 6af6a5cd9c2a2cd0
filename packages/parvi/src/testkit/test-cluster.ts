// A whole cluster in one process and in hand-moved time: real actor systems with real remoting and membership, over a
// network in memory that breaks when the test says so.

import {
  type ActorRef,
  ActorSystem,
  type ActorSystemCreateOptions,
  type DeadLetter,
  deadLetterEvent,
} from '../actor/index.ts';
import { Cluster, type ClusterOptions } from '../cluster/index.ts';
import { type MemoryLog, memoryLog } from '../observe/index.ts';
import { type MemoryNetwork, Remoting, type RemotingOptions } from '../remote/index.ts';
import {
  type Duration,
  durationMs,
  durationText,
  ParviError,
  seededRandom,
} from '../runtime/index.ts';
import { ManualTime } from './manual-time.ts';
import { NamedNetwork } from './named-network.ts';
import { Probe } from './probe.ts';
import { ProcessGate } from './process-gate.ts';

export interface TestClusterOptions {
  /** Names of the nodes to begin with; they are hosts too. The first ones in the list are older. Default `a`, `b`, `c`. */
  readonly nodes?: readonly string[];
  /** Seed of all chance: the same seed gives the same run. Default 1. */
  readonly seed?: number;
  /** One-way delay of the network. Default 0 to 2 ms. */
  readonly delayMs?: { readonly min: number; readonly max: number };
  /** For all nodes, or by name. Seed nodes are set by default: the first two. */
  readonly cluster?: ClusterOptions | ((node: string) => ClusterOptions);
  readonly remote?: Partial<RemotingOptions>;
  readonly system?: Partial<ActorSystemCreateOptions>;
}

export interface TestNode {
  readonly name: string;
  readonly system: ActorSystem;
  readonly remoting: Remoting;
  readonly cluster: Cluster;
  readonly log: MemoryLog;
  /** Dead letters so far, oldest first. */
  readonly deadLetters: readonly DeadLetter[];
  probe<M>(name?: string): Probe<M>;
}

interface Running extends TestNode {
  readonly gate: ProcessGate;
}

const port = 25520;
/** Real membership gossips by the second, so a minute of it is much. */
const upMsMax = 60_000;
const stepMs = 10;

/**
 * Starts nodes, moves time, cuts the network, kills nodes.
 *
 * Nothing waits for the wall clock: time moves only by {@link pass} and by what waits for something here.
 */
export class TestCluster {
  readonly time = new ManualTime();
  /** Refuses hosts that are no nodes, as {@link cut} does. */
  readonly network: MemoryNetwork;
  readonly #options: TestClusterOptions;
  readonly #names: readonly string[];
  readonly #nodes = new Map<string, Running>();
  /** Of nodes that run, and of those that did or will. */
  readonly #known: Set<string>;
  #seed: number;

  private constructor(options: TestClusterOptions) {
    const { seed = 1, delayMs = { min: 0, max: 2 } } = options;
    this.#options = options;
    this.#names = options.nodes ?? ['a', 'b', 'c'];
    this.#known = new Set(this.#names);
    this.#seed = seed;
    const random = seededRandom(seed);
    this.network = new NamedNetwork({ runtime: this.time.runtime(), random, delayMs }, (host) =>
      this.#checkName(host),
    );
  }

  /** Starts the nodes and resolves when all are Up. @throws ParviError `TEST_CLUSTER_WAIT_OVER` */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const cluster = new TestCluster(options);
    for (const name of cluster.#names) await cluster.startNode(name);
    await cluster.untilUp(...cluster.#names);
    return cluster;
  }

  /** A node that runs. @throws ParviError `TEST_CLUSTER_NODE_UNKNOWN` */
  node(name: string): TestNode {
    return this.#running(name);
  }

  /** Starts a node, or starts it again after {@link crash} as a new incarnation. It joins by itself; see {@link untilUp}. */
  async startNode(name: string): Promise<TestNode> {
    this.#known.add(name);
    const gate = new ProcessGate(this.time.runtime({ seed: this.#seed++ }));
    const log = memoryLog('info');
    const own = { name: 'test', ...this.#options.system };
    const system = ActorSystem.create(own, { runtime: gate.runtime, log: log.logger });
    const deadLetters: DeadLetter[] = [];
    system.eventStream.subscribe(deadLetterEvent, (letter) => deadLetters.push(letter));
    const remoting = await this.settled(
      Remoting.start(system, {
        host: name,
        port,
        transport: gate.transport(this.network.transport(name)),
        ...this.#options.remote,
      }),
    );
    const cluster = Cluster.start(system, remoting, {
      seedNodes: this.#names.slice(0, 2).map((seed) => `${seed}:${port}`),
      ...this.#clusterOptions(name),
    });
    const probe = <M>(probeName?: string): Probe<M> => new Probe(system, this.time, probeName);
    const node = { name, system, remoting, cluster, log, deadLetters, probe, gate };
    this.#nodes.set(name, node);
    await this.time.settleAsync();
    return node;
  }

  /** Waits until these see each other as Up and reachable. @throws ParviError `TEST_CLUSTER_WAIT_OVER` */
  async untilUp(...names: readonly string[]): Promise<void> {
    const wanted = [...names].sort();
    const isUp = (name: string): boolean => {
      const { members, unreachable } = this.#running(name).cluster.state;
      const up = members
        .filter(({ status }) => status === 'Up')
        .map(({ node }) => node.address.host);
      return unreachable.length === 0 && wanted.every((each) => up.includes(each));
    };
    await this.until(() => wanted.every(isUp), upMsMax);
  }

  /** Lets time pass until the condition holds. @throws ParviError `TEST_CLUSTER_WAIT_OVER` */
  async until(condition: () => boolean, within: Duration = '10s'): Promise<void> {
    const withinMs = durationMs(within);
    for (let waitedMs = 0; !condition(); waitedMs += stepMs) {
      if (waitedMs >= withinMs) throw this.#waitOver(condition, withinMs);
      await this.time.advanceAsync(stepMs);
    }
  }

  /** Lets time pass and everything happen that falls due. */
  async pass(duration: Duration): Promise<void> {
    await this.time.advanceAsync(durationMs(duration));
    await this.time.settleAsync();
  }

  /** Lets time pass until the promise has resolved, such as the answer to an ask. */
  async settled<T>(promise: Promise<T>, within: Duration = '10s'): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    promise.then(over, over);
    await this.time.settleAsync();
    await this.until(() => isOver, within);
    return promise;
  }

  /**
   * Nothing passes between the two groups until {@link heal}; one way: only from the first to the second.
   *
   * @throws ParviError `TEST_CLUSTER_NODE_UNKNOWN`, and nothing is cut
   */
  cut(
    side: readonly string[],
    other: readonly string[],
    options: { readonly oneWay?: boolean } = {},
  ): void {
    for (const name of [...side, ...other]) this.#checkName(name);
    for (const from of side) {
      for (const to of other) {
        this.network.cut(from, to);
        if (options.oneWay !== true) this.network.cut(to, from);
      }
    }
  }

  /** Ends all cuts. What TCP would have sent again arrives now. */
  heal(): void {
    this.network.heal();
  }

  /** Kills the process without a word; its connections are reset. */
  crash(name: string): void {
    this.#running(name).gate.end();
    this.network.crash(name);
    this.#nodes.delete(name);
  }

  /** Stops the process as SIGSTOP does: what arrives waits, and nothing leaves. */
  pause(name: string): void {
    this.#running(name).gate.pause();
  }

  resume(name: string): void {
    this.#running(name).gate.resume();
  }

  /** A ref, on that node, of an actor of any node. */
  refAt<M>(name: string, ref: ActorRef<M>): ActorRef<M> {
    return this.#running(name).system.resolve(ref.path);
  }

  /** Ends all nodes. */
  async stop(): Promise<void> {
    const ending = [...this.#nodes.values()].map(({ system, gate }) => {
      gate.resume();
      return system.terminate();
    });
    await this.settled(Promise.all(ending), '2m');
    this.#nodes.clear();
  }

  #clusterOptions(name: string): ClusterOptions {
    const { cluster = {} } = this.#options;
    return typeof cluster === 'function' ? cluster(name) : cluster;
  }

  #running(name: string): Running {
    const node = this.#nodes.get(name);
    if (node !== undefined) return node;
    throw this.#unknown(name);
  }

  /** A node that was killed, or does not run yet, still has a place on the network. */
  #checkName(name: string): void {
    if (!this.#known.has(name)) throw this.#unknown(name);
  }

  #unknown(name: string): ParviError {
    return new ParviError(
      'TEST_CLUSTER_NODE_UNKNOWN',
      `Cannot use the node "${name}" of the test cluster: it does not run; there are ${[...this.#nodes.keys()].join(', ')}`,
      { fields: { node: name } },
    );
  }

  #waitOver(condition: () => boolean, withinMs: number): ParviError {
    const views = [...this.#nodes.values()].map(({ name, cluster }) => {
      const { members, unreachable } = cluster.state;
      const texts = members.map(({ node, status }) => `${node.address.host} ${status}`);
      const lost = unreachable.map(({ node }) => node.address.host);
      return `${name} sees [${texts.join(', ')}], unreachable [${lost.join(', ')}]`;
    });
    return new ParviError(
      'TEST_CLUSTER_WAIT_OVER',
      `Waited ${durationText(withinMs)} of virtual time for ${String(condition)}, in vain: ${views.join('; ')}`,
      { fields: { withinMs } },
    );
  }
}
