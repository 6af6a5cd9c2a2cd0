// The public face of the cluster: what an application asks of it and is told by it.

import {
  ActorRef,
  type ActorSystem,
  type ExtensionKey,
  extensionKey,
  type Subscription,
} from '../actor/index.ts';
import { type Remoting, remotingOf } from '../remote/index.ts';
import { type Address, addressText, parseAddress } from '../wire/index.ts';
import { ClusterError } from './errors.ts';
import type { ClusterEvent, ClusterEventType } from './events.ts';
import { ClusterRuntime } from './internal/cluster-runtime.ts';
import { joiningMember, type Member } from './member.ts';
import { selfStatus } from './membership-state.ts';
import { type ClusterNode, clusterNode } from './node.ts';
import { type Unreachability, unreachabilityOf } from './observers.ts';
import { type ClusterOptions, clusterSettings } from './options.ts';
import type { ClusterInput } from './protocol.ts';
import {
  type ClusterEventOf,
  type ClusterState,
  type CurrentClusterState,
  type InitialState,
  type Subscriber,
  stateOf,
  tellInitial,
} from './subscriptions.ts';

/** Where a started cluster hangs on its actor system. */
export const clusterKey: ExtensionKey<Cluster> = extensionKey<Cluster>('cluster');

export interface SubscribeOptions {
  /** What is told first; default `snapshot`. */
  readonly initial?: InitialState;
}

/**
 * Membership in a cluster of Parvi and Pekko nodes.
 *
 * Promises: all members agree on the list of members once news has spread; a member's status only moves forward; an
 * incarnation that was removed never comes back; with a split-brain strategy, the members that lose a partition end
 * themselves. Does not promise: that this view is the newest (it is at most a few gossip rounds old), or that
 * unreachable members are dead.
 */
export class Cluster {
  readonly #runtime: ClusterRuntime;

  /** Starts the cluster part of a system. It joins by itself when seed nodes are given, else on {@link join}. */
  static start(system: ActorSystem, remoting: Remoting, options: ClusterOptions = {}): Cluster {
    const { address, uid } = remoting.self;
    const settings = clusterSettings(options, address);
    const self = clusterNode(address, uid);
    const { splitBrain } = options;
    const lease = typeof splitBrain === 'object' ? splitBrain.lease : undefined;
    return system.extension(
      clusterKey,
      () => new Cluster(new ClusterRuntime({ system, remoting, self, settings, lease })),
    );
  }

  private constructor(runtime: ClusterRuntime) {
    this.#runtime = runtime;
  }

  /** This node: address and uid. */
  get self(): ClusterNode {
    return this.#runtime.driver.state.self;
  }

  /** This node as a member; with status `Removed` before joining and after leaving. */
  get selfMember(): Member {
    const { gossip, self, settings } = this.#runtime.driver.state;
    const member = gossip.members.get(self.key);
    if (member !== undefined) return member;
    const absent = joiningMember(self, settings.roles, settings.appVersion);
    return { ...absent, status: 'Removed' };
  }

  get roles(): readonly string[] {
    return this.#runtime.driver.state.settings.roles;
  }

  /** Addresses by which it was started to join; none when it waits to be told. */
  get seedNodes(): readonly Address[] {
    return this.#runtime.driver.state.settings.seedNodes;
  }

  /** The cluster as this node sees it now. */
  get state(): ClusterState {
    return stateOf(this.#runtime.driver.state.published);
  }

  /** Who says of which member that it cannot be reached, as far as this node has heard. */
  get unreachability(): readonly Unreachability[] {
    return unreachabilityOf(this.#runtime.driver.state.published.gossip);
  }

  /** The cluster part of this node has ended; it cannot join again without a new system. */
  get isTerminated(): boolean {
    return this.#runtime.driver.isStopped;
  }

  /** Resolves when the cluster part of this node has ended. */
  get whenTerminated(): Promise<void> {
    return this.#runtime.driver.until(() => false);
  }

  /**
   * Resolves when this node is Up. It does neither when a signal ends the process first: nothing has failed then, and the
   * process ends once its shutdown has.
   *
   * @throws ClusterError `CLUSTER_ENDED` as a rejection when the cluster part ends before, or has ended already
   */
  get whenUp(): Promise<void> {
    return this.#upOrEnded().then(() => {
      if (!this.isTerminated) return undefined;
      if (this.#runtime.endsBySignal) return new Promise<void>(() => undefined);
      throw new ClusterError(
        'CLUSTER_ENDED',
        `Node "${addressText(this.self.address)}" does not become Up: its cluster part has ended; the log tells why (refused by the seed nodes, downed, or shut down); join again with a new actor system`,
        { fields: { address: addressText(this.self.address) } },
      );
    });
  }

  /** Joins the cluster of the node at that address; with the own address, forms a new cluster. Ignored by members. */
  join(address: Address | string): void {
    this.#tell({ type: 'joinTo', address: this.#read(address) });
  }

  /** Joins by way of seed nodes: the first one listed forms a cluster when it finds none. Ignored by members. */
  joinSeedNodes(addresses: readonly (Address | string)[]): void {
    this.#tell({ type: 'joinSeedNodes', addresses: addresses.map((each) => this.#read(each)) });
  }

  /** Has a member leave in good order, by default this one. The system of the leaving node shuts down. */
  leave(address: Address | string = this.self.address): void {
    this.#tell({ type: 'leave', address: this.#read(address) });
  }

  /**
   * Declares a member gone for good, without asking it. Only for members that are known to have ended: downing the
   * other side of a partition by hand, on both sides, makes two clusters.
   */
  down(address: Address | string): void {
    this.#tell({ type: 'down', address: this.#read(address) });
  }

  /** From now on nobody may join, and nothing is moved when members leave: the whole cluster is going to end. */
  prepareForFullShutdown(): void {
    this.#tell({ type: 'prepareForFullShutdown' });
  }

  /**
   * Tells an actor or a callback of events, in the order in which they happen here, beginning with where things stand:
   * one `CurrentClusterState`, or with `{ initial: 'events' }` the events that lead there.
   *
   * @throws ClusterError `CLUSTER_SUBSCRIPTION_EMPTY`, `CLUSTER_SUBSCRIPTION_INVALID`
   */
  subscribe<T extends ClusterEventType>(
    types: readonly T[],
    subscriber:
      | ActorRef<ClusterEventOf<T> | CurrentClusterState>
      | ((event: ClusterEventOf<T> | CurrentClusterState) => void),
    options: SubscribeOptions = {},
  ): Subscription {
    requireTypes(types);
    requireSubscriber(subscriber);
    // The types asked for are the only ones that are told.
    type Told = ClusterEventOf<T> | CurrentClusterState;
    return this.#subscribe(
      {
        types: new Set(types),
        isGone: () => typeof subscriber !== 'function' && subscriber.isStopped,
        tell: (event: ClusterEvent | CurrentClusterState) => {
          return typeof subscriber === 'function'
            ? subscriber(event as Told)
            : subscriber.tell(event as Told);
        },
      },
      options.initial ?? 'snapshot',
    );
  }

  /** Calls back once when this node is Up; at once if it is already. */
  onMemberUp(callback: () => void): void {
    this.#runtime.callBackAfter(this.#upOrEnded(), () =>
      this.isTerminated ? undefined : callback(),
    );
  }

  /** Calls back once when this node is no member any more, also on shutdown. */
  onMemberRemoved(callback: () => void): void {
    this.#runtime.callBackAfter(this.whenTerminated, callback);
  }

  #upOrEnded(): Promise<void> {
    return this.#runtime.driver.until((state) => selfStatus(state) === 'Up');
  }

  #subscribe(unguarded: Subscriber, initial: InitialState): Subscription {
    const subscriber = this.#runtime.publisher.guarded(unguarded);
    tellInitial(subscriber, this.#runtime.driver.state.published, initial);
    return this.#runtime.publisher.add(subscriber);
  }

  /** What programs without types hand in instead is refused here, before it gets anywhere. */
  #read(address: Address | string): Address {
    if (typeof address === 'object' && typeof address?.host === 'string') return address;
    const text = typeof address === 'string' ? address : `a value of type ${typeof address}`;
    return parseAddress(text, { ...this.self.address, protocolForced: true });
  }

  #tell(input: ClusterInput): void {
    this.#runtime.enqueue(input);
  }
}

/** JavaScript callers easily pass the callback alone, or one name without a list. */
function requireTypes(types: unknown): void {
  if (!Array.isArray(types)) {
    const given = typeof types === 'string' ? `"${types}"` : `a value of type ${typeof types}`;
    throw new ClusterError(
      'CLUSTER_SUBSCRIPTION_INVALID',
      `Cannot subscribe to cluster events: ${given} was given where a list of event types is expected; call subscribe(memberEvents, subscriber), or subscribe(['MemberUp'], subscriber)`,
    );
  }
  if (types.length > 0) return;
  throw new ClusterError(
    'CLUSTER_SUBSCRIPTION_EMPTY',
    'Cannot subscribe to cluster events: the list of event types is empty; name at least one, such as those in memberEvents',
  );
}

function requireSubscriber(subscriber: unknown): void {
  if (typeof subscriber === 'function' || subscriber instanceof ActorRef) return;
  throw new ClusterError(
    'CLUSTER_SUBSCRIPTION_INVALID',
    `Cannot subscribe to cluster events: a value of type ${typeof subscriber} was given where a callback or the ref of an actor is expected`,
  );
}

/**
 * The cluster of a system.
 *
 * @throws ClusterError `CLUSTER_NOT_STARTED`
 */
export function clusterOf(system: ActorSystem): Cluster {
  const cluster = system.findExtension(clusterKey);
  if (cluster !== undefined) return cluster;
  const missing = remotingOf(system) === undefined ? 'remoting and cluster' : 'a cluster';
  throw new ClusterError(
    'CLUSTER_NOT_STARTED',
    `Cannot use the cluster of the actor system "${system.name}": it was started without ${missing}`,
    { fields: { system: system.name } },
  );
}
