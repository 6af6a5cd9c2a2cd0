// Values that the tests of this folder are written with.

import { emptyGossip, type Gossip, membersInOrder } from './gossip.ts';
import { joiningMember, type Member, type MemberStatus, upNumberNone } from './member.ts';
import { type ClusterNode, clusterNode } from './node.ts';
import { Reachability } from './reachability.ts';

/** The node at a host of one letter; the uid follows from the host unless given. */
export function nodeAt(host: string, uid: bigint = BigInt(host.charCodeAt(0))): ClusterNode {
  return clusterNode({ protocol: 'pekko', system: 'sys', host, port: 2552 }, uid);
}

export interface SampleMember {
  readonly upNumber?: number;
  readonly roles?: readonly string[];
  readonly uid?: bigint;
}

export function memberWith(host: string, status: MemberStatus, more: SampleMember = {}): Member {
  const node = more.uid === undefined ? nodeAt(host) : nodeAt(host, more.uid);
  const member = joiningMember(node, more.roles ?? []);
  const waiting = status === 'Joining' || status === 'WeaklyUp';
  const upNumber = more.upNumber ?? (waiting ? upNumberNone : host.charCodeAt(0));
  return { ...member, status, upNumber };
}

/** `'a:Up b:Leaving'` */
export function membersOf(text: string): readonly Member[] {
  return text.split(' ').map((part) => {
    const [host = '', status = 'Up'] = part.split(':');
    return memberWith(host, status as MemberStatus);
  });
}

export interface SampleGossip {
  /** Hosts of those who have seen it. */
  readonly seen?: string;
  /** `'a>b c>d!'`: a cannot reach b; for c, d is terminated. */
  readonly rows?: string;
}

export function gossipOf(members: string | readonly Member[], more: SampleGossip = {}): Gossip {
  const list = typeof members === 'string' ? membersOf(members) : members;
  const keyAt = (host: string): string => {
    const member = list.find((each) => each.node.address.host === host);
    return member?.node.key ?? nodeAt(host).key;
  };
  const seen = (more.seen ?? '').split(' ').filter((host) => host !== '');
  return {
    ...emptyGossip,
    members: membersInOrder(list),
    seen: new Set(seen.map(keyAt)),
    reachability: reachabilityOf(more.rows ?? '', keyAt),
  };
}

export function reachabilityOf(
  rows: string,
  keyAt: (host: string) => string = (host) => nodeAt(host).key,
): Reachability {
  let table = Reachability.empty;
  for (const row of rows.split(' ').filter((part) => part !== '')) {
    const [observer = '', subject = ''] = row.split('>');
    const host = subject.replace('!', '');
    table = subject.endsWith('!')
      ? table.terminated(keyAt(observer), keyAt(host))
      : table.unreachable(keyAt(observer), keyAt(host));
  }
  return table;
}

/** `'a b c'` of a set of node keys. */
export function hostsOf(keys: Iterable<string>): string {
  return [...keys]
    .map((key) => /@([^:]+):/.exec(key)?.[1] ?? key)
    .sort()
    .join(' ');
}

/** `'a:Up b:Leaving'` of a gossip. */
export function statusesOf(gossip: Gossip): string {
  return [...gossip.members.values()]
    .map((member) => `${member.node.address.host}:${member.status}`)
    .join(' ');
}
