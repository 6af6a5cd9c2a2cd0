// A join that gets no Welcome is repeated, begun again, and at last given up.

import { addressText } from '../wire/index.ts';
import { joinTo, sendJoin } from './joining.ts';
import type { MembershipState } from './membership-state.ts';
import { joinSeedNodes } from './seed-process.ts';
import type { Turn } from './turn.ts';

/** While trying: repeats the request, and starts over when it took too long. Called on every tick. */
export function retryJoin(state: MembershipState, turn: Turn): MembershipState {
  if (state.joinDeadlineMs !== undefined && turn.nowMs >= state.joinDeadlineMs) {
    turn.log(
      'warn',
      `Joining of seed-nodes [${state.seedNodes.map(addressText).join(', ')}] was unsuccessful. Running CoordinatedShutdown`,
    );
    turn.effects.push({ type: 'runCoordinatedShutdown', reason: 'ClusterJoinUnsuccessful' });
    return { ...state, joinDeadlineMs: undefined };
  }
  const { phase } = state;
  if (phase.name !== 'tryingToJoin') return state;
  if (phase.deadlineMs !== undefined && turn.nowMs >= phase.deadlineMs) {
    const again: MembershipState = { ...state, phase: { name: 'uninitialized' } };
    if (state.seedNodes.length > 0) return joinSeedNodes(again, state.seedNodes, turn);
    return joinTo(again, phase.address, turn);
  }
  if (turn.nowMs < phase.repeatAtMs) return state;
  sendJoin(state, phase.address, turn);
  const repeatAtMs = turn.nowMs + state.settings.joinRetryMs;
  return { ...state, phase: { ...phase, repeatAtMs } };
}
