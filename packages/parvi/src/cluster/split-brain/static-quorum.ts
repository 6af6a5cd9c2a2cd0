// The part with at least a fixed number of members survives. More members than two quorums could share would let two
// parts survive, so then everybody goes down.

import type { Strategy } from './decision.ts';
import { indirectlyConnected } from './indirect.ts';
import { sideSizes } from './view.ts';

export function staticQuorum(quorumSize: number, role: string | undefined): Strategy {
  return (view) => {
    const { here, there } = sideSizes(view, { role });
    if (here + there > 2 * quorumSize - 1) return { name: 'DownAll' };
    if (indirectlyConnected(view).size > 0) return { name: 'DownIndirectlyConnected' };
    return { name: here >= quorumSize ? 'DownUnreachable' : 'DownReachable' };
  };
}
