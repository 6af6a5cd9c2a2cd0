// Which of the targets found are contact points (Pekko `BootstrapCoordinator.selectHosts`). A pod with several ports is
// found several times; one of them is management.

import { type ResolvedTarget, targetKey } from '../discovery/index.ts';

export interface HostSelection {
  /** Empty for none. */
  readonly portName: string;
  readonly filterOnFallbackPort: boolean;
  readonly fallbackPort: number;
}

/** Each once, in the order of the first. */
export function uniqueTargets(targets: readonly ResolvedTarget[]): readonly ResolvedTarget[] {
  return [...new Map(targets.map((each) => [targetKey(each), each])).values()];
}

/** Those of unique targets that are contact points. */
export function selectHosts(
  unique: readonly ResolvedTarget[],
  { portName, filterOnFallbackPort, fallbackPort }: HostSelection,
): readonly ResolvedTarget[] {
  // Who asks by the name of a port gets that port.
  if (portName !== '' || !filterOnFallbackPort) return unique;
  const byHost = Map.groupBy(unique, ({ host }) => host);
  return unique.filter((target) => {
    const ofHost = byHost.get(target.host) ?? [];
    if (ofHost.length === 1 || ofHost.every(({ port }) => port === undefined)) return true;
    return target.port === fallbackPort;
  });
}
