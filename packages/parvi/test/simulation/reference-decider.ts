// The decision of a JVM node, written down a second time from Pekko's rules, and from nothing of ours. Half of the nodes
// of simulated bootstraps decide by it: where ours and theirs differ there are two clusters, or none.

import type { JoinDecider, matchesSelf } from '../../src/bootstrap/index.ts';
import type { ResolvedTarget } from '../../src/discovery/index.ts';

export const referenceDecider: JoinDecider = (situation, rules) => {
  const seedNodes = situation.observations.flatMap((each) => [...each.seedNodes]);
  const others = [...new Set(seedNodes)].filter((each) => each !== situation.ownAddress);
  if (others.length > 0) return { kind: 'joinSeedNodes', addresses: others.slice(0, 5) };
  const answering = situation.observations.map(({ target }) => target);
  const isStable = situation.nowMs - situation.changedAtMs >= rules.stableMarginMs;
  const areEnough = answering.length >= rules.requiredContactPointNr;
  const areAll =
    !rules.contactWithAllContactPoints || answering.length === situation.contactPoints.length;
  const [lowest] = answering.sort(byAddressHostPort);
  const isLowest = lowest !== undefined && matchesSelfExactly(lowest, situation.self);
  const mayForm = rules.newClusterEnabled && seedNodes.length === 0;
  return mayForm && areEnough && isStable && areAll && isLowest
    ? { kind: 'joinSelf' }
    : { kind: 'keepProbing', waitsFor: 'the lowest' };
};

/** Tuples of optional address, host and optional port, as Scala orders them. */
function byAddressHostPort(a: ResolvedTarget, b: ResolvedTarget): number {
  const [left, right] = [octets(a.ip), octets(b.ip)];
  for (const [index, octet] of left.entries()) {
    const difference = octet - (right[index] ?? -1000);
    if (difference !== 0) return difference;
  }
  if (left.length !== right.length) return left.length - right.length;
  if (a.host !== b.host) return a.host < b.host ? -1 : 1;
  return (a.port ?? 0) - (b.port ?? 0);
}

/** Bytes of the JVM are signed. */
function octets(ip = ''): number[] {
  return ip === '' ? [] : ip.split('.').map((text) => ((Number(text) + 128) % 256) - 128);
}

function matchesSelfExactly(
  { host, ip, port }: ResolvedTarget,
  self: Parameters<typeof matchesSelf>[1],
): boolean {
  return (host === self.host || ip === self.host) && (port ?? self.port) === self.port;
}
