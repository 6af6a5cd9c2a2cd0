// The three layouts in which Pekko writes addresses and uids: control messages, cluster messages, and the data
// classes inside ordinary messages.

import { isFieldSet } from '@bufbuild/protobuf';
import type { Address, UniqueAddress } from '../address.ts';
import { type UniqueAddress as ClusterNode, UniqueAddressSchema } from '../proto/cluster_pb.js';
import { malformed, present } from './proto.ts';

interface AddressFields {
  readonly protocol: string;
  readonly system: string;
  readonly hostname: string;
  readonly port: number;
}

/** Fits each of the three address messages. */
export function addressInit(address: Address): AddressFields {
  const { protocol, system, host, port } = address;
  return { protocol, system, hostname: host, port };
}

/** @param fields a field that was checked for presence already */
export function addressOf(fields: AddressFields | undefined): Address {
  const { protocol, system, hostname, port } = present(fields);
  if (port > 65_535) throw malformed('Address', `${port} is not a port`);
  return { protocol, system, host: hostname, port };
}

/** Control messages hold the uid whole, as an unsigned number. */
export function controlNodeInit(node: UniqueAddress): { address: AddressFields; uid: bigint } {
  return { address: addressInit(node.address), uid: BigInt.asUintN(64, node.uid) };
}

/** @param fields a field that was checked for presence already */
export function controlNodeOf(
  fields: { address?: AddressFields | undefined; uid: bigint } | undefined,
): UniqueAddress {
  const { address, uid } = present(fields);
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
export function clusterNodeOf(fields: ClusterNode | undefined): UniqueAddress {
  const node = present(fields);
  const uid = isFieldSet(node, UniqueAddressSchema.field.uid2)
    ? (BigInt(node.uid2 | 0) << 32n) | BigInt(node.uid >>> 0)
    : BigInt(node.uid | 0);
  return { address: addressOf(node.address), uid };
}
