// Which of the targets found are contact points (Pekko `BootstrapCoordinator.selectHosts`). A pod with several ports is
// found several times; one of them is management.

import { type ResolvedTarget, targetKey } from '../discovery/index.ts';

export interface HostSelection {
  /** Empty for none. */
  readonly portName: string;
  readonly filterOnFallbackPort: boolean;
  readonly fallbackPort: number;
}

/** Without doubles, in the order of the first of each. */
export function selectHosts(
  targets: readonly ResolvedTarget[],
  { portName, filterOnFallbackPort, fallbackPort }: HostSelection,
): readonly ResolvedTarget[] {
  const unique = [...new Map(targets.map((each) => [targetKey(each), each])).values()];
  // Who asks by the name of a port gets that port.
  if (portName !== '' || !filterOnFallbackPort) return unique;
  const byHost = Map.groupBy(unique, ({ host }) => host);
  return unique.filter((target) => {
    const ofHost = byHost.get(target.host) ?? [];
    if (ofHost.length === 1 || ofHost.every(({ port }) => port === undefined)) return true;
    return target.port === fallbackPort;
  });
}
