// Several methods in turn: the first that finds anything is believed (Pekko `AggregateServiceDiscovery`).

import { errorLine } from '../runtime/index.ts';
import type { ServiceDiscovery, ServiceQuery } from './discovery.ts';
import { DiscoveryError } from './errors.ts';
import type { ResolvedTarget } from './target.ts';

/**
 * Asks the methods in order; the next one when the one before failed or found nothing. Nothing at all is an empty answer
 * when no method failed. Each may take the whole time limit.
 */
export function aggregateDiscovery(methods: readonly ServiceDiscovery[]): ServiceDiscovery {
  const name = `aggregate of ${methods.map((method) => method.name).join(', ')}`;
  return { name, lookup: (query, limitMs) => lookupInTurn(methods, query, limitMs) };
}

async function lookupInTurn(
  methods: readonly ServiceDiscovery[],
  query: ServiceQuery,
  limitMs: number,
): Promise<readonly ResolvedTarget[]> {
  const failures: string[] = [];
  let cause: unknown;
  for (const method of methods) {
    try {
      const targets = await method.lookup(query, limitMs);
      if (targets.length > 0) return targets;
    } catch (error) {
      cause = error;
      failures.push(`${method.name}: ${errorLine(error)}`);
    }
  }
  if (failures.length === 0) return [];
  throw new DiscoveryError(
    'DISCOVERY_ALL_FAILED',
    `Cannot find nodes of the service "${query.serviceName}" by any method: ${failures.join('; ')}`,
    { fields: { serviceName: query.serviceName }, cause },
  );
}
