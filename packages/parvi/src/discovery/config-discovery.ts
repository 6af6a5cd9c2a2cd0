// Discovery by a list that is written down: answers at once and always the same, whether the nodes run or not.

import { bareHost } from '../runtime/index.ts';
import type { ServiceDiscovery } from './discovery.ts';
import { DiscoveryError } from './errors.ts';
import type { ResolvedTarget } from './target.ts';

export interface ConfigDiscoveryOptions {
  /** `host`, `host:port`, `[::1]:port`. */
  readonly endpoints: readonly string[];
}

/**
 * The same endpoints for every service. As with Pekko's config discovery their IP addresses are not told, so they rank by
 * the text of their hosts: all nodes must spell them alike.
 *
 * @throws DiscoveryError `DISCOVERY_OPTION_INVALID`
 */
export function configDiscovery({ endpoints }: ConfigDiscoveryOptions): ServiceDiscovery {
  const targets = endpoints.map(endpointTarget);
  return { name: 'config', lookup: () => Promise.resolve(targets) };
}

function endpointTarget(endpoint: string): ResolvedTarget {
  const match = /^(\[[^\]]+\]|[^:\s[\]]+)(?::(\d{1,5}))?$/.exec(endpoint.trim());
  const [, host, digits] = match ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) {
    throw new DiscoveryError(
      'DISCOVERY_OPTION_INVALID',
      `Cannot use "${endpoint}" as an endpoint of discovery: write host:port or host, such as "10.0.0.5:7626" or "[fd00::5]:7626"`,
      { fields: { endpoint } },
    );
  }
  return { host: bareHost(host), port, ip: undefined };
}
