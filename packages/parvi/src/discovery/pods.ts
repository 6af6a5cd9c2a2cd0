// Pods as the Kubernetes API lists them, and where their nodes answer. The rules are those of Pekko's discovery: running,
// not on the way out, with an address, the named container started. Readiness plays no part.

import { z } from 'zod';
import type { ResolvedTarget } from './target.ts';

/** As much of a pod as is looked at; the rest may be as it likes. */
const podSchema = z.object({
  metadata: z
    .object({ name: z.string().optional(), deletionTimestamp: z.string().optional() })
    .optional(),
  spec: z
    .object({
      containers: z.array(
        z.object({
          ports: z
            .array(z.object({ name: z.string().optional(), containerPort: z.int() }))
            .nullish(),
        }),
      ),
    })
    .optional(),
  status: z
    .object({
      phase: z.string().optional(),
      podIP: z.string().optional(),
      containerStatuses: z
        .array(z.object({ name: z.string(), state: z.record(z.string(), z.unknown()).optional() }))
        .nullish(),
    })
    .optional(),
});

export const podListSchema = z.object({ items: z.array(podSchema).nullish() });

export type Pod = z.output<typeof podSchema>;

export interface PodRules {
  readonly portName: string | undefined;
  readonly namespace: string;
  /** Of the names that pods have by their address, such as `cluster.local`. */
  readonly podDomain: string;
  /** The address itself as host, instead of a name made from it. */
  readonly useRawIp: boolean;
  /** A container that must have started; none when absent or empty. */
  readonly containerName: string | undefined;
}

/** One target for each pod, or for each of its ports of that name. */
export function podTargets(pods: readonly Pod[], rules: PodRules): ResolvedTarget[] {
  return pods.flatMap((pod) => {
    const ip = pod.status?.podIP ?? '';
    if (!isUsable(pod, rules) || ip === '') return [];
    const host = rules.useRawIp ? ip : podHost(ip, rules);
    return portsOf(pod, rules.portName).map((port) => ({ host, port, ip }));
  });
}

/** A name that the cluster's DNS resolves; IPv6 addresses are left as they are, as in Pekko: use raw ones there. */
function podHost(ip: string, { namespace, podDomain }: PodRules): string {
  return `${ip.replaceAll('.', '-')}.${namespace}.pod.${podDomain}`;
}

function isUsable(pod: Pod, { containerName = '' }: PodRules): boolean {
  if (pod.metadata?.deletionTimestamp !== undefined) return false;
  if (pod.spec === undefined || pod.status?.phase !== 'Running') return false;
  if (containerName === '') return true;
  const container = pod.status.containerStatuses?.find(({ name }) => name === containerName);
  return container !== undefined && !('waiting' in (container.state ?? {}));
}

function portsOf(pod: Pod, portName = ''): readonly (number | undefined)[] {
  if (portName === '') return [undefined];
  return (pod.spec?.containers ?? [])
    .flatMap(({ ports }) => ports ?? [])
    .filter(({ name }) => name === portName)
    .map(({ containerPort }) => containerPort);
}

/** Names of the ports that pods do have, for who has looked for another. */
export function portNamesOf(pods: readonly Pod[]): string[] {
  const names = pods
    .flatMap((pod) => pod.spec?.containers ?? [])
    .flatMap(({ ports }) => ports ?? [])
    .flatMap(({ name }) => name ?? []);
  return [...new Set(names)].sort();
}
