// Remoting of one actor system: starts and stops the parts, and is what the cluster speaks to.

import {
  type ActorSystem,
  type ExtensionKey,
  extensionKey,
  type Subscription,
} from '../actor/index.ts';
import type { Cancellable } from '../runtime/index.ts';
import {
  type Address,
  addressText,
  type SystemMessage,
  sameAddress,
  systemSerializerId,
  type UniqueAddress,
  uniqueAddressText,
  WireMessage,
} from '../wire/index.ts';
import type { AssociationView, RemotingEvent } from './events.ts';
import { InboundServer } from './inbound-server.ts';
import type { Inbox } from './inbox.ts';
import { openTransport } from './open-transport.ts';
import { checkRemotingOptions, defaultPort, type RemotingOptions } from './options.ts';
import type { Peer } from './peer.ts';
import type { QuarantineMark } from './quarantine.ts';
import { type PartsOptions, type RemotingParts, remotingParts } from './remoting-parts.ts';
import type { RemotingTelemetry } from './telemetry.ts';
import { addressOfPath } from './watcher.ts';

/** Where a started remoting hangs on its actor system. */
export const remotingKey: ExtensionKey<Remoting> = extensionKey<Remoting>('remoting');

const housekeepingMs = 1000;

/**
 * Promises: messages to one actor arrive in the order in which one sender told them, at most once; system messages
 * (death watch) arrive exactly once, or the peer is quarantined and its watchers are told that it is gone; what is not
 * sent becomes a dead letter with its reason; nothing a stranger sends harms other peers.
 */
export class Remoting {
  readonly address: Address;
  readonly uid: bigint;
  readonly #system: ActorSystem;
  readonly #server: InboundServer;
  readonly #parts: RemotingParts;
  readonly #listeners = new Set<(event: RemotingEvent) => void>();
  readonly #timers: readonly Cancellable[];
  readonly #unregister: () => void;
  #stopping: Promise<void> | undefined;

  /**
   * Listens, gives the system its address, and hooks its own end into coordinated shutdown.
   *
   * @throws RemoteError `REMOTE_BIND_FAILED`, `REMOTE_OPTIONS_INVALID`, `REMOTE_TLS_FILES_INVALID`
   */
  static async start(system: ActorSystem, options: RemotingOptions): Promise<Remoting> {
    const server = new InboundServer();
    const limits = checkRemotingOptions(options);
    const opening = openTransport(system, options);
    // Waiting only where there is something to wait for: the others go on in the same turn.
    const transport = opening instanceof Promise ? await opening : opening;
    const { host, port = defaultPort, protocol = 'pekko' } = options;
    const bindPort = options.bindPort ?? port;
    try {
      const boundPort = await server.listen(transport, options.bindHost ?? host, bindPort);
      const address = { protocol, system: system.name, host, port: port === 0 ? boundPort : port };
      const remoting = new Remoting({ system, options, limits, transport, address }, server);
      return system.extension(remotingKey, () => remoting);
    } catch (error) {
      transport.close?.();
      throw error;
    }
  }

  private constructor(given: Omit<PartsOptions, 'hooks'>, server: InboundServer) {
    const { system, address } = given;
    this.address = address;
    this.uid = system.uid;
    this.#system = system;
    this.#server = server;
    this.#parts = remotingParts({
      ...given,
      hooks: {
        incarnation: (peer, uid, previous) => this.#incarnation(peer, uid, previous),
        quarantined: (peer, mark) => this.#quarantined(peer, mark),
        publish: (event) => this.#publish(event),
        quarantinedBy: (from) => this.#quarantinedBy(from),
        systemMessageUndelivered: (message, recipient) => this.#undelivered(message, recipient),
        systemPath: (name) => `${addressText(address)}/system/${name}#${this.#pathUid()}`,
      },
    });
    const { context, inbound } = this.#parts;
    server.accept(context, inbound);
    this.#timers = this.#startTimers();
    this.#unregister = this.#register();
    context.log.info({ address: addressText(address), uid: String(this.uid) }, 'Remoting started');
  }

  /** Counts of frames, refusals, quarantines. */
  get telemetry(): RemotingTelemetry {
    return this.#parts.context.telemetry;
  }

  /** Unique address of this node. */
  get self(): UniqueAddress {
    return this.#parts.context.self;
  }

  /**
   * Declares that incarnation of a peer lost, until a process with another uid takes its place. Ignored when it is not
   * the one that lives there now.
   */
  quarantine(
    peer: UniqueAddress,
    reason: string,
    options: { readonly harmless?: boolean } = {},
  ): void {
    const known = this.#parts.peers.find(peer.address);
    known?.requestQuarantine(peer.uid, reason, options.harmless ?? false);
  }

  onEvent(listener: (event: RemotingEvent) => void): Subscription {
    this.#listeners.add(listener);
    return { cancel: () => this.#listeners.delete(listener) };
  }

  /** All peers that are known now. */
  associations(): AssociationView[] {
    return this.#parts.peers.all.map((peer) => peer.view());
  }

  /** Lets ordinary messages from other nodes reach the actors at and below that path under `/system`. */
  openSystemPath(path: string): void {
    this.#parts.doors.openSystemPath(path);
  }

  /** The cluster watches over that node from now on: no heartbeats of remote watch to it. */
  memberAdded(address: Address): void {
    this.#parts.watcher.memberAdded(address);
  }

  /** Nothing at that address lives any more, says the cluster: watchers are told. */
  addressTerminated(address: Address): void {
    this.#parts.watcher.addressTerminated(address);
  }

  /** Says goodbye to all peers and closes everything. Part of coordinated shutdown; never rejects. */
  shutdown(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { goodbye, peers, watcher, context } = this.#parts;
    await goodbye.run(watcher.ref.path);
    for (const timer of this.#timers) timer.cancel();
    for (const peer of peers.all) peer.close();
    await this.#server.close();
    context.transport.close?.();
    this.#unregister();
    context.log.info({ address: addressText(this.address) }, 'Remoting stopped');
  }

  #startTimers(): readonly Cancellable[] {
    const { timers, limits } = this.#parts.context;
    const { peers, watcher } = this.#parts;
    const every = (intervalMs: number, work: () => void) => timers.every(intervalMs, work);
    return [
      every(housekeepingMs, () => {
        for (const peer of peers.all) peer.tick();
        this.#server.tick();
        this.#parts.inbound.tick();
        this.#parts.context.complaints.tick();
        this.#parts.context.pool.trim();
        this.#advertiseTables((inbox) => inbox.wantsTables);
      }),
      every(limits.systemMessageResendMs, () => {
        for (const peer of peers.all) peer.resendTick();
      }),
      every(limits.watchHeartbeatMs, () => watcher.tick()),
      every(limits.compressionAdvertiseMs, () => this.#advertiseTables(() => true)),
    ];
  }

  #advertiseTables(isChosen: (inbox: Inbox) => boolean): void {
    const { context, peers } = this.#parts;
    const { compressionEntriesMax } = context.limits;
    if (compressionEntriesMax === 0) return;
    for (const inbox of peers.inboxes) {
      const { peer } = inbox;
      if (inbox.uid !== peer.uid || !peer.sendable || !peer.ordinary.isOpen) continue;
      if (!isChosen(inbox)) continue;
      for (const advertisement of inbox.advertise(context.self, compressionEntriesMax)) {
        peer.sendControl(advertisement);
      }
    }
  }

  #register(): () => void {
    const { context, peers, watcher } = this.#parts;
    const removeMetrics = context.telemetry.register(this.#system.metrics, {
      associations: () => peers.size,
      queuedBytes: () => peers.queuedBytes(),
    });
    const health = this.#system.health.register({
      name: 'remoting',
      aspect: 'startup',
      check: () => (this.#stopping === undefined ? true : 'remoting has stopped'),
    });
    const task = this.#system.coordinatedShutdown.addTask(
      'actor-system-terminate',
      'stop-remoting',
      async () => {
        await watcher.whenStopped;
        await this.shutdown();
      },
    );
    return () => {
      removeMetrics();
      health.cancel();
      task.cancel();
    };
  }

  #incarnation(peer: Peer, uid: bigint, previous: bigint | undefined): void {
    const { address } = peer;
    const { log } = this.#parts.context;
    const fields = { peer: peer.addressText, uid: String(uid) };
    if (previous === undefined) log.debug(fields, 'Associated with a peer');
    else {
      this.#parts.watcher.forgetIncoming(address);
      this.#parts.context.complaints.write(
        `restarted ${peer.addressText}`,
        'info',
        { ...fields, previous: String(previous) },
        'Peer was restarted',
      );
    }
    const state = previous === undefined ? 'associated' : 'restarted';
    this.#publish({ type: 'associationState', address, uid, state });
  }

  #quarantined(peer: Peer, mark: QuarantineMark): void {
    const { uid, reason, harmless } = mark;
    const { watcher, context } = this.#parts;
    const fields = { peer: peer.addressText, uid: String(uid), reason };
    if (harmless) context.log.info(fields, 'Association with a peer has ended');
    else {
      context.log.warn(fields, 'Peer was quarantined; it must be restarted to be heard again');
    }
    if (!watcher.isMember(peer.address)) watcher.addressTerminated(peer.address);
    const { address } = peer;
    this.#publish({ type: 'quarantined', peer: { address, uid }, reason, harmless });
  }

  #quarantinedBy(from: UniqueAddress): void {
    this.#parts.context.complaints.write(
      `quarantined by ${uniqueAddressText(from)}`,
      'warn',
      { peer: uniqueAddressText(from) },
      'A peer has quarantined this node; restart it to be heard there again',
    );
    this.#publish({ type: 'thisSystemQuarantined', from });
  }

  /** A Watch that will not arrive is answered here, so that nobody waits for ever. */
  #undelivered(message: SystemMessage, recipient: string): void {
    const { context, watcher, peers } = this.#parts;
    if (message.kind !== 'watch') {
      if (message.kind !== 'unwatch') {
        const whole = new WireMessage(systemSerializerId, message);
        context.deadLetter({ message: whole, recipient, reason: 'remoteUnreachable' });
      }
      return;
    }
    const address = addressOfPath(message.watchee);
    if (address === undefined || sameAddress(address, this.address)) return;
    const peer = peers.at(address);
    if (!message.watchee.includes('#') && peer.sendable) {
      // Whoever lives at that path now may be meant, so the new process is asked.
      peer.sendSystem(message, recipient);
      return;
    }
    watcher.deathNotice(message.watchee, address, {
      existenceConfirmed: false,
      addressTerminated: true,
    });
  }

  #publish(event: RemotingEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Uid in the paths of refs that stand for remoting itself and for no actor. */
  #pathUid(): number {
    return Number(BigInt.asIntN(31, this.uid)) || 1;
  }
}

/** The remoting of a system, if it was started. */
export function remotingOf(system: ActorSystem): Remoting | undefined {
  return system.findExtension(remotingKey);
}
