// What can be known to be wrong with the options of a node before anything of it is started. A start begins with it, and
// commands that check a configuration do no more than this.

import { actorSettings } from './actor/index.ts';
import { type ClusterOptions, clusterSettings } from './cluster/index.ts';
import type { KubernetesOptions } from './kubernetes/index.ts';
import { checkRemotingOptions, defaultPort } from './remote/index.ts';
import { checkStartOptions, given, type StartOptions } from './start-options.ts';

export const hostDefault = '127.0.0.1';

/**
 * Each part checks its own options; parts that are not wanted are not loaded.
 *
 * @throws ParviError for which `isOptionError` holds, as a rejection
 */
export async function checkStart(options: StartOptions): Promise<void> {
  checkStartOptions(options);
  const { name, askTimeout, deadLetters, remote, cluster, management, bootstrap } = options;
  actorSettings({ name, ...given({ askTimeout, deadLetters }) });
  if (remote !== undefined || cluster !== undefined) {
    const { limits = {}, ...network } = given(remote ?? {});
    checkRemotingOptions({ host: hostDefault, ...network, limits: given(limits) });
  }
  if (cluster !== undefined) checkCluster(options, given(cluster));
  if (management !== undefined) {
    const { checkManagementOptions } = await import('./management/index.ts');
    checkManagementOptions(management);
  }
  if (bootstrap !== undefined) {
    const { checkBootstrap } = await import('./start-bootstrap.ts');
    await checkBootstrap(given(bootstrap), options);
  }
}

/** Whether the cluster decides by a lease that Kubernetes is to keep. */
export function takesLease(
  { splitBrain }: ClusterOptions,
  { lease }: Pick<KubernetesOptions, 'lease'>,
): boolean {
  return (
    typeof splitBrain === 'object' &&
    splitBrain.strategy === 'lease-majority' &&
    splitBrain.lease === undefined &&
    lease !== undefined
  );
}

/** Stands for a lease that is made later. */
const leaseToCome = { acquire: async () => false, release: async () => false };

function checkCluster({ name, remote, kubernetes }: StartOptions, cluster: ClusterOptions): void {
  const { splitBrain } = cluster;
  const isLeased = takesLease(cluster, given(kubernetes ?? {})) && typeof splitBrain === 'object';
  clusterSettings(
    isLeased ? { ...cluster, splitBrain: { ...splitBrain, lease: leaseToCome } } : cluster,
    {
      protocol: remote?.protocol ?? 'pekko',
      system: name,
      port: remote?.port ?? defaultPort,
    },
  );
}
