// The end of the cluster part of a node: what was published is taken back, and, unless it is already under way, the
// whole actor system shuts down.

import { emptyGossip } from './gossip.ts';
import type { MembershipState } from './membership-state.ts';
import { publishChanges } from './publishing.ts';
import type { Turn } from './turn.ts';

export function shutdownCluster(state: MembershipState, turn: Turn): MembershipState {
  if (state.phase.name === 'stopped') return state;
  turn.log('info', 'Shutting down...');
  let next = publishChanges(state, turn);
  turn.effects.push({ type: 'publish', event: { type: 'ClusterShuttingDown' } });
  next = { ...next, phase: { name: 'stopped' }, seedProcess: undefined, gossip: emptyGossip };
  next = publishChanges(next, turn);
  turn.log('info', 'Successfully shut down');
  turn.effects.push({ type: 'stopped' });
  if (state.settings.shutdownWhenDown) {
    turn.effects.push({ type: 'runCoordinatedShutdown', reason: 'ClusterDowning' });
  }
  return next;
}
