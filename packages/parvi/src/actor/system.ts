// The actor system: the tree of actors and everything that they share. Local by itself; remoting, when started on it,
// gives it an address and refs to other nodes.

import type { HealthRegistry, Logger, MetricsRegistry, Tracing } from '../observe/index.ts';
import {
  newSystemUid,
  nodeVersion,
  type ProcessPort,
  type Runtime,
  systemTimers,
} from '../runtime/index.ts';
import {
  type Address,
  addressText,
  parseAddress,
  rootPathText,
  selectionElements,
} from '../wire/index.ts';
import type { ActorDefinition } from './actor.ts';
import type { ActorTree, ActorTreeOptions } from './actor-tree.ts';
import { checkRef } from './argument-checks.ts';
import type { Asks } from './ask.ts';
import { CoordinatedShutdown, type CoordinatedShutdownOptions } from './coordinated-shutdown.ts';
import type { DeadLetterReason, DeadLetters } from './dead-letters.ts';
import type { EventStream } from './event-stream.ts';
import { type ExtensionKey, Extensions } from './extension.ts';
import type { Cell } from './internal/cell.ts';
import { CellContext } from './internal/context.ts';
import type { Dispatcher } from './internal/dispatcher.ts';
import { Guardians } from './internal/guardians.ts';
import type { CellHost } from './internal/host.ts';
import { LocalRef } from './internal/local-ref.ts';
import { mailboxFigures } from './internal/mailbox-figures.ts';
import { type RefProvider, Resolver } from './internal/resolver.ts';
import {
  type Deliver,
  deliverDirectly,
  deliverSelected,
  type Tree,
} from './internal/selection-walk.ts';
import { Selections } from './internal/selections.ts';
import { spawnChild } from './internal/spawn.ts';
import { RootRef } from './internal/stand-in-ref.ts';
import { SystemCounts } from './internal/system-metrics.ts';
import { type LogIdentity, type PartsPorts, systemParts } from './internal/system-parts.ts';
import { cellAt, treeOf } from './internal/tree-view.ts';
import { checkNodeVersion } from './node-version.ts';
import type { ActorOptions, ActorSystemOptions } from './options.ts';
import type { SelectedMessage } from './protocol.ts';
import { type ActorRef, type AskDoor, sendSystem } from './ref.ts';
import { ActorSelection } from './selection.ts';
import { shutdownReasons } from './shutdown-phases.ts';

/** What a system is given from outside. All have a default; tests hand in a manual runtime. */
export interface ActorSystemPorts extends PartsPorts {
  /** With it, SIGTERM and SIGINT run coordinated shutdown, which then ends the process. */
  readonly process?: ProcessPort;
}

export interface ActorSystemCreateOptions extends ActorSystemOptions {
  readonly shutdown?: CoordinatedShutdownOptions;
}

/**
 * Promises: messages at most once, ordered per sender and recipient, what is lost becomes a dead letter with its
 * reason; one message at a time in each actor; the end of a watched actor is told once; a shutdown always ends.
 */
export class ActorSystem {
  readonly name: string;
  /** Incarnation of this system, another one after each start. Signed 64 bits. */
  readonly uid: bigint;
  /** On its clock, when it was made. */
  readonly startedAtMs: number;
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly health: HealthRegistry;
  /** Only where traces are recorded. */
  readonly tracing: Tracing | undefined;
  readonly eventStream: EventStream;
  readonly deadLetters: DeadLetters;
  readonly dispatcher: Dispatcher;
  readonly coordinatedShutdown: CoordinatedShutdown;
  /** Selections of other nodes that wait to be followed; for layers above. */
  readonly selections: Selections;
  /** Resolves when the system has ended. */
  readonly whenTerminated: Promise<void>;
  readonly #asks: Asks;
  readonly #resolver: Resolver;
  readonly #guardians: Guardians;
  readonly #tree: Tree;
  readonly #extensions: Extensions;
  readonly #counts = new SystemCounts();
  readonly #identity: LogIdentity;
  #isTerminated = false;

  /**
   * Starts a system of this process alone. It does not keep its process alive.
   *
   * @throws ActorError `ACTOR_SYSTEM_NAME_INVALID`, `ACTOR_OPTION_INVALID`; ParviError `START_NODE_UNSUPPORTED`
   */
  static create(options: ActorSystemCreateOptions, ports: ActorSystemPorts = {}): ActorSystem {
    return new ActorSystem(options, ports);
  }

  private constructor(options: ActorSystemCreateOptions, ports: ActorSystemPorts) {
    checkNodeVersion(nodeVersion);
    const parts = systemParts(options, ports);
    const { runtime, log, asks, deadLetters } = parts;
    this.name = options.name;
    this.uid = newSystemUid(runtime.random);
    this.startedAtMs = runtime.clock.nowMs();
    this.runtime = runtime;
    this.log = log;
    this.metrics = parts.metrics;
    this.health = parts.health;
    this.tracing = ports.tracing;
    this.#identity = parts.identity;
    this.eventStream = parts.eventStream;
    this.dispatcher = parts.dispatcher;
    this.deadLetters = deadLetters;
    this.selections = new Selections(parts.dispatcher, (error) =>
      log.error({ error }, 'A selection could not be followed to its end'),
    );
    this.#asks = asks;
    const root = new RootRef(asks, deadLetters, {
      path: () => `${this.#resolver.prefix}/`,
      select: (selected, sender) =>
        deliverSelected(this.#tree, {
          from: undefined,
          selected,
          sender,
          deliver: deliverDirectly,
        }),
    });
    this.#resolver = new Resolver({
      systemName: options.name,
      asks,
      deadLetters,
      root,
      guardian: (name) => this.#guardians.find(name),
    });
    this.#guardians = new Guardians(this.#host());
    this.#tree = {
      root,
      guardians: [this.#guardians.user, this.#guardians.system],
      deadLetters,
      deadLetterRef: this.#resolver.standIn(
        `pekko://${options.name}/deadLetters`,
        'recipientNotFound',
      ),
    };
    this.#extensions = new Extensions(this);
    this.#counts.register(this.metrics, {
      deadLetters: (reason) => deadLetters.count(reason),
      mailboxes: () => mailboxFigures([this.#guardians.user, this.#guardians.system]),
      handled: () => this.dispatcher.handled,
      runQueue: () => this.dispatcher.waiting,
      askTimeouts: () => asks.timeouts,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.whenTerminated = promise;
    const realTimers = ports.runtime === undefined;
    this.coordinatedShutdown = new CoordinatedShutdown(options.shutdown ?? {}, {
      clock: runtime.clock,
      timers: realTimers ? systemTimers({ keepsProcessAlive: true }) : runtime.timers,
      log,
      process: ports.process,
      onEnd: () => {
        this.#end();
        resolve();
      },
    });
    parts.health.register({
      name: 'actor-system',
      aspect: 'ready',
      check: () => this.coordinatedShutdown.reason === undefined || 'is shutting down',
    });
    this.coordinatedShutdown.addTask('actor-system-terminate', 'terminate-system', () => {
      this.#guardians.stop();
      return this.#guardians.ended;
    });
  }

  /** What this system is called on the wire; `undefined` without remoting. */
  get address(): Address | undefined {
    return this.#resolver.address;
  }

  /** Actors that are alive, without guardians. */
  get actorCount(): number {
    return this.#counts.living;
  }

  get isTerminated(): boolean {
    return this.#isTerminated;
  }

  /**
   * Starts an actor below `/user`; without a name it gets `$a`, `$b`, …
   *
   * @throws ActorError `ACTOR_NAME_INVALID`, `ACTOR_NAME_TAKEN`, `ACTOR_STOPPING`
   */
  spawn<M>(definition: ActorDefinition<M>, name?: string, options?: ActorOptions): ActorRef<M> {
    return spawnChild(this.#guardians.user, definition, name, options).ref;
  }

  /**
   * Stops any actor of this system, or asks another node to stop its own.
   *
   * @throws ActorError `ACTOR_ARGUMENT_INVALID`
   */
  stop(ref: ActorRef<never>): void {
    checkRef('stop', ref);
    ref[sendSystem]({ kind: 'terminate' });
  }

  /**
   * The actors that a path leads to: `/user/a` or `/user/*` here or at the address given, or with the address in the
   * path itself, `pekko://sys@host:port/user/a`.
   *
   * @throws WireError `ADDRESS_INVALID` when the text begins with an address that cannot be read
   */
  select(path: string, at?: Address | string): ActorSelection {
    const match = /^([^/]+:\/\/[^/]+)(\/.*)$/.exec(path);
    const where = match?.[1] ?? at;
    const near = this.address ?? { protocol: 'pekko', system: this.name, port: 25_520 };
    const address = typeof where === 'string' ? parseAddress(where, near) : where;
    return new ActorSelection({
      anchor: address === undefined ? this.#tree.root : this.resolve(rootPathText(address)),
      elements: selectionElements(match?.[2] ?? path),
      resolve: (text) => this.resolve(text),
    });
  }

  /** The actors as they are now, within limits; `undefined` when nobody lives at the path. */
  actorTree(options: ActorTreeOptions): ActorTree | undefined {
    const { user, system } = this.#guardians;
    if (options.path === undefined) return treeOf([user, system], options);
    const cell = cellAt([user, system], options.path);
    return cell === undefined ? undefined : treeOf([cell], options);
  }

  /** Runs coordinated shutdown and resolves when the system has ended. Never rejects, never hangs. */
  terminate(): Promise<void> {
    this.coordinatedShutdown.run(shutdownReasons.actorSystemTerminate).catch(() => undefined);
    return this.whenTerminated;
  }

  // For the layers above.

  /** What refs are made with. */
  get askDoor(): AskDoor {
    return this.#asks;
  }

  /** A ref that makes a dead letter of everything it is told. */
  deadLetterRef(path: string, reason: DeadLetterReason): ActorRef<unknown> {
    return this.#resolver.standIn(path, reason);
  }

  /** Starts an actor below `/system`. */
  spawnSystem<M>(
    definition: ActorDefinition<M>,
    name?: string,
    options?: ActorOptions,
  ): ActorRef<M> {
    return spawnChild(this.#guardians.system, definition, name, options).ref;
  }

  /**
   * The ref that a path text names: an actor here (its uid must fit, if given), a pending ask, the root (`…/`), a ref
   * of another node, or a dead-letter stand-in. Never throws. Refs may be kept until they are stopped.
   */
  resolve(path: string): ActorRef<unknown> {
    return this.#resolver.resolve(path);
  }

  /** Whether that address means this system. */
  isLocal(address: Address): boolean {
    return this.#resolver.isLocal(address);
  }

  /** Gives the system its address and its way to other nodes; once, before refs are handed out to them. */
  setRefProvider(provider: RefProvider): void {
    this.#resolver.setProvider(provider);
    const member = addressText(provider.address);
    this.#identity.member = member;
    this.tracing?.describe({ 'parvi.member': member });
  }

  /**
   * Delivers what came from another node for a selection, seen from the anchor that it was addressed to. Wildcards are
   * followed in later turns. `deliver` hands the message to each actor found.
   */
  deliverSelection(
    anchor: ActorRef<never>,
    selected: SelectedMessage,
    sender?: ActorRef<never>,
    deliver: Deliver = deliverDirectly,
  ): void {
    const from = anchor instanceof LocalRef ? anchor.cell : undefined;
    if (from === undefined && anchor !== this.#tree.root) {
      deliver(anchor as ActorRef<unknown>, selected, sender);
    } else {
      this.selections.follow(this.#tree, { from, selected, sender, deliver });
    }
  }

  /** The one extension of that key, made on first use. */
  extension<T>(key: ExtensionKey<T>, create: (system: ActorSystem) => T): T {
    return this.#extensions.getOrCreate(key, create);
  }

  findExtension<T>(key: ExtensionKey<T>): T | undefined {
    return this.#extensions.get(key);
  }

  #host(): CellHost {
    const resolver = this.#resolver;
    return {
      asks: this.#asks,
      dispatcher: this.dispatcher,
      deadLetters: this.deadLetters,
      runtime: this.runtime,
      log: this.log,
      tracing: this.tracing,
      counts: this.#counts,
      get refPrefix() {
        return resolver.prefix;
      },
      contextFor: (cell: Cell) => new CellContext(this, cell) as never,
      guardianFailed: (guardian, error) => {
        const fields = { guardian: guardian.localPath, error };
        this.log.error(fields, 'Failure reached the top of the tree, so the system ends');
        this.coordinatedShutdown.run(shutdownReasons.guardianFailed).catch(() => undefined);
      },
      guardianStopped: (guardian) => this.#guardians.stopped(guardian),
    };
  }

  #end(): void {
    const survivors = this.#guardians.survivors(20);
    if (survivors.length > 0) {
      this.log.error({ survivors }, 'Actors did not stop in time and are left behind');
    }
    this.#isTerminated = true;
    this.#guardians.stop();
    this.#asks.close();
    this.deadLetters.close();
  }
}
