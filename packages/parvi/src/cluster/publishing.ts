// Tells the world, and the parts of this node that live on events (heartbeats, split-brain resolver, quarantine of
// those who are gone), what has changed since it was told last.

import { eventsBetween } from './events.ts';
import { heartbeatsAfter } from './heartbeat-sender.ts';
import { LocalView } from './local-view.ts';
import type { MembershipState } from './membership-state.ts';
import { removedNodesAfter } from './removed-nodes.ts';
import { resolverAfter } from './split-brain/resolver.ts';
import type { Turn } from './turn.ts';

export function publishChanges(state: MembershipState, turn: Turn): MembershipState {
  if (state.gossip === state.published.gossip) return state;
  const view = new LocalView(state.gossip, state.at, state.published);
  const events = eventsBetween(state.published, view);
  let next = heartbeatsAfter({ ...state, published: view }, events, turn);
  for (const event of events) {
    turn.effects.push({ type: 'publish', event });
    if (event.type === 'LeaderChanged') logLeader(state, event.leader?.key, turn);
    next = removedNodesAfter(next, event, turn);
  }
  if (next.resolver === undefined) return next;
  return { ...next, resolver: resolverAfter(next.resolver, events, turn) };
}

function logLeader(state: MembershipState, leader: string | undefined, turn: Turn): void {
  if (leader === state.self.key) turn.log('info', 'is the new leader among reachable nodes');
  else if (state.published.leader?.key === state.self.key) turn.log('info', 'is no longer leader');
}
