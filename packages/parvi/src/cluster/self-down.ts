// A node that is Down ends itself, but not before the other downed ones had a chance to hear that they are.

import { membersOfDataCenter, reachabilityWithin } from './convergence.ts';
import { gossipFullyToRandom } from './gossip-sending.ts';
import { type MembershipState, selfStatus } from './membership-state.ts';
import { shutdownCluster } from './stopping.ts';
import type { Turn } from './turn.ts';

const ticksMax = 4;

export function shutdownSelfWhenDown(state: MembershipState, turn: Turn): MembershipState {
  if (selfStatus(state) !== 'Down') return state;
  const { dataCenter } = state.at;
  const reachability = reachabilityWithin(state.gossip, dataCenter);
  const allDownKnow = membersOfDataCenter(state.gossip, dataCenter).every(
    ({ status, node }) =>
      status !== 'Down' || !reachability.isReachable(node.key) || state.gossip.seen.has(node.key),
  );
  if (!allDownKnow && state.selfDownTicks < ticksMax) {
    return { ...state, selfDownTicks: state.selfDownTicks + 1 };
  }
  turn.log('info', 'Node has been marked as DOWN. Shutting down myself');
  gossipFullyToRandom(state, turn);
  return shutdownCluster(state, turn);
}
