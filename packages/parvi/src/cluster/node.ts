// One incarnation of a node as the membership protocol knows it: an address and the uid drawn at process start.

import { createHash } from 'node:crypto';
import { type Address, addressText, compareAddresses, type UniqueAddress } from '../wire/index.ts';

/** `protocol://system@host:port#uid`; what sets and maps of nodes are keyed by. */
export type NodeKey = string;

export interface ClusterNode extends UniqueAddress {
  readonly key: NodeKey;
  /** `protocol://system@host:port`; the same for all incarnations at that address. */
  readonly addressKey: string;
  /** Java's `Long.hashCode` of the uid: high word xor low word, signed 32 bits; its place on the heartbeat ring. */
  readonly ringHash: number;
}

export function clusterNode(address: Address, uid: bigint): ClusterNode {
  const addressKey = addressText(address);
  return { address, uid, addressKey, key: `${addressKey}#${uid}`, ringHash: ringHashOf(uid) };
}

function ringHashOf(uid: bigint): number {
  return Number(BigInt.asIntN(32, uid)) ^ Number(BigInt.asIntN(32, uid >> 32n));
}

/** Host as UTF-16 text, then port, then signed uid; protocol and system do not count (Pekko `Member.ordering`). */
export function compareNodes(a: ClusterNode, b: ClusterNode): number {
  const byAddress = compareAddresses(a.address, b.address);
  if (byAddress !== 0) return byAddress;
  return a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0;
}

const clockKeys = new WeakMap<ClusterNode, string>();

/**
 * The node's key in vector clocks: lower-case hex MD5 of `protocol://system@host:port-uid` (Pekko `VectorClock.Node`).
 * Other members compute the same key to prune a removed node, so it must not differ by a character.
 */
export function clockKey(node: ClusterNode): string {
  let key = clockKeys.get(node);
  if (key === undefined) {
    key = createHash('md5').update(`${node.addressKey}-${node.uid}`).digest('hex');
    clockKeys.set(node, key);
  }
  return key;
}
