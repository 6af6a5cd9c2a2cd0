// The part with the oldest member survives, unless that member is all alone against several others.

import type { Decision, Strategy } from './decision.ts';
import { indirectlyConnected } from './indirect.ts';
import { type Counting, countedByAge, type SplitBrainView, sideSizes } from './view.ts';

export interface KeepOldestOptions {
  readonly downIfAlone: boolean;
  readonly role?: string | undefined;
}

export function keepOldest(options: KeepOldestOptions): Strategy {
  const { downIfAlone, role } = options;
  return (view) => {
    if (indirectlyConnected(view).size > 0) return { name: 'DownIndirectlyConnected' };
    const decision = decide(view, downIfAlone, { role }, { role });
    if (decision.name !== 'DownUnreachable') return decision;
    // Leaving members may be gone over there; joining ones matter only to the question who is alone.
    const certain: Counting = { role, excludeLeaving: true };
    const again = decide(view, downIfAlone, certain, { ...certain, possiblyUp: downIfAlone });
    return again.name === 'DownUnreachable' ? again : { name: 'DownAll' };
  };
}

function decide(
  view: SplitBrainView,
  downIfAlone: boolean,
  forOldest: Counting,
  forSizes: Counting,
): Decision {
  const oldest = countedByAge(view, forOldest)[0];
  if (oldest === undefined) return { name: 'DownAll' };
  const { here, there } = sideSizes(view, forSizes);
  const isHere = !view.unreachable.has(oldest.node.key);
  const [side, otherSide] = isHere ? [here, there] : [there, here];
  const alone = downIfAlone && side === 1 && otherSide >= 2;
  return { name: isHere !== alone ? 'DownUnreachable' : 'DownReachable' };
}
