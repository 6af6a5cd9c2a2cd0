// Builds the parts of remoting and wires them to each other. Nothing here has a life of its own: what happens is in
// the parts, what starts and stops them is in remoting.ts.

import type { ActorRef, ActorSystem, UndeliveredMessage } from '../actor/index.ts';
import { LogLimiter } from '../observe/index.ts';
import {
  type Address,
  addressText,
  rootPathText,
  SlabPool,
  type SystemMessage,
  type UniqueAddress,
} from '../wire/index.ts';
import { ControlHandler } from './control-handler.ts';
import { DeathNotices } from './death-notices.ts';
import type { RemotingEvent } from './events.ts';
import { GoodbyeRound } from './goodbye.ts';
import { Inbound } from './inbound.ts';
import { LocalDoors } from './local-doors.ts';
import { MessageCodec } from './message-codec.ts';
import type { RemotingLimits, RemotingOptions } from './options.ts';
import { Peers, type PeersListener } from './peers.ts';
import { RefFactory } from './ref-factory.ts';
import { RemoteSends } from './remote-sends.ts';
import type { RemotingContext } from './remoting-context.ts';
import { SystemInbox } from './system-inbox.ts';
import { RemotingTelemetry } from './telemetry.ts';
import { TracedCodec } from './traced-codec.ts';
import type { Transport } from './transport.ts';
import { UndeliveredFrames } from './undelivered-frames.ts';
import { Watcher } from './watcher.ts';

/** Toolkit actors below `/system` that other nodes talk to; features above add theirs by `openSystemPath`. */
const openSystemPaths = ['/system/remote-watcher'];

export interface PartsOptions {
  readonly system: ActorSystem;
  readonly options: RemotingOptions;
  readonly limits: RemotingLimits;
  readonly transport: Transport;
  readonly address: Address;
  /** What only the whole can do. */
  readonly hooks: Omit<PeersListener, 'inboxesChanged'> & {
    publish(event: RemotingEvent): void;
    quarantinedBy(from: UniqueAddress): void;
    systemMessageUndelivered(message: SystemMessage, recipient: string): void;
    systemPath(name: string): string;
  };
}

export interface RemotingParts {
  readonly context: RemotingContext;
  readonly peers: Peers;
  readonly watcher: Watcher;
  readonly doors: LocalDoors;
  readonly goodbye: GoodbyeRound;
  readonly inbound: Inbound;
  readonly codec: MessageCodec;
}

export function remotingParts(given: PartsOptions): RemotingParts {
  const { system, options, hooks, address } = given;
  let refs: RefFactory | undefined;
  const resolve = (path: string): ActorRef<unknown> =>
    refs === undefined ? system.resolve(path) : refs.resolve(path);
  const codec =
    system.tracing === undefined
      ? new MessageCodec(options.serialization ?? {}, resolve)
      : new TracedCodec(options.serialization ?? {}, resolve, system.tracing);
  const context = remotingContext(given, codec, resolve);
  let inbound: Inbound | undefined;
  const peers = new Peers(context, {
    incarnation: (peer, uid, previous) => hooks.incarnation(peer, uid, previous),
    quarantined: (peer, mark) => hooks.quarantined(peer, mark),
    inboxesChanged: () => inbound?.inboxesChanged(),
  });
  const notices = new DeathNotices(context, (name) => hooks.systemPath(name));
  const sends = new RemoteSends({
    system,
    context,
    peers,
    notices,
    watcher: () => watcher,
    largeDestinations: options.largeMessageDestinations ?? [],
  });
  const factory = new RefFactory({ system, own: address, peers, doors: sends });
  refs = factory;
  system.setRefProvider({
    address,
    remoteRef: (path, far) => factory.remoteRefAt(path, far),
    readPayload: (payload) => codec.valueOf(payload),
  });
  const rootOf = (far: Address): ActorRef<unknown> => resolve(rootPathText(far));
  const watcher = new Watcher({ system, context, peers, rootOf });
  const doors = new LocalDoors({
    ownAddress: addressText(address),
    ownName: `${address.protocol}://${system.name}`,
    openSystemPaths: [...openSystemPaths, ...(options.openSystemPaths ?? [])],
    resolve,
  });
  const goodbye = new GoodbyeRound(context, peers);
  const systemInbox = new SystemInbox({ system, context, doors, watcher });
  const control = new ControlHandler(context, peers, {
    systemMessage: (inbox, envelope, recipient) => systemInbox.deliver(inbox, envelope, recipient),
    heartbeatReply: (inbox, uid) => {
      if (uid === inbox.uid) watcher.heartbeatReply(inbox.peer.address, uid);
    },
    flushAcknowledged: (recipient, acks) => notices.flushAcknowledged(recipient, acks),
    goodbyeAcknowledged: (from) => goodbye.acknowledged(from),
    quarantinedBy: (from) => hooks.quarantinedBy(from),
  });
  inbound = new Inbound({
    context,
    doors,
    codec,
    control,
    inboxOf: (uid) => peers.inbox(uid),
    deliverSelection: (anchor, selected, sender, deliver) =>
      system.deliverSelection(anchor, selected, sender, deliver),
    selections: system.selections,
    tracing: system.tracing,
  });
  return { context, peers, watcher, doors, goodbye, inbound, codec };
}

function remotingContext(
  { system, options, limits, transport, address, hooks }: PartsOptions,
  codec: MessageCodec,
  resolve: (path: string) => ActorRef<unknown>,
): RemotingContext {
  const { clock, timers, random } = system.runtime;
  const log = system.log.child({ part: 'remote' });
  const deadLetter = (letter: UndeliveredMessage): void => system.deadLetters.publish(letter);
  const undelivered = new UndeliveredFrames({
    valueOf: (payload) => codec.valueOf(payload),
    resolve,
    deadLetter,
  });
  return {
    self: { address, uid: system.uid },
    limits,
    clock,
    timers,
    random,
    pool: new SlabPool(),
    transport,
    encoder: codec,
    telemetry: new RemotingTelemetry(),
    log,
    complaints: new LogLimiter({ log, clock, intervalMs: 300_000, newKeysMax: 200 }),
    absentFeatures: new LogLimiter({ log, clock, newKeysMax: 200 }),
    usesLargeStream: (options.largeMessageDestinations ?? []).length > 0,
    afterTurn: (callback) => system.dispatcher.afterTurn(callback),
    deadLetter,
    systemMessageUndelivered: (message, recipient) =>
      hooks.systemMessageUndelivered(message, recipient),
    framesUndelivered: (frames, reason, tables, onlyCompressed) =>
      undelivered.bury(frames, reason, tables, onlyCompressed),
    publish: (event) => hooks.publish(event),
  };
}
