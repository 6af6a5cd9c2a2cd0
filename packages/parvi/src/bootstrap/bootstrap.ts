// Runs a bootstrap on a node: the coordinator's effects become lookups, probes, timers and joins.

import { type ActorSystem, type ExtensionKey, extensionKey } from '../actor/index.ts';
import { type Cluster, clusterOf } from '../cluster/index.ts';
import type { ServiceDiscovery } from '../discovery/index.ts';
import { bareHost, errorLine, toError, unreachable } from '../runtime/index.ts';
import { addressText } from '../wire/index.ts';
import type { ContactPoint } from './contact-point.ts';
import { step } from './coordinator.ts';
import { type BootstrapSummary, explanation, summaryOf } from './explanation.ts';
import { type BootstrapOptions, type BootstrapTlsOptions, bootstrapSettings } from './options.ts';
import type { ProbeClient } from './probe-client.ts';
import type { BootstrapEffect, BootstrapEvent, BootstrapSelf } from './protocol.ts';
import { type BootstrapState, newBootstrap } from './state.ts';

/** Where a running bootstrap hangs on its actor system. */
export const bootstrapKey: ExtensionKey<Bootstrap> = extensionKey<Bootstrap>('bootstrap');

export interface BootstrapStart extends BootstrapOptions {
  readonly discovery: ServiceDiscovery;
  /** Where this node's management answers, as discovery tells the others. */
  readonly self: ContactPoint;
}

export interface BootstrapPorts {
  /** Default: over HTTP. */
  readonly probes?: ProbeClient;
}

/** A node on its way into a cluster. */
export interface Bootstrap {
  /** What is known now, for tools. */
  readonly summary: BootstrapSummary;
  /** The same in a sentence, with what may be wrong; nothing once this node is a member. */
  readonly explanation: string | undefined;
  /** Resolves when there is nothing more to do: this node is a member, or shuts down. */
  readonly whenEnded: Promise<void>;
  /** Stops looking. A node that has asked for admission may still become a member. */
  close(): void;
}

/**
 * Starts to look for a cluster, or for the nodes to form one with. A node with seed nodes joins by those, as in Pekko:
 * then nothing is started, and a warning says so.
 *
 * Promises: when all nodes that start together are required, no two clusters; when seed nodes die before they admit this
 * node, it looks again. Does not promise a cluster while fewer contact points answer than are required.
 *
 * @throws BootstrapError `BOOTSTRAP_OPTION_INVALID` as a rejection; ClusterError `CLUSTER_NOT_STARTED`
 */
export async function startBootstrap(
  system: ActorSystem,
  options: BootstrapStart,
  ports: BootstrapPorts = {},
): Promise<Bootstrap | undefined> {
  const { discovery, self, ...own } = options;
  const cluster = clusterOf(system);
  const settings = bootstrapSettings(own, { system: system.name, managementPort: self.port });
  if (joinsBySeedNodes(system)) return undefined;
  const running = system.findExtension(bootstrapKey);
  if (running !== undefined) {
    system.log.warn('Bootstrap was started before, so it is not started again');
    return running;
  }
  const probes = ports.probes ?? (await httpProbes(system, own.tls));
  const { address } = cluster.self;
  const node: BootstrapSelf = {
    contactPoint: self,
    address: addressText(address),
    host: bareHost(address.host),
    port: address.port,
  };
  return system.extension(bootstrapKey, () => {
    const running = new RunningBootstrap(newBootstrap(settings, node), {
      system,
      cluster,
      discovery,
      probes,
    });
    running.feed({ type: 'start' });
    return running;
  });
}

/** Whether the node has seed nodes, which win over bootstrap; warns if so. */
export function joinsBySeedNodes(system: ActorSystem): boolean {
  const seedNodes = clusterOf(system).seedNodes.map(addressText);
  if (seedNodes.length === 0) return false;
  system.log.warn(
    { seedNodes },
    'Seed nodes are set, so this node joins by them and not by bootstrap; set only one of cluster.seedNodes and bootstrap',
  );
  return true;
}

async function httpProbes(
  { runtime }: ActorSystem,
  tls: BootstrapTlsOptions | undefined,
): Promise<ProbeClient> {
  const { httpProbeClient } = await import('./probe-client.ts');
  const { timers } = runtime;
  if (tls === undefined) return httpProbeClient({ timers });
  const { checkProbeTls, readProbeTls } = await import('./probe-tls.ts');
  checkProbeTls(tls);
  return httpProbeClient({ timers, tls: () => readProbeTls(tls) });
}

interface Surroundings {
  readonly system: ActorSystem;
  readonly cluster: Cluster;
  readonly discovery: ServiceDiscovery;
  readonly probes: ProbeClient;
}

class RunningBootstrap implements Bootstrap {
  readonly whenEnded: Promise<void>;
  readonly #surroundings: Surroundings;
  readonly #resolveEnded: () => void;
  #state: BootstrapState;

  constructor(state: BootstrapState, surroundings: Surroundings) {
    this.#state = state;
    this.#surroundings = surroundings;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.whenEnded = promise;
    this.#resolveEnded = resolve;
    const { coordinatedShutdown, health } = surroundings.system;
    const check = () => (this.#isOver ? true : this.explanation);
    const reason = health.register({ name: 'bootstrap', aspect: 'ready', check });
    void promise.then(() => reason.cancel());
    coordinatedShutdown.addTask('before-service-unbind', 'stop-bootstrap', () => this.close());
  }

  get summary(): BootstrapSummary {
    return summaryOf(this.#state, this.#nowMs);
  }

  get explanation(): string | undefined {
    return this.#state.phase === 'ended' ? undefined : explanation(this.#state, this.#nowMs);
  }

  close(): void {
    this.feed({ type: 'stop' });
  }

  feed(event: BootstrapEvent): void {
    const { cluster } = this.#surroundings;
    if (this.#state.phase === 'ended') return;
    this.#step(this.#isOver ? { type: cluster.isTerminated ? 'stop' : 'member' } : event);
  }

  get #isOver(): boolean {
    const { cluster } = this.#surroundings;
    return cluster.isTerminated || cluster.selfMember.status !== 'Removed';
  }

  get #nowMs(): number {
    return this.#surroundings.system.runtime.clock.nowMs();
  }

  #step(event: BootstrapEvent): void {
    const { random } = this.#surroundings.system.runtime;
    const { state, effects } = step(this.#state, event, { nowMs: this.#nowMs, random });
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: BootstrapEffect): void {
    const { system, cluster, probes } = this.#surroundings;
    switch (effect.type) {
      case 'schedule':
        system.runtime.timers.after(effect.afterMs, () => this.feed(effect.event));
        return;
      case 'lookup':
        this.#lookUp(effect);
        return;
      case 'probe':
        this.#probe(effect);
        return;
      case 'joinSelf':
        cluster.join(cluster.self.address);
        return;
      case 'joinSeedNodes':
        cluster.joinSeedNodes(effect.addresses);
        return;
      case 'log':
        system.log[effect.level](effect.fields ?? {}, effect.text);
        return;
      case 'ended':
        probes.close();
        this.#resolveEnded();
        return;
      default:
        unreachable(effect);
    }
  }

  /** A method that does not keep to its time is not waited for. */
  #lookUp({ lookup, query, limitMs }: Extract<BootstrapEffect, { type: 'lookup' }>): void {
    const { system, discovery } = this.#surroundings;
    const failed = (reason: string) => this.feed({ type: 'notFound', lookup, reason });
    let isOver = false;
    const limit = system.runtime.timers.after(limitMs + lookupGraceMs, () => {
      isOver = true;
      failed(
        `Cannot look up "${query.serviceName}" by ${discovery.name}: no answer within ${Math.round(limitMs)} ms`,
      );
    });
    const settle = (feed: () => void): void => {
      if (isOver) return;
      limit.cancel();
      feed();
    };
    // One of an application's own may throw at once.
    const looking = (async () => discovery.lookup(query, limitMs))();
    looking.then(
      (targets) => settle(() => this.feed({ type: 'found', lookup, targets })),
      (error: unknown) => settle(() => failed(errorLine(error))),
    );
  }

  #probe({ key, probe, contactPoint, limitMs }: Extract<BootstrapEffect, { type: 'probe' }>): void {
    this.#surroundings.probes.probe(contactPoint, limitMs).then(
      ({ selfNode, seedNodes }) => {
        const nodes = seedNodes.map(({ node }) => node);
        this.feed({ type: 'answered', key, probe, selfNode, seedNodes: nodes });
      },
      (error: unknown) => {
        this.feed({ type: 'unanswered', key, probe, reason: toError(error).message });
      },
    );
  }
}

/** Methods that keep their own time say more of what went wrong. */
const lookupGraceMs = 500;
