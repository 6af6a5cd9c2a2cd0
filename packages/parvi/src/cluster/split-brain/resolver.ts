// Follows membership and reachability from its events, and when they have been stable for long enough, has the
// strategy decide (Pekko `SplitBrainResolver`). The leader decides for its side; only instability that does not end is
// decided by everybody.

import type { ClusterEvent } from '../events.ts';
import type { Member } from '../member.ts';
import type { ClusterNode, NodeKey } from '../node.ts';
import type { ReachabilityRow } from '../reachability.ts';
import type { ClusterSettings } from '../settings.ts';
import type { Turn } from '../turn.ts';
import type { Decision, Strategy } from './decision.ts';
import type { SplitBrainSettings } from './settings.ts';
import { strategyOf } from './strategies.ts';
import { emptyView, type SplitBrainView } from './view.ts';

export interface ResolverState {
  readonly settings: SplitBrainSettings;
  readonly strategy: Strategy;
  readonly view: SplitBrainView;
  readonly selfAdded: boolean;
  readonly isLeader: boolean;
  readonly stableDeadlineMs: number;
  /** When the last tick came; `undefined` before the first. */
  readonly tickedMs: number | undefined;
  readonly instability: Instability | undefined;
  readonly pendingLease: PendingLease | undefined;
  readonly lease: LeaseState;
}

/** Reachability changes since it was last quiet. */
export interface Instability {
  readonly firstChangeMs: number;
  readonly latestChangeMs: number;
  readonly changes: number;
}

/** A decision waits for the lease; what happens meanwhile is looked at afterwards. */
export interface PendingLease {
  readonly decision: Decision;
  readonly acquiring: boolean;
  readonly stash: readonly ClusterEvent[];
}

export type LeaseState =
  | { readonly name: 'none' }
  | { readonly name: 'held' }
  | { readonly name: 'untilRemoved'; readonly nodes: ReadonlySet<NodeKey> }
  | { readonly name: 'untilTime'; readonly releaseAtMs: number };

export function newResolver(
  self: ClusterNode,
  settings: ClusterSettings,
): ResolverState | undefined {
  const { splitBrain } = settings;
  if (splitBrain === undefined) return undefined;
  return {
    settings: splitBrain,
    strategy: strategyOf(splitBrain.strategy),
    view: emptyView(self.key, settings.dataCenter),
    selfAdded: false,
    isLeader: false,
    stableDeadlineMs: 0,
    tickedMs: undefined,
    instability: undefined,
    pendingLease: undefined,
    lease: { name: 'none' },
  };
}

/** Follows all that one step has brought, in its order. */
export function resolverAfter(
  resolver: ResolverState,
  events: readonly ClusterEvent[],
  turn: Turn,
): ResolverState {
  const { pendingLease } = resolver;
  if (events.length === 0) return resolver;
  if (pendingLease !== undefined) {
    const stash = [...pendingLease.stash, ...events];
    return { ...resolver, pendingLease: { ...pendingLease, stash } };
  }
  let next = withMembersOf(resolver, events);
  for (const event of events) next = followEvent(next, event, turn);
  return next;
}

/** Events about full shutdown are ignored, and so is the word of others about this node itself. */
function concerns(resolver: ResolverState, event: ClusterEvent): event is MemberEvent {
  if (!('member' in event) || event.member.dataCenter !== resolver.view.dataCenter) return false;
  const { type } = event;
  if (type === 'MemberPreparingForShutdown' || type === 'MemberReadyForShutdown') return false;
  const hearsay =
    type === 'MemberDowned' || type === 'UnreachableMember' || type === 'ReachableMember';
  return !hearsay || event.member.node.key !== resolver.view.self;
}

/** The members after all events: one new map for many of them. */
function withMembersOf(resolver: ResolverState, events: readonly ClusterEvent[]): ResolverState {
  const about = events.filter((event) => concerns(resolver, event));
  if (about.length === 0) return resolver;
  const members = new Map(resolver.view.members);
  for (const event of about) {
    if (!concerns(resolver, event)) continue;
    const { key } = event.member.node;
    if (event.type === 'MemberRemoved') members.delete(key);
    else members.set(key, event.member);
  }
  return { ...resolver, view: { ...resolver.view, members } };
}

function followEvent(resolver: ResolverState, event: ClusterEvent, turn: Turn): ResolverState {
  switch (event.type) {
    case 'LeaderChanged':
      return { ...resolver, isLeader: event.leader?.key === resolver.view.self };
    case 'SeenChanged':
      return { ...resolver, view: { ...resolver.view, seenBy: event.seenBy } };
    case 'ReachabilityChanged':
      return withRows(resolver, event.reachability.rows);
    default:
      return concerns(resolver, event) ? memberChanged(resolver, event, turn) : resolver;
  }
}

type MemberEvent = Extract<ClusterEvent, { readonly member: Member }>;

function memberChanged(resolver: ResolverState, event: MemberEvent, turn: Turn): ResolverState {
  const { member } = event;
  const isSelf = member.node.key === resolver.view.self;
  const noticed: ResolverState = isSelf ? { ...resolver, selfAdded: true } : resolver;
  switch (event.type) {
    case 'MemberWeaklyUp':
      return noticed;
    case 'MemberUp':
      return restartStability(noticed, turn);
    case 'MemberExited':
      return restartStability(resolver, turn);
    case 'MemberDowned':
    case 'UnreachableMember':
      return reachabilityChanged(withReachable(resolver, member, false), turn);
    case 'ReachableMember':
      return reachabilityChanged(withReachable(resolver, member, true), turn);
    case 'MemberRemoved':
      return memberRemoved(resolver, member.node.key, turn);
    default:
      return resolver;
  }
}

function withReachable(resolver: ResolverState, member: Member, reachable: boolean): ResolverState {
  const unreachable = new Set(resolver.view.unreachable);
  if (reachable) unreachable.delete(member.node.key);
  else unreachable.add(member.node.key);
  return { ...resolver, view: { ...resolver.view, unreachable } };
}

function withRows(resolver: ResolverState, all: readonly ReachabilityRow[]): ResolverState {
  const { members } = resolver.view;
  const rows = all.filter(
    (row) => row.status !== 'Reachable' && members.has(row.observer) && members.has(row.subject),
  );
  return { ...resolver, view: { ...resolver.view, rows } };
}

function memberRemoved(resolver: ResolverState, key: NodeKey, turn: Turn): ResolverState {
  const { view, lease } = resolver;
  const unreachable = new Set(view.unreachable);
  unreachable.delete(key);
  const next = quietWhenNothingLeft({ ...resolver, view: { ...view, unreachable } });
  if (lease.name !== 'untilRemoved') return next;
  const nodes = new Set(lease.nodes);
  nodes.delete(key);
  if (nodes.size > 0) return { ...next, lease: { name: 'untilRemoved', nodes } };
  return { ...next, lease: { name: 'untilTime', releaseAtMs: turn.nowMs + releaseAfterMs(next) } };
}

export function releaseAfterMs(resolver: ResolverState): number {
  const { strategy } = resolver.settings;
  return strategy.name === 'lease-majority' ? strategy.releaseAfterMs : 0;
}

export function restartStability(resolver: ResolverState, turn: Turn): ResolverState {
  return { ...resolver, stableDeadlineMs: turn.nowMs + resolver.settings.stableAfterMs };
}

function reachabilityChanged(resolver: ResolverState, turn: Turn): ResolverState {
  const { instability } = resolver;
  const changed: Instability = {
    firstChangeMs: instability?.firstChangeMs ?? turn.nowMs,
    latestChangeMs: turn.nowMs,
    changes: (instability?.changes ?? 0) + 1,
  };
  return quietWhenNothingLeft(restartStability({ ...resolver, instability: changed }, turn));
}

/** Everything unreachable has healed or is on its way out: what happened so far no longer counts as unrest. */
function quietWhenNothingLeft(resolver: ResolverState): ResolverState {
  if (resolver.instability === undefined) return resolver;
  for (const key of resolver.view.unreachable) {
    const status = resolver.view.members.get(key)?.status;
    const settled = status === undefined || status === 'Down' || status === 'Exiting';
    if (!settled && status !== 'Joining' && status !== 'WeaklyUp') return resolver;
  }
  return { ...resolver, instability: undefined };
}

/**
 * Notes a tick. A node that did not run for long (a stopped process, a machine that slept) knows only how things stood
 * before: it takes the whole stable time to look anew, rather than deciding, or counting unrest, by an old picture.
 * Otherwise a cluster whose machines all slept would down all when they wake.
 */
export function resolverTicked(resolver: ResolverState, turn: Turn): ResolverState {
  const { tickedMs = turn.nowMs, settings, instability } = resolver;
  const next = { ...resolver, tickedMs: turn.nowMs };
  const standstillMs = turn.nowMs - tickedMs - settings.tickMs;
  if (standstillMs <= settings.stableAfterMs / 2) return next;
  const anew = restartStability(next, turn);
  if (instability === undefined) return anew;
  return {
    ...anew,
    instability: { firstChangeMs: turn.nowMs, latestChangeMs: turn.nowMs, changes: 1 },
  };
}

/** The decision that is due at this tick, if any. */
export function dueDecision(resolver: ResolverState, nowMs: number): Decision | undefined {
  if (resolver.pendingLease !== undefined) return undefined;
  const { instability, settings, view } = resolver;
  const { downAllWhenUnstableMs: unstableMs } = settings;
  if (instability !== undefined && unstableMs !== undefined) {
    const sinceMs = nowMs - instability.firstChangeMs;
    if (sinceMs > settings.stableAfterMs + unstableMs) return { name: 'DownAll' };
  }
  if (!resolver.isLeader || !resolver.selfAdded || view.unreachable.size === 0) return undefined;
  if (nowMs < resolver.stableDeadlineMs) return undefined;
  return resolver.strategy(view);
}

/** Without the limit above, unrest is forgotten after a long quiet time. */
export function forgetOldUnrest(resolver: ResolverState, nowMs: number): ResolverState {
  const { instability, settings } = resolver;
  if (instability === undefined || settings.downAllWhenUnstableMs !== undefined) return resolver;
  const quietMs = nowMs - instability.latestChangeMs;
  return quietMs > 2 * settings.stableAfterMs ? { ...resolver, instability: undefined } : resolver;
}
