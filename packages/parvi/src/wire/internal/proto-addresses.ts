// The three layouts in which Pekko writes addresses and uids: control messages, cluster messages, and the data
// classes inside ordinary messages.

import type { Address, UniqueAddress } from '../address.ts';
import type { UniqueAddress as ClusterNode } from '../proto/cluster.ts';
import { malformed } from './proto.ts';

interface AddressFields {
  readonly protocol?: string | undefined;
  readonly system: string;
  readonly hostname: string;
  readonly port: number;
}

/** Fits each of the three address messages. */
export function addressInit(address: Address): AddressFields & { readonly protocol: string } {
  const { protocol, system, host, port } = address;
  return { protocol, system, hostname: host, port };
}

export function addressOf(fields: AddressFields): Address {
  const { protocol = '', system, hostname, port } = fields;
  if (port > 65_535) throw malformed('Address', `${port} is not a port`);
  return { protocol, system, host: hostname, port };
}

/** Control messages hold the uid whole, as an unsigned number. */
export function controlNodeInit(node: UniqueAddress): {
  address: ReturnType<typeof addressInit>;
  uid: bigint;
} {
  return { address: addressInit(node.address), uid: BigInt.asUintN(64, node.uid) };
}

export function controlNodeOf({
  address,
  uid,
}: {
  readonly address: AddressFields;
  readonly uid: bigint;
}): UniqueAddress {
  return { address: addressOf(address), uid: BigInt.asIntN(64, uid) };
}

/** Cluster messages hold the uid in two halves. */
export function clusterNodeInit(node: UniqueAddress): {
  address: AddressFields;
  uid: number;
  uid2: number;
} {
  return {
    address: addressInit(node.address),
    uid: Number(BigInt.asUintN(32, node.uid)),
    uid2: Number(BigInt.asUintN(32, node.uid >> 32n)),
  };
}

/** Without the high half the low one is widened with its sign, as Pekko does. */
export function clusterNodeOf({ address, uid, uid2 }: ClusterNode): UniqueAddress {
  const whole =
    uid2 === undefined ? BigInt(uid | 0) : (BigInt(uid2 | 0) << 32n) | BigInt(uid >>> 0);
  return { address: addressOf(address), uid: whole };
}
