// The larger part survives; of two equal parts the one with the lowest address. Survival is decided again counting the
// other side as large as it may have become meanwhile, because two surviving sides are worse than none.

import type { Decision, Strategy } from './decision.ts';
import { indirectlyConnected } from './indirect.ts';
import { type Counting, countedMembers, type SplitBrainView, sideSizes } from './view.ts';

export function keepMajority(role: string | undefined): Strategy {
  return (view) => {
    if (indirectlyConnected(view).size > 0) return { name: 'DownIndirectlyConnected' };
    const { here, there } = sideSizes(view, { role });
    const lowest = lowestOf(view, { role });
    if (lowest === undefined) return { name: 'DownAll' };
    const decision = larger(view, here, there, lowest);
    if (decision.name !== 'DownUnreachable') return decision;
    const again = pessimistic(view, role);
    return again.name === 'DownUnreachable' ? again : { name: 'DownAll' };
  };
}

function pessimistic(view: SplitBrainView, role: string | undefined): Decision {
  const certain: Counting = { role, excludeLeaving: true };
  const lowest = lowestOf(view, certain);
  if (lowest === undefined) return { name: 'DownAll' };
  const { here } = sideSizes(view, certain);
  const { there } = sideSizes(view, { role, possiblyUp: true });
  return larger(view, here, there, lowest);
}

function larger(view: SplitBrainView, here: number, there: number, lowest: string): Decision {
  const keep = here === there ? !view.unreachable.has(lowest) : here > there;
  return { name: keep ? 'DownUnreachable' : 'DownReachable' };
}

function lowestOf(view: SplitBrainView, counting: Counting): string | undefined {
  return countedMembers(view, counting)[0]?.node.key;
}
