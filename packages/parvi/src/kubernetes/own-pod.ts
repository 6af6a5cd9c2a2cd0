// The pod that this node runs in, as the API server addresses it.

import { type Environment, podEnvironment, podVariables } from './environment.ts';
import { KubernetesError } from './errors.ts';
import type { KubernetesOptions } from './options.ts';

/** @throws KubernetesError `KUBERNETES_POD_UNKNOWN` */
export function ownPodName(
  options: Pick<KubernetesOptions, 'podName'>,
  environment: Environment,
): string {
  const name = options.podName ?? podEnvironment(environment).name;
  if (name !== undefined) return name;
  throw new KubernetesError(
    'KUBERNETES_POD_UNKNOWN',
    `Cannot find out which pod this is: none of ${podVariables.name.join(', ')} is set; hand one in with fieldRef metadata.name, or set kubernetes.podName`,
  );
}

export function podPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
}
