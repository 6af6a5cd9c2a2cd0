// The moment a node learns that it is Exiting.

import type { MembershipState } from './membership-state.ts';
import type { Turn } from './turn.ts';

/** Hides newer gossip from the leader until the work of an exiting node is done, and starts that work. */
export function beginExiting(state: MembershipState, turn: Turn): MembershipState {
  turn.log('info', 'Exiting, starting coordinated shutdown');
  turn.effects.push({ type: 'runCoordinatedShutdown', reason: 'ClusterLeaving' });
  return { ...state, exitingInProgress: true };
}
