// What would keep a node from starting on this machine, though its options may be right for another.

import { checkNodeVersion } from './actor/index.ts';
import { takesLease } from './check-start.ts';
import type { PlanPorts } from './planned-node.ts';
import { nodeVersion, ParviError } from './runtime/index.ts';
import { given, type StartOptions } from './start-options.ts';

/** Of the version of Node that runs this. */
export function nodeProblem(version = nodeVersion): string | undefined {
  try {
    checkNodeVersion(version);
    return undefined;
  } catch (error) {
    if (error instanceof ParviError) return error.message;
    throw error;
  }
}

/**
 * Of a node that wants something of Kubernetes, where there is none.
 *
 * @throws KubernetesError `KUBERNETES_OPTION_INVALID`, as a rejection
 */
export async function kubernetesProblem(
  { cluster, kubernetes }: StartOptions,
  ports: PlanPorts,
): Promise<string | undefined> {
  const options = given(kubernetes ?? {});
  const { podDeletionCost, appVersionFromRevision } = options;
  const needsLease = cluster !== undefined && takesLease(cluster, options);
  if (!needsLease && !podDeletionCost && !appVersionFromRevision) return undefined;
  const { hasCode, kubernetesApi } = await import('./kubernetes/index.ts');
  try {
    kubernetesApi(options, ports);
    return undefined;
  } catch (error) {
    if (hasCode(error, 'KUBERNETES_NOT_IN_CLUSTER')) return (error as Error).message;
    throw error;
  }
}
