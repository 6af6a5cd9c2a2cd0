// What a lookup finds: a host, and where known its port and IP address; and the order in which nodes of both kinds rank
// them. The lowest one forms the cluster, so an order of our own would make two clusters beside JVM nodes.

import { urlHost } from '../runtime/index.ts';
import { sameAddress, signedBytesOf } from './ip-address.ts';

/** A place where a node of the service may answer. */
export interface ResolvedTarget {
  readonly host: string;
  readonly port: number | undefined;
  /** Where the lookup told it: DNS and the Kubernetes API do, configuration does not. */
  readonly ip: string | undefined;
}

/**
 * Order of Pekko's `ResolvedTarget.addressOrdering`: by the bytes of the IP address, host, port; what is missing comes
 * first. The bytes compare as signed ones, so 10.0.0.200 stands before 10.0.0.5; hosts compare by UTF-16 units.
 */
export function compareTargets(a: ResolvedTarget, b: ResolvedTarget): number {
  return (
    compareBytes(ipBytes(a), ipBytes(b)) ||
    compareTexts(a.host, b.host) ||
    (a.port ?? -1) - (b.port ?? -1)
  );
}

/** Equal for targets that compare as equal. */
export function targetKey({ host, port, ip }: ResolvedTarget): string {
  return `${host}|${port ?? ''}|${ip ?? ''}`;
}

/** For people: `host:port`, and the IP address where the host is a name. */
export function targetText({ host, port, ip }: ResolvedTarget): string {
  const name = urlHost(host);
  const place = port === undefined ? name : `${name}:${port}`;
  return ip === undefined || sameAddress(ip, host) ? place : `${place} (${ip})`;
}

function ipBytes({ ip }: ResolvedTarget): Int8Array | undefined {
  return ip === undefined ? undefined : signedBytesOf(ip);
}

/** Lexicographically; one that is the beginning of the other comes first. */
function compareBytes(a: Int8Array | undefined, b: Int8Array | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  for (const [index, byte] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (byte !== other) return byte - other;
  }
  return a.length - b.length;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
