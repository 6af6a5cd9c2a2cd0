// The cluster as its members tell it: `parvi cluster tail` in a pod of its own, whose log is read afterwards, and answers
// of one node's management.

import type { GridRelease } from './release.ts';

export interface MemberEvent {
  readonly time: string;
  readonly type: string;
  readonly member?: {
    readonly uniqueAddress: { readonly address: string; readonly longUid: string };
    readonly status: string;
  };
  /** It happened while the tail had no node to ask. */
  readonly missed?: true;
}

/** Follows what the node with this address or name tells; the log of the pod has it. */
export async function startTail(release: GridRelease, host: string, pod = 'tail'): Promise<void> {
  const url = `http://${host}:7626`;
  await release.startPod(pod, 'parvi', '--url', url, '--json', 'cluster', 'tail');
}

export async function tailed(release: GridRelease, pod = 'tail'): Promise<MemberEvent[]> {
  const lines = (await release.kubectl(['logs', pod])).split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

/** What the tail said on standard error: that it had to ask anew. */
export async function tailSaid(release: GridRelease, pod = 'tail'): Promise<string[]> {
  const lines = (await release.kubectl(['logs', pod])).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('{'));
}

/** Members as somebody has them who reads the events line by line: statuses by address and uid. */
export function replayed(events: readonly MemberEvent[]): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  for (const { type, member } of events) {
    if (member === undefined || !type.startsWith('Member')) continue;
    const key = memberKey(member);
    if (type === 'MemberRemoved') members.delete(key);
    else members.set(key, member.status);
  }
  return members;
}

export const memberKey = ({ uniqueAddress }: NonNullable<MemberEvent['member']>): string =>
  `${uniqueAddress.address}#${uniqueAddress.longUid}`;

export const isAbout = (ip: string) => (event: MemberEvent) =>
  event.member?.uniqueAddress.address.includes(`@${ip}:`) === true;

/** When each was first shown as such; 0 before it is. */
export function timeOf(all: readonly MemberEvent[], ip: string, type: string): number {
  const found = all.filter(isAbout(ip)).find((event) => event.type === type);
  return found === undefined ? 0 : Date.parse(found.time);
}
