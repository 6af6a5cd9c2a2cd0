// One simulated bootstrap from its seed: nodes start in any order, see each other late or in part, are cut off from each
// other, die before and after one has formed a cluster. Never are there two clusters, and in the end there is one with
// all nodes. Half of the nodes decide as JVM nodes do.

import {
  type BootstrapEffect,
  type BootstrapEvent,
  type BootstrapState,
  bootstrapSettings,
  explanation,
  newBootstrap,
  step,
} from '../../src/bootstrap/index.ts';
import { clusterSettings, selfStatus } from '../../src/cluster/index.ts';
import { randomFloat, randomInt, randomPick, seededRandom } from '../../src/runtime/index.ts';
import {
  InvariantViolation,
  SimCluster,
  SimNetwork,
  type SimProcess,
} from '../../src/testkit/index.ts';
import { parseAddress } from '../../src/wire/index.ts';
import { type BootstrapPlan, planOfSeed } from './bootstrap-plan.ts';
import { BootstrapRegistry } from './bootstrap-registry.ts';
import { referenceDecider } from './reference-decider.ts';

export interface BootstrapLifeResult {
  readonly nodes: number;
  /** Clusters formed one after the other: more than one when all members of the one before had died. */
  readonly formed: number;
  readonly wholeAtMs: number;
}

export interface BootstrapLifeOptions {
  readonly trace?: (line: string) => void;
  /** Changes the plan of the seed, for plans that promise nothing. */
  readonly plan?: (plan: BootstrapPlan) => BootstrapPlan;
  /** Default true. */
  readonly newClusterEnabled?: boolean;
}

/** Nothing goes wrong from then on but what went wrong before. */
const faultsUntilMs = 70_000;
const wholeMsMax = 300_000;

/** @throws Error that names the seed and the invariant that did not hold */
export function runBootstrapLife(
  seed: number,
  options: BootstrapLifeOptions = {},
): BootstrapLifeResult {
  const life = new BootstrapLife(seed, options);
  try {
    return life.run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const replay = `npm run sim -- --bootstrap 1 --from ${seed} --trace`;
    const at = `${(life.nowMs / 1000).toFixed(3)} s`;
    throw new Error(
      `Seed ${seed} (${life.plan.kind}, ${life.plan.initial} nodes) failed at ${at}: ${error.message}\n  ${replay}`,
      { cause: error },
    );
  }
}

export class BootstrapLife {
  readonly plan: BootstrapPlan;
  readonly #cluster: SimCluster;
  readonly #registry: BootstrapRegistry;
  /** Requests and answers of probes; cut where the cluster's network is. */
  readonly #http: SimNetwork<null>;
  readonly #random;
  readonly #states = new Map<SimProcess, BootstrapState>();
  readonly #servesFromMs = new Map<SimProcess, number>();
  readonly #hosts: number;
  readonly #options: BootstrapLifeOptions;
  #spare: number;
  #formed = 0;
  #founder: SimProcess | undefined;

  constructor(seed: number, options: BootstrapLifeOptions) {
    this.#options = options;
    this.#random = seededRandom(seed);
    const plan = planOfSeed(seed, this.#random);
    this.plan = options.plan?.(plan) ?? plan;
    const { initial, late, spares } = this.plan;
    this.#hosts = initial + late + spares;
    this.#spare = initial + late;
    const { trace } = options;
    this.#cluster = new SimCluster({
      seed,
      hosts: this.#hosts,
      settings: () => clusterSettings(),
      ...(trace === undefined
        ? {}
        : {
            trace: (atMs, host, text) => trace(`${(atMs / 1000).toFixed(3)} n${host + 1} ${text}`),
          }),
    });
    this.#http = new SimNetwork(this.#random);
    this.#registry = new BootstrapRegistry(this.plan, this.#hosts, this.#random);
  }

  get nowMs(): number {
    return this.#cluster.nowMs;
  }

  /** Clusters that there are now. */
  get clusters(): number {
    const founders = this.#inClusters().map(({ state }) => [...state.gossip.members.keys()].sort());
    return new Set(founders.map((keys) => keys[0])).size;
  }

  run(): BootstrapLifeResult {
    const { plan } = this;
    this.begin();
    this.#cluster.run(Math.max(faultsUntilMs, plan.partition?.untilMs ?? 0));
    for (let late = plan.initial; late < plan.initial + plan.late; late++) {
      this.#cluster.after(randomFloat(this.#random) * 3000, () => this.#start(late));
    }
    this.#cluster.run(5000);
    const { startsMs } = plan;
    if (!this.#cluster.runUntil(() => this.#isWhole(), wholeMsMax)) {
      throw new InvariantViolation('in the end there is one cluster of all', this.#views());
    }
    return { nodes: startsMs.length + plan.late, formed: this.#formed, wholeAtMs: this.nowMs };
  }

  /** Has everything of the plan happen in its time, without waiting for the end. */
  begin(): void {
    const { plan } = this;
    plan.startsMs.forEach((atMs, host) => {
      this.#cluster.after(atMs, () => this.#start(host));
    });
    for (const atMs of plan.crashesMs) this.#cluster.after(atMs, () => this.#crashSome());
    const { partition } = plan;
    if (partition === undefined) return;
    const others = Array.from({ length: this.#hosts }, (_, host) => host).filter(
      (host) => !partition.side.includes(host),
    );
    this.#cluster.after(partition.fromMs, () => this.#cut(partition.side, others, 'drop'));
    this.#cluster.after(partition.untilMs, () => this.#cut(partition.side, others, 'open'));
  }

  advance(ms: number): void {
    this.#cluster.run(ms);
  }

  #cut(side: readonly number[], others: readonly number[], state: 'drop' | 'open'): void {
    this.#cluster.trace(-1, `links between [${side}] and the others: ${state}`);
    this.#cluster.partition(side, others, { state });
    for (const a of side) {
      for (const b of others) {
        this.#http.set(a, b, state, this.nowMs);
        this.#http.set(b, a, state, this.nowMs);
      }
    }
  }

  #start(host: number): void {
    if (this.#cluster.isRunning(host)) return;
    const { plan } = this;
    const process = this.#cluster.start(host);
    this.#registry.changed(host, true, this.nowMs);
    this.#servesFromMs.set(process, this.nowMs + randomFloat(this.#random) * 2000);
    const self = this.#registry.contactPoint(host);
    const settings = bootstrapSettings(
      {
        requiredContactPointNr: plan.required,
        contactWithAllContactPoints: plan.contactWithAll,
        formAlone: plan.initial === 1,
        filterOnFallbackPort: !plan.sharesIp,
        newClusterEnabled: this.#options.newClusterEnabled ?? true,
      },
      { system: 'sim', managementPort: self.port },
    );
    const decide = plan.isReference[host] === true ? referenceDecider : settings.decide;
    const { address } = process.node;
    const state = newBootstrap(
      { ...settings, decide },
      {
        contactPoint: { scheme: 'http', host: self.host, port: self.port, basePath: '' },
        address: process.node.addressKey,
        host: address.host,
        port: address.port,
      },
    );
    this.#states.set(process, state);
    this.#feed(process, { type: 'start' });
    this.#watch(process);
  }

  /** Whatever has ended is started again, as by an orchestrator. */
  #watch(process: SimProcess): void {
    this.#cluster.after(500, () => {
      if (process.life === 'running') this.#watch(process);
      else this.#gone(process);
    });
  }

  #gone({ host }: SimProcess): void {
    this.#registry.changed(host, false, this.nowMs);
    const isReplaced = this.plan.replaceDead && this.#spare < this.#hosts;
    const next = isReplaced ? this.#spare++ : host;
    this.#cluster.after(200 + randomFloat(this.#random) * 4000, () => this.#start(next));
  }

  #crashSome(): void {
    const running = this.#cluster.running();
    if (running.length > 0) this.#cluster.crash(randomPick(this.#random, running).host);
  }

  #feed(process: SimProcess, event: BootstrapEvent): void {
    const before = this.#states.get(process);
    if (before === undefined || process.life !== 'running') return;
    const isMember = selfStatus(process.state) !== 'Removed';
    const { state, effects } = step(before, isMember ? { type: 'member' } : event, {
      nowMs: this.nowMs,
      random: this.#random,
    });
    this.#states.set(process, state);
    for (const effect of effects) this.#perform(process, effect);
  }

  #perform(process: SimProcess, effect: BootstrapEffect): void {
    switch (effect.type) {
      case 'schedule':
        this.#cluster.after(effect.afterMs, () => this.#feed(process, effect.event));
        return;
      case 'lookup':
        this.#lookUp(process, effect);
        return;
      case 'probe':
        this.#probe(process, effect);
        return;
      case 'joinSelf':
        this.#form(process);
        return;
      case 'joinSeedNodes': {
        const founder = this.#founder;
        const isAsked = this.plan.killFounder === 'when asked' && this.#formed === 1;
        if (isAsked && founder !== undefined && founder !== process) this.#kill(founder);
        const addresses = effect.addresses.map((text) => parseAddress(text));
        this.#cluster.command(process.host, { type: 'joinSeedNodes', addresses });
        return;
      }
      case 'log':
        this.#cluster.trace(process.host, effect.text);
        return;
      case 'ended':
    }
  }

  #lookUp(process: SimProcess, { lookup, limitMs }: { lookup: number; limitMs: number }): void {
    const { targets, afterMs } = this.#registry.look(process.host, this.nowMs);
    const isInTime = afterMs <= limitMs;
    const event: BootstrapEvent =
      targets === undefined || !isInTime
        ? { type: 'notFound', lookup, reason: isInTime ? 'refused' : 'too late' }
        : { type: 'found', lookup, targets };
    this.#cluster.after(Math.min(afterMs, limitMs), () => this.#feed(process, event));
  }

  #probe(process: SimProcess, effect: Extract<BootstrapEffect, { type: 'probe' }>): void {
    const { key, probe, contactPoint, limitMs } = effect;
    let isOver = false;
    const settle = (event: BootstrapEvent): void => {
      if (!isOver) this.#feed(process, event);
      isOver = true;
    };
    const silent = (reason: string): BootstrapEvent => ({ type: 'unanswered', key, probe, reason });
    this.#cluster.after(limitMs, () => settle(silent('no answer')));
    const host = this.#hostAt(contactPoint);
    if (host === undefined) return;
    this.#send(process.host, host, () => {
      const event = this.#answer(host, key, probe) ?? silent('nobody listens there');
      this.#send(host, process.host, () => settle(event));
    });
  }

  #hostAt({ host, port }: { readonly host: string; readonly port: number }): number | undefined {
    const ip = host.includes('-') ? host.split('.')[0]?.replaceAll('-', '.') : host;
    for (let each = 0; each < this.#hosts; each++) {
      const known = this.#registry.contactPoint(each);
      if (known.host === ip && known.port === port) return each;
    }
    return undefined;
  }

  #send(from: number, to: number, then: () => void): void {
    const delivery = this.#http.send(from, to, null, this.nowMs);
    if (delivery === undefined) return;
    this.#cluster.after(delivery.atMs - this.nowMs, () => {
      if (this.#http.isAlive(delivery)) then();
    });
  }

  /** What a node answers: members that one may join by, five at most. */
  #answer(host: number, key: string, probe: number): BootstrapEvent | undefined {
    if (!this.#cluster.isRunning(host)) return undefined;
    const process = this.#cluster.process(host);
    if (this.nowMs < (this.#servesFromMs.get(process) ?? 0)) return undefined;
    const { members, reachability } = process.state.gossip;
    const seedNodes = [...members.values()]
      .filter(({ status }) => status === 'Up' || status === 'WeaklyUp' || status === 'Joining')
      .filter(({ node }) => !reachability.unreachableOrTerminated.has(node.key))
      .map(({ node }) => node.addressKey);
    const first = randomInt(this.#random, Math.max(seedNodes.length, 1));
    const five = [...seedNodes.slice(first), ...seedNodes.slice(0, first)].slice(0, 5);
    const { addressKey: selfNode } = process.node;
    return { type: 'answered', key, probe, selfNode, seedNodes: five };
  }

  #form(process: SimProcess): void {
    const members = this.#inClusters();
    if (members.length > 0 && this.#isGuarded) {
      const named = members.map(({ node }) => node.key).join(', ');
      throw new InvariantViolation(
        'there is never a second cluster',
        `${process.node.key} forms one while [${named}] are members`,
      );
    }
    this.#formed++;
    this.#cluster.command(process.host, { type: 'joinTo', address: process.node.address });
    this.#founder = process;
    if (this.plan.killFounder !== 'later' || this.#formed > 1) return;
    this.#cluster.after(randomFloat(this.#random) * 2500, () => this.#kill(process));
  }

  #kill(process: SimProcess): void {
    if (process.life === 'running') this.#cluster.crash(process.host);
  }

  /** Plans that promise nothing go on, to be counted. */
  get #isGuarded(): boolean {
    return this.#options.plan === undefined;
  }

  #inClusters(): readonly SimProcess[] {
    return this.#cluster.running().filter(({ state }) => {
      const status = selfStatus(state);
      return status !== 'Removed' && status !== 'Down' && status !== 'Exiting';
    });
  }

  #isWhole(): boolean {
    const running = this.#cluster.running();
    const { initial, late } = this.plan;
    if (running.length !== initial + late) return false;
    return running.every(
      ({ state }) =>
        state.gossip.members.size === running.length &&
        running.every(({ node }) => state.gossip.members.get(node.key)?.status === 'Up'),
    );
  }

  #views(): string {
    const views = this.#cluster.running().map((process) => {
      const { members } = process.state.gossip;
      const state = this.#states.get(process);
      const why =
        state === undefined || state.phase === 'ended' ? '' : explanation(state, this.nowMs);
      return `${process.node.key} ${selfStatus(process.state)} of ${members.size}: ${why}`;
    });
    return `\n  ${views.join('\n  ')}`;
  }
}
