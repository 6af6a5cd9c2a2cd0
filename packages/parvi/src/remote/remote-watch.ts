// Death watch across nodes: one Watch per watched actor whatever the number of watchers here, heartbeats to nodes that
// host watched actors, and the notice when such a node is gone. Pure.
//
// Members of our cluster are left out of the heartbeats: the cluster has its own detector and tells of removed
// members. Source: Pekko `RemoteWatcher` and `ClusterRemoteWatcher`.

import { type Address, addressText } from '../wire/index.ts';
import { emptyMap, type PersistentMap } from './persistent-map.ts';

/** A failure detector as pure functions over its state `D`. */
export interface Detector<D> {
  readonly start: (nowMs: number) => D;
  readonly heartbeat: (state: D, nowMs: number) => D;
  readonly isAvailable: (state: D, nowMs: number) => boolean;
}

export interface RemoteWatchLimits<D> {
  readonly detector: Detector<D>;
  /** A node that has not answered the first heartbeat is observed from this delay on all the same. */
  readonly firstReplyAfterMs: number;
}

export interface WatchedNode<D> {
  readonly address: Address;
  /** Watched path → paths of its watchers here. */
  readonly watchees: PersistentMap<PersistentMap<true>>;
  readonly uid: bigint | undefined;
  readonly firstHeartbeatAtMs: number | undefined;
  readonly detector: D | undefined;
}

export interface RemoteWatch<D> {
  readonly nodes: PersistentMap<WatchedNode<D>>;
  /** Cluster members, by address text. */
  readonly members: ReadonlySet<string>;
}

export type RemoteWatchEvent =
  | {
      readonly type: 'watch';
      readonly watchee: string;
      readonly watcher: string;
      readonly address: Address;
    }
  | {
      readonly type: 'unwatch';
      readonly watchee: string;
      readonly watcher: string;
      readonly address: Address;
    }
  /** The watched actor's node says that the actor is gone. */
  | {
      readonly type: 'death-notice';
      readonly watchee: string;
      readonly address: Address;
      readonly existenceConfirmed: boolean;
      readonly addressTerminated: boolean;
    }
  | { readonly type: 'heartbeat-reply'; readonly address: Address; readonly uid: bigint }
  | { readonly type: 'member-added'; readonly address: Address }
  /** A member left the cluster, or a node's uid was quarantined: nothing there lives for us any more. */
  | { readonly type: 'address-terminated'; readonly address: Address }
  | { readonly type: 'tick' };

export type RemoteWatchEffect =
  | { readonly type: 'send-watch'; readonly watchee: string; readonly address: Address }
  | { readonly type: 'send-unwatch'; readonly watchee: string; readonly address: Address }
  | { readonly type: 'send-heartbeat'; readonly address: Address }
  | {
      readonly type: 'notify';
      readonly watchee: string;
      readonly watchers: readonly string[];
      readonly existenceConfirmed: boolean;
      readonly addressTerminated: boolean;
    }
  | {
      readonly type: 'unreachable';
      readonly address: Address;
      readonly uid: bigint | undefined;
    };

export interface RemoteWatchStep<D> {
  readonly state: RemoteWatch<D>;
  readonly effects: readonly RemoteWatchEffect[];
}

export function newRemoteWatch<D>(): RemoteWatch<D> {
  return { nodes: emptyMap(), members: new Set() };
}

export function stepRemoteWatch<D>(
  state: RemoteWatch<D>,
  event: RemoteWatchEvent,
  nowMs: number,
  limits: RemoteWatchLimits<D>,
): RemoteWatchStep<D> {
  switch (event.type) {
    case 'watch':
      return watch(state, event);
    case 'unwatch':
      return unwatch(state, event);
    case 'death-notice':
      return deathNotice(state, event);
    case 'heartbeat-reply':
      return heartbeatReply(state, event, nowMs, limits);
    case 'member-added':
      return memberAdded(state, event.address);
    case 'address-terminated':
      return addressTerminated(state, event.address);
    case 'tick':
      return tick(state, nowMs, limits);
  }
}

function watch<D>(
  state: RemoteWatch<D>,
  event: { readonly watchee: string; readonly watcher: string; readonly address: Address },
): RemoteWatchStep<D> {
  const { watchee, watcher, address } = event;
  const node = state.nodes.get(addressText(address)) ?? newNode<D>(address);
  const watchers = node.watchees.get(watchee);
  if (watchers?.has(watcher)) return { state, effects: [] };
  const watchees = node.watchees.with(watchee, (watchers ?? emptyMap<true>()).with(watcher, true));
  return {
    state: withNode(state, { ...node, watchees }),
    effects: watchers === undefined ? [{ type: 'send-watch', watchee, address }] : [],
  };
}

function newNode<D>(address: Address): WatchedNode<D> {
  return {
    address,
    watchees: emptyMap(),
    uid: undefined,
    firstHeartbeatAtMs: undefined,
    detector: undefined,
  };
}

function unwatch<D>(
  state: RemoteWatch<D>,
  event: { readonly watchee: string; readonly watcher: string; readonly address: Address },
): RemoteWatchStep<D> {
  const { watchee, watcher, address } = event;
  const node = state.nodes.get(addressText(address));
  const watchers = node?.watchees.get(watchee);
  if (node === undefined || !watchers?.has(watcher)) return { state, effects: [] };
  const rest = watchers.without(watcher);
  if (rest.size === 0) {
    const effect = { type: 'send-unwatch', watchee, address } as const;
    return { state: withoutWatchee(state, node, watchee), effects: [effect] };
  }
  const watchees = node.watchees.with(watchee, rest);
  return { state: withNode(state, { ...node, watchees }), effects: [] };
}

function deathNotice<D>(
  state: RemoteWatch<D>,
  event: {
    readonly watchee: string;
    readonly address: Address;
    readonly existenceConfirmed: boolean;
    readonly addressTerminated: boolean;
  },
): RemoteWatchStep<D> {
  const node = state.nodes.get(addressText(event.address));
  // Who watched a path without incarnation is told of whichever incarnation it was.
  const known = node?.watchees.has(event.watchee) === true;
  const watchee = known ? event.watchee : withoutUid(event.watchee);
  const watchers = node?.watchees.get(watchee);
  if (node === undefined || watchers === undefined) return { state, effects: [] };
  return {
    state: withoutWatchee(state, node, watchee),
    effects: [
      {
        type: 'notify',
        watchee,
        watchers: watchers.keys(),
        existenceConfirmed: event.existenceConfirmed,
        addressTerminated: event.addressTerminated,
      },
    ],
  };
}

/** The first reply, or one of another process, makes every Watch to that node go out again: it may not know them. */
function heartbeatReply<D>(
  state: RemoteWatch<D>,
  event: { readonly address: Address; readonly uid: bigint },
  nowMs: number,
  limits: RemoteWatchLimits<D>,
): RemoteWatchStep<D> {
  const node = state.nodes.get(addressText(event.address));
  if (node === undefined || isMember(state, node)) return { state, effects: [] };
  const same = node.uid === event.uid;
  const detector =
    node.detector === undefined || !same
      ? limits.detector.start(nowMs)
      : limits.detector.heartbeat(node.detector, nowMs);
  const effects = same
    ? []
    : node.watchees.keys().map((watchee): RemoteWatchEffect => {
        return { type: 'send-watch', watchee, address: node.address };
      });
  return { state: withNode(state, { ...node, uid: event.uid, detector }), effects };
}

function memberAdded<D>(state: RemoteWatch<D>, address: Address): RemoteWatchStep<D> {
  const members = new Set(state.members).add(addressText(address));
  const node = state.nodes.get(addressText(address));
  if (node === undefined) return { state: { ...state, members }, effects: [] };
  const quiet = { ...node, uid: undefined, detector: undefined, firstHeartbeatAtMs: undefined };
  return { state: { ...withNode(state, quiet), members }, effects: [] };
}

function addressTerminated<D>(state: RemoteWatch<D>, address: Address): RemoteWatchStep<D> {
  const key = addressText(address);
  const node = state.nodes.get(key);
  const members = new Set(state.members);
  members.delete(key);
  const nodes = state.nodes.without(key);
  return { state: { nodes, members }, effects: node === undefined ? [] : allGone(node) };
}

function tick<D>(
  state: RemoteWatch<D>,
  nowMs: number,
  limits: RemoteWatchLimits<D>,
): RemoteWatchStep<D> {
  const effects: RemoteWatchEffect[] = [];
  let { nodes } = state;
  for (const [key, node] of state.nodes) {
    if (isMember(state, node)) continue;
    if (node.detector !== undefined && !limits.detector.isAvailable(node.detector, nowMs)) {
      nodes = nodes.without(key);
      effects.push({ type: 'unreachable', address: node.address, uid: node.uid });
      for (const effect of allGone(node)) effects.push(effect);
      continue;
    }
    effects.push({ type: 'send-heartbeat', address: node.address });
    nodes = nodes.with(key, observed(node, nowMs, limits));
  }
  return { state: { ...state, nodes }, effects };
}

/** A node that never answers must be noticed too, so its detector starts with a heartbeat that did not happen. */
function observed<D>(
  node: WatchedNode<D>,
  nowMs: number,
  limits: RemoteWatchLimits<D>,
): WatchedNode<D> {
  if (node.firstHeartbeatAtMs === undefined) return { ...node, firstHeartbeatAtMs: nowMs };
  const silent = nowMs - node.firstHeartbeatAtMs >= limits.firstReplyAfterMs;
  if (node.detector !== undefined || !silent) return node;
  return { ...node, detector: limits.detector.start(nowMs) };
}

function allGone<D>(node: WatchedNode<D>): RemoteWatchEffect[] {
  return Array.from(node.watchees, ([watchee, watchers]) => ({
    type: 'notify',
    watchee,
    watchers: watchers.keys(),
    existenceConfirmed: false,
    addressTerminated: true,
  }));
}

function withoutUid(path: string): string {
  const hash = path.lastIndexOf('#');
  return hash < 0 ? path : path.slice(0, hash);
}

function isMember<D>(state: RemoteWatch<D>, node: WatchedNode<D>): boolean {
  return state.members.has(addressText(node.address));
}

function withNode<D>(state: RemoteWatch<D>, node: WatchedNode<D>): RemoteWatch<D> {
  return { ...state, nodes: state.nodes.with(addressText(node.address), node) };
}

function withoutWatchee<D>(
  state: RemoteWatch<D>,
  node: WatchedNode<D>,
  watchee: string,
): RemoteWatch<D> {
  const watchees = node.watchees.without(watchee);
  if (watchees.size > 0) return withNode(state, { ...node, watchees });
  return { ...state, nodes: state.nodes.without(addressText(node.address)) };
}
