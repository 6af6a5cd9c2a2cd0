// A cluster in virtual time: the production state machine of every node, over a simulated network, one event after
// the other in an order that the seed fixes.

import {
  type ClusterEvent,
  type ClusterInput,
  type ClusterSettings,
  clusterNode,
  type Effect,
  type MembershipState,
  step as productionStep,
} from '../cluster/index.ts';
import { assert, newSystemUid, type Random, randomFloat, seededRandom } from '../runtime/index.ts';
import type { Address } from '../wire/index.ts';
import { leaseTimeToLiveMs, SimLease } from './sim-lease.ts';
import { type Delivery, type LinkState, type NetworkOptions, SimNetwork } from './sim-network.ts';
import { type Packet, SimPost } from './sim-post.ts';
import { newProcess, type SimProcess } from './sim-process.ts';
import { SimQueue } from './sim-queue.ts';

type Happening =
  | {
      readonly kind: 'input';
      readonly process: SimProcess;
      readonly input: ClusterInput;
      readonly slowed: boolean;
    }
  | { readonly kind: 'delivery'; readonly delivery: Delivery<Packet>; readonly host: number }
  | { readonly kind: 'call'; readonly call: () => void };

export interface SimClusterOptions {
  readonly seed: number;
  readonly hosts: number;
  readonly settings: (host: number, addresses: readonly Address[]) => ClusterSettings;
  readonly network?: NetworkOptions;
  /** Called after every step; a checker throws. */
  readonly afterStep?: (
    process: SimProcess,
    before: MembershipState,
    effects: readonly Effect[],
    input: ClusterInput,
  ) => void;
  readonly trace?: (atMs: number, host: number, text: string) => void;
  readonly recordEvents?: boolean;
  /** Host names; default `n1`, `n2`, ... in the order of addresses. */
  readonly hostName?: (host: number) => string;
  /** How long a leaving node has work to do; default a random time up to 500 ms. */
  readonly exitWorkMs?: () => number;
}

export class SimCluster {
  readonly addresses: readonly Address[];
  readonly random: Random;
  readonly network: SimNetwork<Packet>;
  readonly #options: SimClusterOptions;
  readonly #queue = new SimQueue<Happening>();
  readonly #current: (SimProcess | undefined)[];
  readonly #post: SimPost;
  readonly #lease: SimLease;
  #nowMs = 0;
  #steps = 0;

  constructor(options: SimClusterOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.network = new SimNetwork(this.random, options.network);
    this.#lease = new SimLease();
    const name = options.hostName ?? ((host) => `n${String(host + 1).padStart(4, '0')}`);
    this.addresses = Array.from({ length: options.hosts }, (_, host) => ({
      protocol: 'pekko',
      system: 'sim',
      host: name(host),
      port: 25520,
    }));
    this.#current = new Array<SimProcess | undefined>(options.hosts);
    this.#post = new SimPost({
      network: this.network,
      addresses: this.addresses,
      nowMs: () => this.#nowMs,
      current: (host) => this.#current[host],
      deliver: (delivery, host) => {
        this.#queue.push(delivery.atMs, { kind: 'delivery', delivery, host });
      },
    });
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Who holds the lease, and who is denied it; by the text of its address. */
  get lease(): SimLease {
    return this.#lease;
  }

  get steps(): number {
    return this.#steps;
  }

  /** The process that runs, or ran last, at the host. */
  process(host: number): SimProcess {
    const process = this.#current[host];
    assert(process !== undefined, `host ${host} has been started`);
    return process;
  }

  running(): readonly SimProcess[] {
    return this.#current.filter((each): each is SimProcess => each?.life === 'running');
  }

  isRunning(host: number): boolean {
    return this.#current[host]?.life === 'running';
  }

  wasStarted(host: number): boolean {
    return this.#current[host] !== undefined;
  }

  /** Starts a process with a new uid at the host. */
  start(host: number, settings?: ClusterSettings): SimProcess {
    assert(!this.isRunning(host), `nothing runs at host ${host} when it is started`);
    const address = this.addresses[host];
    assert(address !== undefined, `host ${host} is one of the simulation's`);
    const node = clusterNode(address, newSystemUid(this.random));
    const own = settings ?? this.#options.settings(host, this.addresses);
    const process = newProcess(host, node, own);
    this.#current[host] = process;
    this.trace(host, `starts as ${node.key}`);
    this.#feed(process, { type: 'start' });
    return process;
  }

  /** Killed without a word. */
  crash(host: number): void {
    const process = this.process(host);
    process.life = 'crashed';
    this.trace(host, 'crashes');
    this.#giveUpLease(process);
  }

  pause(host: number): void {
    this.process(host).paused = true;
    this.trace(host, 'is paused');
  }

  /** What came in meanwhile is handled now, at once. */
  resume(host: number): void {
    const process = this.process(host);
    if (!process.paused) return;
    process.paused = false;
    this.trace(host, `goes on, ${process.backlog.length} inputs waiting`);
    for (const input of process.backlog.splice(0)) this.#feed(process, input);
  }

  command(host: number, input: ClusterInput): void {
    this.trace(host, `is told to ${input.type}`);
    this.#feed(this.process(host), input);
  }

  setLink(from: number, to: number, state: LinkState): void {
    for (const delivery of this.network.set(from, to, state, this.#nowMs)) {
      this.#queue.push(delivery.atMs, { kind: 'delivery', delivery, host: to });
    }
  }

  /** Cuts all links between the two groups, both ways or only from the first to the second. */
  partition(
    side: readonly number[],
    other: readonly number[],
    options: { readonly state?: LinkState; readonly oneWay?: boolean } = {},
  ): void {
    const { state = 'drop', oneWay = false } = options;
    for (const a of side) {
      for (const b of other) {
        this.setLink(a, b, state);
        if (!oneWay) this.setLink(b, a, state);
      }
    }
  }

  /** All links open and fast, all processes running at their speed. */
  heal(): void {
    const hosts = this.addresses.length;
    for (let from = 0; from < hosts; from++) {
      for (let to = 0; to < hosts; to++) {
        if (from === to) continue;
        this.setLink(from, to, 'open');
        this.network.slowDown(from, to, 0);
      }
    }
    for (const process of this.running()) {
      process.slowMs = 0;
      this.resume(process.host);
    }
  }

  after(delayMs: number, call: () => void): void {
    this.#queue.push(this.#nowMs + delayMs, { kind: 'call', call });
  }

  run(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#queue.nextAtMs;
      if (next === undefined || next > untilMs) break;
      this.#nowMs = next;
      this.#happen();
    }
    this.#nowMs = untilMs;
  }

  /** Runs until the condition holds, asked every 100 ms; `false` when it did not within the limit. */
  runUntil(condition: () => boolean, limitMs: number): boolean {
    const untilMs = this.#nowMs + limitMs;
    while (!condition()) {
      if (this.#nowMs >= untilMs) return false;
      this.run(100);
    }
    return true;
  }

  trace(host: number, text: string): void {
    this.#options.trace?.(this.#nowMs, host, text);
  }

  #happen(): void {
    const happening = this.#queue.pop();
    if (happening === undefined) return;
    switch (happening.kind) {
      case 'call':
        happening.call();
        return;
      case 'input':
        this.#input(happening.process, happening.input, happening.slowed);
        return;
      case 'delivery':
        if (this.network.isAlive(happening.delivery)) {
          this.#arrive(happening.delivery.packet, happening.host);
        }
    }
  }

  #input(process: SimProcess, input: ClusterInput, slowed: boolean): void {
    if (process.life !== 'running') return;
    if (!slowed && (process.slowMs > 0 || process.busyUntilMs > this.#nowMs)) {
      // One after the other, as from a mailbox.
      const spentMs = process.slowMs * randomFloat(this.random);
      const atMs = Math.max(this.#nowMs + spentMs, process.busyUntilMs);
      process.busyUntilMs = atMs;
      this.#queue.push(atMs, { kind: 'input', process, input, slowed: true });
      return;
    }
    if (process.paused) process.backlog.push(input);
    else this.#feed(process, input);
  }

  #arrive(packet: Packet, host: number): void {
    const process = this.#current[host];
    if (process === undefined || process.life !== 'running') return;
    const input = this.#post.received(packet, process);
    if (input !== undefined) this.#input(process, input, false);
  }

  #feed(process: SimProcess, input: ClusterInput): void {
    if (process.life !== 'running') return;
    const before = process.state;
    const moment = {
      nowMs: this.#nowMs,
      wallMs: 1_767_225_600_000 + this.#nowMs + process.wallOffsetMs,
      random: this.random,
    };
    this.#steps++;
    const { state, effects } = productionStep(before, input, moment);
    process.state = state;
    for (const effect of effects) this.#perform(process, effect);
    this.#options.afterStep?.(process, before, effects, input);
  }

  #perform(process: SimProcess, effect: Effect): void {
    switch (effect.type) {
      case 'schedule':
        this.#queue.push(this.#nowMs + effect.afterMs, {
          kind: 'input',
          process,
          input: effect.input,
          slowed: false,
        });
        return;
      case 'send':
        this.#post.send(process, effect);
        return;
      case 'reply':
        this.#post.reply(process, effect);
        return;
      case 'publish':
        if (this.#options.recordEvents === true) process.events.push(effect.event);
        this.#traceEvent(process, effect.event);
        return;
      case 'log':
        if (effect.level !== 'debug') this.trace(process.host, `${effect.level}: ${effect.text}`);
        return;
      default:
        this.#performRare(process, effect);
    }
  }

  #performRare(process: SimProcess, effect: Effect): void {
    switch (effect.type) {
      case 'quarantine':
        this.#post.quarantine(process, effect.node, effect.harmless);
        return;
      case 'runCoordinatedShutdown':
        this.#shutDown(process, effect.reason === 'ClusterLeaving');
        return;
      case 'stopped':
        process.life = 'ended';
        this.trace(process.host, 'ends');
        this.#giveUpLease(process);
        return;
      case 'acquireLease':
        this.after(20, () => {
          const held = this.#lease.acquire(process.node.addressKey);
          this.#input(process, { type: 'leaseAcquired', held }, false);
        });
        return;
      case 'releaseLease':
        this.#lease.release(process.node.addressKey);
        this.after(20, () =>
          this.#input(process, { type: 'leaseReleased', released: true }, false),
        );
        return;
      default:
    }
  }

  #giveUpLease(process: SimProcess): void {
    const { addressKey } = process.node;
    if (this.#lease.owner !== addressKey) return;
    this.after(leaseTimeToLiveMs, () => {
      if (this.#current[process.host]?.life !== 'running') this.#lease.release(addressKey);
    });
  }

  /** The rest of a coordinated shutdown: hand-over work of an exiting node, then the end of the process. */
  #shutDown(process: SimProcess, exiting: boolean): void {
    const workMs = this.#options.exitWorkMs?.() ?? randomFloat(this.random) * 500;
    this.after(exiting ? workMs : 0, () => {
      const input: ClusterInput = { type: exiting ? 'exitingCompleted' : 'stop' };
      this.#input(process, input, false);
    });
  }

  #traceEvent(process: SimProcess, event: ClusterEvent): void {
    if (this.#options.trace === undefined) return;
    if ('member' in event) this.trace(process.host, `${event.type} ${event.member.node.key}`);
    else if (event.type === 'LeaderChanged') {
      this.trace(process.host, `LeaderChanged ${event.leader?.key ?? 'nobody'}`);
    }
  }
}
