// What a pod knows of itself: variables that Kubernetes sets, and those that a manifest takes from the downward API.

import { urlHost } from '../runtime/index.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Absent fields were not handed in. */
export interface PodEnvironment {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly ip: string | undefined;
  readonly nodeName: string | undefined;
  /** Origin of the API server, such as `https://10.96.0.1:443`. */
  readonly apiServer: string | undefined;
}

/**
 * Variables by what they say, the first that is set counts. `KUBERNETES_POD_NAME` and `KUBERNETES_NAMESPACE` are those
 * that Pekko Management reads.
 */
export const podVariables = {
  name: ['POD_NAME', 'KUBERNETES_POD_NAME'],
  namespace: ['POD_NAMESPACE', 'KUBERNETES_NAMESPACE', 'NAMESPACE'],
  ip: ['POD_IP'],
  nodeName: ['NODE_NAME'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export function podEnvironment(environment: Environment): PodEnvironment {
  const first = (names: readonly string[]): string | undefined =>
    names
      .map((name) => environment[name]?.trim())
      .find((text) => text !== undefined && text !== '');
  const host = first(['KUBERNETES_SERVICE_HOST']);
  const port = first(['KUBERNETES_SERVICE_PORT_HTTPS', 'KUBERNETES_SERVICE_PORT']) ?? '443';
  return {
    name: first(podVariables.name),
    namespace: first(podVariables.namespace),
    ip: first(podVariables.ip),
    nodeName: first(podVariables.nodeName),
    apiServer: host === undefined ? undefined : `https://${urlHost(host)}:${port}`,
  };
}
