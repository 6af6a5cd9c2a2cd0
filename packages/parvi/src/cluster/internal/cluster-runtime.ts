// Puts the parts of the cluster shell together: driver, actors, sender, publisher, and what they hang on.

import { type ActorSystem, type Subscription, shutdownReasons } from '../../actor/index.ts';
import type { Logger } from '../../observe/index.ts';
import type { Remoting, RemotingEvent } from '../../remote/index.ts';
import { type Cancellable, type Timers, toError } from '../../runtime/index.ts';
import type { Lease } from '../lease.ts';
import { newMembership } from '../membership-state.ts';
import { nodeFromWire } from '../messages.ts';
import type { ClusterNode } from '../node.ts';
import type { ClusterInput } from '../protocol.ts';
import type { ClusterSettings } from '../settings.ts';
import { ClusterActors } from './cluster-actors.ts';
import { ClusterSender, shutDownSystem, tellRemoting } from './cluster-ports.ts';
import { CoreDriver, type DriverPorts } from './core-driver.ts';
import { leasePorts } from './lease-ports.ts';
import { Publisher } from './publisher.ts';
import { addShutdownTasks } from './shutdown-tasks.ts';
import { ClusterTelemetry } from './telemetry.ts';

export interface ClusterRuntimeOptions {
  readonly system: ActorSystem;
  readonly remoting: Remoting;
  readonly self: ClusterNode;
  readonly settings: ClusterSettings;
  readonly lease: Lease | undefined;
}

export class ClusterRuntime {
  readonly driver: CoreDriver;
  readonly publisher: Publisher;
  readonly #actors: ClusterActors;
  readonly #sender: ClusterSender;
  readonly #telemetry: ClusterTelemetry;
  readonly #tasks: readonly Cancellable[];
  readonly #remotingEvents: Subscription;
  readonly #log: Logger;
  readonly #shutdown: ActorSystem['coordinatedShutdown'];
  readonly #timers: Timers;
  readonly #seedNodeTimeoutMs: number;
  /** Set from when a node has joined until no answer to its seed process is on its way. */
  #seedProcessEnd: Cancellable | undefined;
  #isClosed = false;

  constructor(options: ClusterRuntimeOptions) {
    const { system, remoting, self, settings } = options;
    const { clock, timers } = system.runtime;
    this.#timers = timers;
    this.#seedNodeTimeoutMs = settings.seedNodeTimeoutMs;
    this.#log = system.log;
    this.#shutdown = system.coordinatedShutdown;
    this.publisher = new Publisher(system.log);
    this.#telemetry = new ClusterTelemetry(system.metrics, system.health, () => this.driver.state);
    this.driver = new CoreDriver(newMembership(self, settings), this.#driverPorts(options));
    this.#sender = new ClusterSender(system, this.#telemetry, () => this.#actors);
    remoting.openSystemPath('/system/cluster');
    this.#remotingEvents = remoting.onEvent((event) => this.#onRemotingEvent(event));
    this.#tasks = addShutdownTasks(system.coordinatedShutdown, this.driver, (input) =>
      this.enqueue(input),
    );
    this.#actors = new ClusterActors((definition, name) => system.spawnSystem(definition, name), {
      feed: (input) => {
        if (input.type === 'message') this.#telemetry.received(input.message.type);
        this.driver.feed(input);
      },
      nowMs: () => clock.nowMs(),
      ownAddress: self.address,
    });
  }

  /** The process was told to end, which is no failure of the cluster. */
  get endsBySignal(): boolean {
    return this.#shutdown.reason === shutdownReasons.processSignal;
  }

  enqueue(input: ClusterInput): void {
    this.#actors.enqueue(input);
  }

  /** Calls back when the promise is met; an error of the callback is logged and harms nobody. */
  callBackAfter(met: Promise<void>, callback: () => unknown): void {
    met.then(callback).catch((thrown: unknown) => {
      this.#log.error({ error: toError(thrown) }, 'A callback on a cluster event failed');
    });
  }

  #driverPorts({ system, remoting, lease }: ClusterRuntimeOptions): DriverPorts {
    const { publisher } = this;
    return {
      runtime: system.runtime,
      log: system.log,
      send: (effect) => this.#sender.send(effect),
      reply: (effect) => this.#sender.reply(effect),
      publish: (event) => {
        tellRemoting(remoting, event);
        this.#telemetry.published(event);
        publisher.publish(event);
      },
      quarantine: (node, reason, harmless) => remoting.quarantine(node, reason, { harmless }),
      addressTerminated: (node) => {
        this.#sender.forget(node.address);
        remoting.addressTerminated(node.address);
      },
      shutDown: (reason) => shutDownSystem(system, reason),
      ...leasePorts({
        lease,
        timers: system.runtime.timers,
        log: system.log,
        enqueue: (input) => this.enqueue(input),
      }),
      enqueue: (input) => this.enqueue(input),
      afterStep: () => this.#afterStep(),
    };
  }

  #afterStep(): void {
    const { state, isStopped } = this.driver;
    if (isStopped) {
      this.#close();
      return;
    }
    const { seedProcess } = state;
    if (seedProcess === undefined) {
      if (this.#actors.hasSeedProcess) this.#endSeedProcesses();
      return;
    }
    this.#seedProcessEnd?.cancel();
    this.#seedProcessEnd = undefined;
    const { kind, number } = seedProcess;
    this.#actors.stopSeedProcessesBut(`${kind}SeedNodeProcess-${number}`);
  }

  /** Later than the last answers come, as Pekko's `FirstSeedNodeProcess` and `JoinSeedNodeProcess` do. */
  #endSeedProcesses(): void {
    this.#seedProcessEnd ??= this.#timers.after(this.#seedNodeTimeoutMs, () => {
      this.#seedProcessEnd = undefined;
      this.#actors.stopSeedProcessesBut(undefined);
    });
  }

  #onRemotingEvent(event: RemotingEvent): void {
    if (event.type === 'quarantined' && !event.harmless) {
      this.enqueue({ type: 'quarantined', node: nodeFromWire(event.peer).key });
    } else if (event.type === 'thisSystemQuarantined') {
      this.enqueue({ type: 'quarantinedByRemote', node: nodeFromWire(event.from).key });
    }
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#remotingEvents.cancel();
    this.#telemetry.close();
    this.#seedProcessEnd?.cancel();
    for (const task of this.#tasks) task.cancel();
    this.#actors.stop();
  }
}
