// The strategy that the settings name.

import type { Strategy } from './decision.ts';
import { keepMajority } from './keep-majority.ts';
import { keepOldest } from './keep-oldest.ts';
import { leaseMajority } from './lease-majority.ts';
import type { StrategySettings } from './settings.ts';
import { staticQuorum } from './static-quorum.ts';

export function strategyOf(settings: StrategySettings): Strategy {
  switch (settings.name) {
    case 'keep-majority':
      return keepMajority(settings.role);
    case 'static-quorum':
      return staticQuorum(settings.quorumSize, settings.role);
    case 'keep-oldest':
      return keepOldest(settings);
    case 'lease-majority':
      return leaseMajority(settings.acquireDelayForMinorityMs, settings.role);
    case 'down-all':
      return () => ({ name: 'DownAll' });
  }
}
