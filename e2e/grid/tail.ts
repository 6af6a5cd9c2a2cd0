// The cluster as its members tell it: `parvi cluster tail` in a pod of its own, whose log is read afterwards, and answers
// of one node's management.

import type { GridRelease } from './release.ts';

export interface MemberEvent {
  readonly time: string;
  readonly type: string;
  readonly member?: { readonly uniqueAddress: { readonly address: string } };
}

/** Follows what the node with this address tells; the log of the pod has it. */
export async function startTail(release: GridRelease, ip: string, pod = 'tail'): Promise<void> {
  const url = `http://${ip}:7626`;
  await release.startPod(pod, 'parvi', '--url', url, '--json', 'cluster', 'tail');
}

export async function tailed(release: GridRelease, pod = 'tail'): Promise<MemberEvent[]> {
  const lines = (await release.kubectl(['logs', pod])).split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

export const isAbout = (ip: string) => (event: MemberEvent) =>
  event.member?.uniqueAddress.address.includes(`@${ip}:`) === true;

/** When each was first shown as such; 0 before it is. */
export function timeOf(all: readonly MemberEvent[], ip: string, type: string): number {
  const found = all.filter(isAbout(ip)).find((event) => event.type === type);
  return found === undefined ? 0 : Date.parse(found.time);
}
