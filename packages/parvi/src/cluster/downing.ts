// A member is declared gone for good: by an operator, by the split-brain resolver, or by a new incarnation at its
// address. It is told, so that it ends itself, and the others agree before it is removed.

import { type Address, addressText } from '../wire/index.ts';
import { markDown, memberAt } from './gossip.ts';
import { gossipFullyTo, gossipFullyToRandom } from './gossip-sending.ts';
import { type MembershipState, withOwnChange } from './membership-state.ts';
import type { ClusterNode, NodeKey } from './node.ts';
import { publishChanges } from './publishing.ts';
import type { Turn } from './turn.ts';

export function downing(state: MembershipState, address: Address, turn: Turn): MembershipState {
  return downingOf(state, [address], turn);
}

/**
 * Downs all of them before any is told: who hears of its end hears of the others' too, and says with its last words that it
 * has seen all. Told one by one, the first would be gone before it could see the rest, and those would wait for it.
 */
export function downingOf(
  state: MembershipState,
  addresses: readonly Address[],
  turn: Turn,
): MembershipState {
  let next = state;
  const downed: ClusterNode[] = [];
  for (const address of addresses) {
    const before = next;
    next = markedDown(next, address, turn);
    const member = memberAt(next.gossip, addressText(address));
    if (next !== before && member !== undefined) downed.push(member.node);
  }
  for (const node of downed) {
    if (node.key === state.self.key) gossipFullyToRandom(next, turn);
    else gossipFullyTo(next, node, turn);
  }
  return next;
}

function markedDown(state: MembershipState, address: Address, turn: Turn): MembershipState {
  const key = addressText(address);
  const member = memberAt(state.gossip, key);
  if (member === undefined) {
    turn.log('info', `Ignoring down of unknown node [${key}]`);
    return state;
  }
  if (member.status === 'Down') return state;
  const isReachable = state.gossip.reachability.isReachable(member.node.key);
  turn.log('info', `Marking ${isReachable ? '' : 'unreachable '}node [${key}] as [Down]`);
  return publishChanges(withOwnChange(state, markDown(state.gossip, member)), turn);
}

/** This node has broken off relations with the other for good: for it, that node will never be reachable again. */
export function markTerminated(state: MembershipState, node: NodeKey, turn: Turn): MembershipState {
  const member = state.gossip.members.get(node);
  if (member === undefined || node === state.self.key) return state;
  const reachability = state.gossip.reachability.terminated(state.self.key, node);
  if (reachability === state.gossip.reachability) return state;
  turn.log(
    'warn',
    `Marking node as TERMINATED [${member.node.key}], due to quarantine. Node roles [${member.roles.join(', ')}]. It must still be marked as down before it's removed`,
  );
  return withOwnChange(state, { ...state.gossip, reachability });
}
