// Pods of a release with what Kubernetes knows of them, and waiting for the cluster and its machines.

import { until } from '../../apps/valuation/test/acceptance/until.ts';
import type { PlacedContainer } from '../kubernetes/own-cluster.ts';
import type { GridRelease } from './release.ts';
import { isAbout, type MemberEvent } from './tail.ts';

interface ContainerState {
  readonly containerID?: string;
  readonly restartCount: number;
  readonly ready: boolean;
  readonly lastState: { readonly terminated?: { readonly exitCode: number } };
}

interface PlacedPods {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly spec: { readonly nodeName?: string };
    readonly status: {
      readonly podIP?: string;
      readonly containerStatuses?: readonly ContainerState[];
    };
  }[];
}

export interface PlacedPod extends PlacedContainer {
  readonly name: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** With which the process before the present one ended. */
  readonly exitCode: number | undefined;
}

/** Pods that are not about to go. */
export async function placed(release: GridRelease, component: string): Promise<PlacedPod[]> {
  const selector = `app.kubernetes.io/instance=grid,app.kubernetes.io/component=${component}`;
  const text = await release.kubectl(['get', 'pods', '-l', selector, '-o', 'json']);
  const { items }: PlacedPods = JSON.parse(text);
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata, spec, status }) => {
      const [state] = status.containerStatuses ?? [];
      return {
        name: metadata.name,
        ip: status.podIP ?? '',
        node: spec.nodeName ?? '',
        container: state?.containerID ?? '',
        ready: state?.ready ?? false,
        restarts: state?.restartCount ?? 0,
        exitCode: state?.lastState.terminated?.exitCode,
      };
    });
}

/** Until all of so many are ready, by Kubernetes and among themselves. */
export async function whole(release: GridRelease, members = 4): Promise<PlacedPod[]> {
  const pods = await until(
    `${members} ready pods`,
    async () => {
      const all = await Promise.all(['controller', 'worker'].map((part) => placed(release, part)));
      const found = all.flat();
      return found.length === members && found.every(({ ready }) => ready) && found;
    },
    { timeoutMs: 240_000, pollMs: 500 },
  );
  const wanted = `up=${members},members=${members},unreachable=0`;
  const words = ['cluster', 'watch', '--until', wanted, '--wait-seconds', '120'];
  await release.onController('parvi', ...words);
  return pods;
}

/** What was shown of the member with this address, in order. */
export function typesOf(all: readonly MemberEvent[], ip: string): string[] {
  return all.filter(isAbout(ip)).map(({ type }) => type);
}

/** Who was missed, or declared gone, among those that are not at this address. */
export function lost(all: readonly MemberEvent[], but = ''): MemberEvent[] {
  const missed = all.filter(({ type }) => type === 'UnreachableMember' || type === 'MemberDowned');
  return missed.filter((event) => !isAbout(but)(event));
}

/** As Kubernetes does it at most: the process gets two seconds all the same. */
export function deleteAtOnce(release: GridRelease, pod: PlacedPod): Promise<string> {
  return release.kubectl(['delete', 'pod', pod.name, '--force', '--grace-period=0']);
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
