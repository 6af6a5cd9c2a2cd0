// Death watch across nodes, the shell: the actor `/system/remote-watcher` in whose name Watch goes out, and the effects
// of the watch machine. Watches that come in are remembered by node, to be taken back when that node is gone.

import {
  type ActorRef,
  type ActorSystem,
  actor,
  SelectedMessage,
  type SystemMessage,
  sendSystem,
} from '../actor/index.ts';
import {
  type Address,
  addressText,
  controlMessage,
  parseActorPath,
  type WireMessage,
} from '../wire/index.ts';
import type { Peers } from './peers.ts';
import { type HeartbeatHistory, isAvailable, withHeartbeat } from './phi-accrual.ts';
import {
  newRemoteWatch,
  type RemoteWatch,
  type RemoteWatchEffect,
  type RemoteWatchEvent,
  type RemoteWatchLimits,
  stepRemoteWatch,
} from './remote-watch.ts';
import type { RemotingContext } from './remoting-context.ts';

const heartbeat = controlMessage({ kind: 'arteryHeartbeat' });
const elements = [
  { kind: 'name', name: 'system' },
  { kind: 'name', name: 'remote-watcher' },
] as const;

export interface WatcherOptions {
  readonly system: ActorSystem;
  readonly context: RemotingContext;
  readonly peers: Peers;
  /** The root of another node, where selections are told. */
  readonly rootOf: (address: Address) => ActorRef<unknown>;
}

export class Watcher {
  /** The ref that other nodes know as the watcher. */
  readonly ref: ActorRef<WireMessage>;
  /** Resolves when the system's own actors are being stopped, which is after all others. */
  readonly whenStopped: Promise<void>;
  readonly #options: WatcherOptions;
  readonly #limits: RemoteWatchLimits<HeartbeatHistory>;
  /** Node → watched path here → watching paths there. */
  readonly #incoming = new Map<string, Map<string, Set<string>>>();
  #state: RemoteWatch<HeartbeatHistory> = newRemoteWatch();

  constructor(options: WatcherOptions) {
    this.#options = options;
    const { system, context } = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.whenStopped = promise;
    this.ref = system.spawnSystem(watcherActor(system.uid, resolve), 'remote-watcher');
    this.#limits = watchLimits(context);
  }

  /** A local actor watches a far one. */
  watch(watchee: string, watcher: string, address: Address): void {
    this.#step({ type: 'watch', watchee, watcher, address });
  }

  unwatch(watchee: string, watcher: string, address: Address): void {
    this.#step({ type: 'unwatch', watchee, watcher, address });
  }

  /** A far actor is gone, says its node. */
  deathNotice(
    watchee: string,
    address: Address,
    how: { readonly existenceConfirmed: boolean; readonly addressTerminated: boolean },
  ): void {
    this.#step({ type: 'death-notice', watchee, address, ...how });
  }

  heartbeatReply(address: Address, uid: bigint): void {
    this.#step({ type: 'heartbeat-reply', address, uid });
  }

  /** The cluster watches over that node from now on. */
  memberAdded(address: Address): void {
    this.#step({ type: 'member-added', address });
  }

  isMember(address: Address): boolean {
    return this.#state.members.has(addressText(address));
  }

  addressTerminated(address: Address): void {
    this.#step({ type: 'address-terminated', address });
    this.forgetIncoming(address);
  }

  /** A far actor watches one here. */
  incomingWatch(watchee: string, watcher: string, address: Address): void {
    const key = addressText(address);
    const watchees = this.#incoming.get(key) ?? new Map<string, Set<string>>();
    const watchers = watchees.get(watchee) ?? new Set<string>();
    this.#incoming.set(key, watchees.set(watchee, watchers.add(watcher)));
  }

  incomingUnwatch(watchee: string, watcher: string, address: Address): void {
    const watchees = this.#incoming.get(addressText(address));
    const watchers = watchees?.get(watchee);
    watchers?.delete(watcher);
    if (watchers?.size === 0) watchees?.delete(watchee);
  }

  /** The process that watched from there is gone, and with it all of its watches. */
  forgetIncoming(address: Address): void {
    const watchees = this.#incoming.get(addressText(address));
    if (watchees === undefined) return;
    this.#incoming.delete(addressText(address));
    const { system } = this.#options;
    for (const [path, watchers] of watchees) {
      const watchee = system.resolve(path);
      for (const watcher of watchers) {
        watchee[sendSystem]({ kind: 'unwatch', watchee, watcher: system.resolve(watcher) });
      }
    }
  }

  tick(): void {
    if (this.#state.nodes.size > 0) this.#step({ type: 'tick' });
    for (const watchees of this.#incoming.values()) this.#forgetEnded(watchees);
  }

  #forgetEnded(watchees: Map<string, Set<string>>): void {
    if (watchees.size < 1000) return;
    for (const path of watchees.keys()) {
      if (this.#options.system.resolve(path).isStopped) watchees.delete(path);
    }
  }

  #step(event: RemoteWatchEvent): void {
    const nowMs = this.#options.context.clock.nowMs();
    const step = stepRemoteWatch(this.#state, event, nowMs, this.#limits);
    this.#state = step.state;
    for (const effect of step.effects) this.#run(effect);
  }

  #run(effect: RemoteWatchEffect): void {
    const { peers, rootOf } = this.#options;
    switch (effect.type) {
      case 'send-watch':
      case 'send-unwatch': {
        const kind = effect.type === 'send-watch' ? 'watch' : 'unwatch';
        const { watchee } = effect;
        peers.at(effect.address).sendSystem({ kind, watchee, watcher: this.ref.path }, watchee);
        break;
      }
      case 'send-heartbeat':
        rootOf(effect.address).tell(new SelectedMessage(elements, heartbeat), this.ref);
        break;
      case 'notify':
        this.#notify(effect);
        break;
      case 'unreachable': {
        const reason = 'its heartbeats to a watching actor stayed away';
        peers.find(effect.address)?.requestQuarantine(effect.uid, reason, false);
        break;
      }
    }
  }

  #notify(effect: RemoteWatchEffect & { readonly type: 'notify' }): void {
    const { system } = this.#options;
    const { watchee, watchers, existenceConfirmed, addressTerminated } = effect;
    const notice: SystemMessage = {
      kind: 'deathWatchNotification',
      actor: system.resolve(watchee),
      existenceConfirmed,
      addressTerminated,
    };
    for (const watcher of watchers) system.resolve(watcher)[sendSystem](notice);
  }
}

/** Answers heartbeats of nodes that watch actors here, with our uid, so that they notice a restart. */
function watcherActor(uid: bigint, onStop: () => void) {
  const reply = controlMessage({ kind: 'arteryHeartbeatRsp', uid });
  return actor<WireMessage>((context) => ({
    onMessage({ message }) {
      if (message?.kind !== 'arteryHeartbeat') return;
      (context.sender as ActorRef<unknown> | undefined)?.tell(reply, context.self);
    },
    onStop,
  }));
}

function watchLimits(context: RemotingContext): RemoteWatchLimits<HeartbeatHistory> {
  const { watchHeartbeatMs, watchAcceptablePauseMs } = context.limits;
  const options = {
    threshold: 10,
    samplesMax: 200,
    minStdDeviationMs: 100,
    acceptablePauseMs: watchAcceptablePauseMs,
    firstEstimateMs: watchHeartbeatMs,
  };
  return {
    firstReplyAfterMs: watchHeartbeatMs,
    detector: {
      start: (nowMs) => withHeartbeat(undefined, nowMs, options),
      heartbeat: (history, nowMs) => withHeartbeat(history, nowMs, options),
      isAvailable: (history, nowMs) => isAvailable(history, nowMs, options),
    },
  };
}

/** The address in a path text; `undefined` when it has none or cannot be read. */
export function addressOfPath(path: string): Address | undefined {
  try {
    return parseActorPath(path).address;
  } catch {
    return undefined;
  }
}
