// The port to service discovery: a name goes in, targets come out. How they are found is the affair of each method.

import type { ResolvedTarget } from './target.ts';

export interface ServiceQuery {
  readonly serviceName: string;
  /** Which of the ports of the service; each method says what it makes of it. Absent or empty: none is asked for. */
  readonly portName?: string | undefined;
  /** `tcp` or `udp`; DNS asks by it. */
  readonly protocol?: string | undefined;
}

/** Finds the nodes of a service. */
export interface ServiceDiscovery {
  /** For logs: which method this is, and where it looks. */
  readonly name: string;
  /**
   * Resolves with all targets known now, none when there are none.
   *
   * @throws DiscoveryError as a rejection, also when there is no answer within `limitMs`
   */
  lookup(query: ServiceQuery, limitMs: number): Promise<readonly ResolvedTarget[]>;
}
