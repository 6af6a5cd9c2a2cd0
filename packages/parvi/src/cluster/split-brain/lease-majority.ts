// The part that gets hold of a lease survives; the smaller part waits before it tries, so that the larger one wins if
// it is alive at all.

import type { Strategy } from './decision.ts';
import { indirectlyConnected } from './indirect.ts';
import { countedMembers, type SplitBrainView } from './view.ts';

export function leaseMajority(delayForMinorityMs: number, role: string | undefined): Strategy {
  return (view) => {
    if (indirectlyConnected(view).size > 0) {
      return { name: 'DownIndirectlyConnected', lease: { delayMs: 0 } };
    }
    const delayMs = isMinority(view, role) ? delayForMinorityMs : 0;
    return { name: 'DownUnreachable', lease: { delayMs } };
  };
}

function isMinority(view: SplitBrainView, role: string | undefined): boolean {
  const counted = countedMembers(view, { role });
  const lowest = counted[0];
  if (lowest === undefined) return false;
  const isUnreachable = (key: string): boolean => view.unreachable.has(key);
  const there = counted.filter((member) => isUnreachable(member.node.key)).length;
  if (there * 2 === counted.length) return isUnreachable(lowest.node.key);
  return there * 2 > counted.length;
}
