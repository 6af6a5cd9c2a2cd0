// Bootstrap of a node, started after its management: loaded only where it is wanted, and refused at once where it cannot
// work.

import type { ActorSystem } from './actor/index.ts';
import type { BootstrapOptions } from './bootstrap/index.ts';
import type { DiscoveryOptions, DiscoveryPorts, ServiceDiscovery } from './discovery/index.ts';
import type { KubernetesOptions } from './kubernetes/index.ts';
import { systemProcess } from './runtime/index.ts';
import type { StartOptions } from './start-options.ts';

/** Takes the address of the node's management, and has the node look for a cluster. */
export type StartBootstrapping = (system: ActorSystem, managementUrl: string) => Promise<void>;

/**
 * What can be known to be wrong before anything is started.
 *
 * @throws BootstrapError `BOOTSTRAP_INCOMPLETE`, `BOOTSTRAP_OPTION_INVALID`; DiscoveryError `DISCOVERY_OPTION_INVALID`;
 * as rejections
 */
export async function checkBootstrap(
  options: BootstrapOptions,
  { name, cluster, management, discovery }: StartOptions,
): Promise<void> {
  const { BootstrapError, bootstrapSettings } = await import('./bootstrap/index.ts');
  const missing = Object.entries({ cluster, management, discovery })
    .filter(([, part]) => part === undefined)
    .map(([part]) => part);
  if (missing.length > 0 || discovery === undefined) {
    throw new BootstrapError(
      'BOOTSTRAP_INCOMPLETE',
      `Cannot bootstrap without ${missing.join(' and ')}: the node needs a cluster to join, management for others to ask (management.enabled in a configuration), and discovery to find them; give these options too`,
      { fields: { missing } },
    );
  }
  bootstrapSettings(options, { system: name, managementPort: 1 });
  const { checkDiscoveryOptions } = await import('./discovery/index.ts');
  if (!isDiscovery(discovery)) checkDiscoveryOptions(discovery);
}

/** For options that {@link checkBootstrap} has nothing against. */
export async function loadBootstrap(
  options: BootstrapOptions,
  discovery: DiscoveryOptions | ServiceDiscovery,
  kubernetes: KubernetesOptions | undefined,
): Promise<StartBootstrapping> {
  const parts = await import('./bootstrap/index.ts');
  return async (system, managementUrl) => {
    if (parts.joinsBySeedNodes(system)) return;
    const { runtime, log } = system;
    const { environment } = systemProcess;
    const opened = await openedDiscovery({ discovery, kubernetes }, { runtime, log, environment });
    const self = parts.contactPointOfUrl(managementUrl);
    await parts.startBootstrap(system, { ...options, discovery: opened, self });
  };
}

function isDiscovery(
  discovery: DiscoveryOptions | ServiceDiscovery,
): discovery is ServiceDiscovery {
  return 'lookup' in discovery;
}

interface Discovering {
  readonly discovery: DiscoveryOptions | ServiceDiscovery;
  readonly kubernetes: KubernetesOptions | undefined;
}

/** The discovery that is given, or the one that the options describe. */
export async function openedDiscovery(
  { discovery, kubernetes }: Discovering,
  ports: Omit<DiscoveryPorts, 'kubernetes'>,
): Promise<ServiceDiscovery> {
  if (isDiscovery(discovery)) return discovery;
  const { openDiscovery } = await import('./discovery/index.ts');
  // What else is taken from Kubernetes does not concern how it is asked.
  const { lease: _, ...ofApi } = kubernetes ?? {};
  return openDiscovery(discovery, { ...ports, kubernetes: ofApi });
}
