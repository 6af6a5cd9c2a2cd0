// The cluster's messages between the forms of the state machine and of the wire. What a well-formed gossip cannot hold
// (rows and seen marks of nodes that are no members) is left out on the way in.

import type {
  GossipWire,
  MemberWire,
  ObserverWire,
  UniqueAddress,
  ConfigCheck as WireConfigCheck,
  MemberStatus as WireMemberStatus,
  ClusterMessage as WireMessage,
  ReachabilityStatus as WireReachabilityStatus,
} from '../wire/index.ts';
import { type Gossip, membersInOrder, type Tombstone } from './gossip.ts';
import { dataCenterOf, type Member, type MemberStatus } from './member.ts';
import { type ClusterNode, clusterNode, type NodeKey } from './node.ts';
import type { ClusterMessage, ConfigCheck } from './protocol.ts';
import { Reachability, type ReachabilityRow, type ReachabilityStatus } from './reachability.ts';

const statusFromWire: Readonly<Record<WireMemberStatus, MemberStatus>> = {
  joining: 'Joining',
  weaklyUp: 'WeaklyUp',
  up: 'Up',
  leaving: 'Leaving',
  exiting: 'Exiting',
  down: 'Down',
  removed: 'Removed',
  preparingForShutdown: 'PreparingForShutdown',
  readyForShutdown: 'ReadyForShutdown',
};

const statusToWire: Readonly<Record<MemberStatus, WireMemberStatus>> = {
  Joining: 'joining',
  WeaklyUp: 'weaklyUp',
  Up: 'up',
  Leaving: 'leaving',
  Exiting: 'exiting',
  Down: 'down',
  Removed: 'removed',
  PreparingForShutdown: 'preparingForShutdown',
  ReadyForShutdown: 'readyForShutdown',
};

const rowFromWire: Readonly<Record<WireReachabilityStatus, ReachabilityStatus>> = {
  reachable: 'Reachable',
  unreachable: 'Unreachable',
  terminated: 'Terminated',
};

const rowToWire: Readonly<Record<ReachabilityStatus, WireReachabilityStatus>> = {
  Reachable: 'reachable',
  Unreachable: 'unreachable',
  Terminated: 'terminated',
};

export function messageToWire(message: ClusterMessage): WireMessage {
  switch (message.type) {
    case 'InitJoin':
      return { kind: 'initJoin', config: message.config };
    case 'InitJoinAck': {
      const configCheck = checkToWire(message.check);
      return { kind: 'initJoinAck', address: message.address, configCheck };
    }
    case 'InitJoinNack':
      return { kind: 'initJoinNack', address: message.address };
    case 'Join': {
      const { node, roles, appVersion } = message;
      return { kind: 'join', node, roles, appVersion };
    }
    case 'Welcome':
      return { kind: 'welcome', from: message.from, gossip: gossipToWire(message.gossip) };
    case 'Leave':
      return { kind: 'leave', address: message.address };
    case 'Down':
      return { kind: 'down', address: message.address };
    case 'ExitingConfirmed':
      return { kind: 'exitingConfirmed', node: message.node };
    default:
      return frequentToWire(message);
  }
}

type Frequent = Extract<
  ClusterMessage,
  { type: 'GossipStatus' | 'GossipEnvelope' | 'Heartbeat' | 'HeartbeatRsp' }
>;

function frequentToWire(message: Frequent): WireMessage {
  switch (message.type) {
    case 'GossipStatus': {
      const seenDigest = Uint8Array.from(Buffer.from(message.seenDigest, 'hex'));
      return { kind: 'gossipStatus', from: message.from, version: message.version, seenDigest };
    }
    case 'GossipEnvelope': {
      const { from, to } = message;
      return { kind: 'gossipEnvelope', from, to, gossip: gossipToWire(message.gossip) };
    }
    case 'Heartbeat': {
      const { from, sequenceNr, creationNanos: creationTimeNs } = message;
      return { kind: 'heartbeat', from, sequenceNr, creationTimeNs };
    }
    case 'HeartbeatRsp': {
      const { from, sequenceNr, creationNanos: creationTimeNs } = message;
      return { kind: 'heartbeatRsp', from, sequenceNr, creationTimeNs };
    }
  }
}

export function messageFromWire(message: WireMessage): ClusterMessage {
  switch (message.kind) {
    case 'initJoin':
      return { type: 'InitJoin', config: message.config };
    case 'initJoinAck': {
      const check = checkFromWire(message.configCheck);
      return { type: 'InitJoinAck', address: message.address, check };
    }
    case 'initJoinNack':
      return { type: 'InitJoinNack', address: message.address };
    case 'join': {
      const { roles, appVersion } = message;
      return { type: 'Join', node: nodeFromWire(message.node), roles, appVersion };
    }
    case 'welcome': {
      const gossip = gossipFromWire(message.gossip);
      return { type: 'Welcome', from: nodeFromWire(message.from), gossip };
    }
    case 'leave':
      return { type: 'Leave', address: message.address };
    case 'down':
      return { type: 'Down', address: message.address };
    case 'exitingConfirmed':
      return { type: 'ExitingConfirmed', node: nodeFromWire(message.node) };
    default:
      return frequentFromWire(message);
  }
}

type FrequentWire = Extract<
  WireMessage,
  { kind: 'gossipStatus' | 'gossipEnvelope' | 'heartbeat' | 'heartbeatRsp' }
>;

function frequentFromWire(message: FrequentWire): ClusterMessage {
  switch (message.kind) {
    case 'gossipStatus': {
      const { version, seenDigest } = message;
      return {
        type: 'GossipStatus',
        from: nodeFromWire(message.from),
        version,
        seenDigest: seenDigest === undefined ? '' : Buffer.from(seenDigest).toString('hex'),
      };
    }
    case 'gossipEnvelope': {
      const gossip = gossipFromWire(message.gossip);
      const [from, to] = [nodeFromWire(message.from), nodeFromWire(message.to)];
      return { type: 'GossipEnvelope', from, to, gossip };
    }
    case 'heartbeat': {
      const { from, sequenceNr, creationTimeNs: creationNanos } = message;
      return { type: 'Heartbeat', from, sequenceNr, creationNanos };
    }
    case 'heartbeatRsp': {
      const { sequenceNr, creationTimeNs: creationNanos } = message;
      return { type: 'HeartbeatRsp', from: nodeFromWire(message.from), sequenceNr, creationNanos };
    }
  }
}

function checkToWire(check: ConfigCheck): WireConfigCheck {
  switch (check.verdict) {
    case 'Unchecked':
      return { kind: 'unchecked' };
    case 'Incompatible':
      return { kind: 'incompatible' };
    case 'Compatible':
      return { kind: 'compatible', config: check.config };
  }
}

function checkFromWire(check: WireConfigCheck): ConfigCheck {
  switch (check.kind) {
    case 'unchecked':
      return { verdict: 'Unchecked' };
    case 'incompatible':
      return { verdict: 'Incompatible' };
    case 'compatible':
      return { verdict: 'Compatible', config: check.config };
  }
}

export function nodeFromWire({ address, uid }: UniqueAddress): ClusterNode {
  return clusterNode(address, uid);
}

export function gossipToWire(gossip: Gossip): GossipWire {
  const nodeOf = (key: NodeKey): ClusterNode[] => {
    const node = gossip.members.get(key)?.node;
    return node === undefined ? [] : [node];
  };
  return {
    members: [...gossip.members.values()].map(memberToWire),
    seen: [...gossip.seen].flatMap(nodeOf),
    reachability: observersToWire(gossip.reachability, nodeOf),
    version: gossip.version,
    tombstones: [...gossip.tombstones.values()],
  };
}

function memberToWire(member: Member): MemberWire {
  const { node, upNumber, roles, appVersion } = member;
  return { node, status: statusToWire[member.status], upNumber, roles, appVersion };
}

/** All observers that ever changed something, also those that have no rows any more: their versions matter. */
function observersToWire(
  reachability: Reachability,
  nodeOf: (key: NodeKey) => ClusterNode[],
): ObserverWire[] {
  const rows = Map.groupBy(reachability.rows, (row) => row.observer);
  return [...reachability.versions].flatMap(([key, version]) =>
    nodeOf(key).map((observer) => ({
      observer,
      version,
      subjects: (rows.get(key) ?? []).flatMap((row) =>
        nodeOf(row.subject).map((subject) => ({
          subject,
          status: rowToWire[row.status],
          version: row.version,
        })),
      ),
    })),
  );
}

export function gossipFromWire(gossip: GossipWire): Gossip {
  const members = membersInOrder(gossip.members.map(memberFromWire));
  const isMember = (key: NodeKey): boolean => members.has(key);
  const tombstones = gossip.tombstones.map(({ node, removedAtMs }): [NodeKey, Tombstone] => {
    const removed = nodeFromWire(node);
    return [removed.key, { node: removed, removedAtMs }];
  });
  return {
    members,
    seen: new Set(gossip.seen.map((node) => nodeFromWire(node).key).filter(isMember)),
    reachability: observersFromWire(gossip.reachability, isMember),
    version: gossip.version,
    tombstones: new Map(tombstones),
  };
}

function memberFromWire(member: MemberWire): Member {
  const { roles, upNumber, appVersion } = member;
  return {
    node: nodeFromWire(member.node),
    status: statusFromWire[member.status],
    upNumber,
    roles,
    dataCenter: dataCenterOf(roles),
    appVersion,
  };
}

function observersFromWire(
  observers: readonly ObserverWire[],
  isMember: (key: NodeKey) => boolean,
): Reachability {
  if (observers.length === 0) return Reachability.empty;
  const rows: ReachabilityRow[] = [];
  const versions = new Map<NodeKey, number>();
  for (const each of observers) {
    const observer = nodeFromWire(each.observer).key;
    if (!isMember(observer)) continue;
    versions.set(observer, each.version);
    for (const { subject, status, version } of each.subjects) {
      const key = nodeFromWire(subject).key;
      if (isMember(key))
        rows.push({ observer, subject: key, status: rowFromWire[status], version });
    }
  }
  return new Reachability(rows, versions);
}
