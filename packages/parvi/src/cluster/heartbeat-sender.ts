// Sends heartbeats to the ring's receivers and listens for the answers; the silence of a receiver raises suspicion in
// its detector, and the reaper acts on that (Pekko `ClusterHeartbeatSender`).

import { type DetectorRegistry, heartbeatFrom, isAvailable, withoutPeer } from '../remote/index.ts';
import type { ClusterEvent } from './events.ts';
import { receiversOf, ringOrder } from './heartbeat-ring.ts';
import type { MembershipState } from './membership-state.ts';
import type { ClusterNode, NodeKey } from './node.ts';
import type { ClusterMessage, Correspondent } from './protocol.ts';
import type { Turn } from './turn.ts';

export interface HeartbeatState {
  /** All members of the data center in ring order. */
  readonly ring: readonly ClusterNode[];
  readonly unreachable: ReadonlySet<NodeKey>;
  readonly receivers: readonly ClusterNode[];
  /** No longer receivers, but unreachable when they ceased to be: kept until they answer or are removed. */
  readonly oldReceivers: ReadonlyMap<NodeKey, ClusterNode>;
  readonly sequenceNr: bigint;
  readonly lastTickMs: number | undefined;
}

export const emptyHeartbeats: HeartbeatState = {
  ring: [],
  unreachable: new Set(),
  receivers: [],
  oldReceivers: new Map(),
  sequenceNr: 0n,
  lastTickMs: undefined,
};

export function heartbeatTick(state: MembershipState, turn: Turn): MembershipState {
  const { heartbeats, settings, self } = state;
  const { intervalMs, expectedResponseAfterMs } = settings.heartbeat;
  warnWhenLate(heartbeats, intervalMs, turn);
  const sequenceNr = heartbeats.sequenceNr + 1n;
  const creationNanos = BigInt(Math.round(turn.nowMs * 1e6));
  const message: ClusterMessage = {
    type: 'Heartbeat',
    from: self.address,
    sequenceNr,
    creationNanos,
  };
  for (const node of activeReceivers(heartbeats)) {
    turn.effects.push({
      type: 'send',
      to: node.address,
      actor: 'heartbeatReceiver',
      from: 'heartbeatSender',
      message,
    });
    if (!state.detectors.has(node.addressKey)) {
      turn.schedule(expectedResponseAfterMs, { type: 'expectedHeartbeat', node });
    }
  }
  return { ...state, heartbeats: { ...heartbeats, sequenceNr, lastTickMs: turn.nowMs } };
}

function warnWhenLate(heartbeats: HeartbeatState, intervalMs: number, turn: Turn): void {
  if (heartbeats.lastTickMs === undefined) return;
  const sinceMs = turn.nowMs - heartbeats.lastTickMs;
  if (sinceMs < 2 * intervalMs) return;
  turn.log(
    'warn',
    `Scheduled sending of heartbeat was delayed. Previous heartbeat was sent [${Math.round(sinceMs)}] ms ago, expected interval is [${intervalMs}] ms. ` +
      'This may cause failure detection to mark members as unreachable. The reason can be a held event loop, e.g. CPU-bound work outside worker threads, or long garbage collection',
  );
}

export function activeReceivers(heartbeats: HeartbeatState): readonly ClusterNode[] {
  if (heartbeats.oldReceivers.size === 0) return heartbeats.receivers;
  const keys = new Set(heartbeats.receivers.map((node) => node.key));
  const old = [...heartbeats.oldReceivers.values()].filter((node) => !keys.has(node.key));
  return [...heartbeats.receivers, ...old];
}

function isActive(heartbeats: HeartbeatState, key: NodeKey): boolean {
  return heartbeats.oldReceivers.has(key) || isReceiver(heartbeats, key);
}

function isReceiver(heartbeats: HeartbeatState, key: NodeKey): boolean {
  return heartbeats.receivers.some((node) => node.key === key);
}

/** A receiver that never answered is suspected too: its clock starts as if it had answered now. */
export function expectedHeartbeat(
  state: MembershipState,
  node: ClusterNode,
  turn: Turn,
): MembershipState {
  if (!isActive(state.heartbeats, node.key) || state.detectors.has(node.addressKey)) return state;
  return { ...state, detectors: heard(state, node.addressKey, turn) };
}

export function receiveHeartbeatResponse(
  state: MembershipState,
  from: ClusterNode,
  turn: Turn,
): MembershipState {
  const { heartbeats } = state;
  if (!isActive(heartbeats, from.key)) return state;
  let detectors = heard(state, from.addressKey, turn);
  if (!heartbeats.oldReceivers.has(from.key)) return { ...state, detectors };
  const oldReceivers = new Map(heartbeats.oldReceivers);
  oldReceivers.delete(from.key);
  if (!isReceiver(heartbeats, from.key)) detectors = withoutPeer(detectors, from.addressKey);
  return { ...state, detectors, heartbeats: { ...heartbeats, oldReceivers } };
}

function heard(state: MembershipState, addressKey: string, turn: Turn): DetectorRegistry {
  const { detector } = state.settings.heartbeat;
  return heartbeatFrom(state.detectors, addressKey, turn.nowMs, detector);
}

/** Anybody who asks is answered, member or not, joined or not. */
export function receiveHeartbeat(
  state: MembershipState,
  message: Extract<ClusterMessage, { type: 'Heartbeat' }>,
  sender: Correspondent,
  turn: Turn,
): void {
  const { sequenceNr, creationNanos } = message;
  turn.effects.push({
    type: 'reply',
    to: sender,
    from: 'heartbeatReceiver',
    message: { type: 'HeartbeatRsp', from: state.self, sequenceNr, creationNanos },
  });
}

/** Keeps the ring in step with members coming, going, and being unreachable to anybody. */
export function heartbeatsAfter(
  state: MembershipState,
  events: readonly ClusterEvent[],
  turn: Turn,
): MembershipState {
  const added: ClusterNode[] = [];
  const removed = new Map<NodeKey, ClusterNode>();
  const unreachable = new Set(state.heartbeats.unreachable);
  for (const event of events) {
    if (event.type === 'UnreachableMember') unreachable.add(event.member.node.key);
    else if (event.type === 'ReachableMember') unreachable.delete(event.member.node.key);
    else if (event.type === 'MemberRemoved') {
      removed.set(event.member.node.key, event.member.node);
      unreachable.delete(event.member.node.key);
    } else if ('member' in event && event.member.dataCenter === state.at.dataCenter) {
      added.push(event.member.node);
    }
  }
  const ring = ringAfter(state.heartbeats.ring, added, removed);
  const sameUnreachable = unreachable.size === state.heartbeats.unreachable.size;
  if (ring === state.heartbeats.ring && sameUnreachable && removed.size === 0) {
    if ([...unreachable].every((key) => state.heartbeats.unreachable.has(key))) return state;
  }
  const next = withRing(state, { ...state.heartbeats, ring, unreachable }, turn);
  return removed.size === 0 ? next : withoutRemoved(next, removed);
}

function ringAfter(
  ring: readonly ClusterNode[],
  added: readonly ClusterNode[],
  removed: ReadonlyMap<NodeKey, ClusterNode>,
): readonly ClusterNode[] {
  if (added.length === 0 && removed.size === 0) return ring;
  const known = new Set(ring.map((node) => node.key));
  const fresh = added.filter((node) => !known.has(node.key));
  if (fresh.length === 0 && removed.size === 0) return ring;
  const kept = ring.filter((node) => !removed.has(node.key));
  return fresh.length === 0 ? kept : [...kept, ...fresh].sort(ringOrder);
}

/** A removed node leaves no record, unless another incarnation has its address. */
function withoutRemoved(
  state: MembershipState,
  removed: ReadonlyMap<NodeKey, ClusterNode>,
): MembershipState {
  const { heartbeats } = state;
  const oldReceivers = new Map(heartbeats.oldReceivers);
  const addresses = new Set(heartbeats.ring.map((node) => node.addressKey));
  let { detectors } = state;
  for (const node of removed.values()) {
    oldReceivers.delete(node.key);
    if (!addresses.has(node.addressKey)) detectors = withoutPeer(detectors, node.addressKey);
  }
  return { ...state, detectors, heartbeats: { ...heartbeats, oldReceivers } };
}

function withRing(state: MembershipState, changed: HeartbeatState, turn: Turn): MembershipState {
  const receivers = receiversOf({
    sender: state.self.key,
    ring: changed.ring,
    unreachable: changed.unreachable,
    monitoredBy: state.settings.heartbeat.monitoredBy,
  });
  const keys = new Set(receivers.map((node) => node.key));
  const oldReceivers = new Map(changed.oldReceivers);
  let { detectors } = state;
  for (const node of changed.receivers) {
    if (keys.has(node.key)) continue;
    const history = detectors.get(node.addressKey);
    if (isAvailable(history, turn.nowMs, state.settings.heartbeat.detector)) {
      detectors = withoutPeer(detectors, node.addressKey);
    } else {
      oldReceivers.set(node.key, node);
    }
  }
  return { ...state, detectors, heartbeats: { ...changed, receivers, oldReceivers } };
}
