// Turns suspicion into reachability: members whose detector has tripped are marked unreachable, and reachable again
// when they are heard of (Pekko `reapUnreachableMembers`).

import { isAvailable } from '../remote/index.ts';
import type { Member } from './member.ts';
import { type MembershipState, withOwnChange } from './membership-state.ts';
import type { Turn } from './turn.ts';

export function reapUnreachable(state: MembershipState, turn: Turn): MembershipState {
  const { gossip, self } = state;
  if (gossip.members.size <= 1) return state;
  const lost: Member[] = [];
  const found: Member[] = [];
  const { isAllReachable } = gossip.reachability;
  for (const [key, member] of gossip.members) {
    if (key === self.key) continue;
    const status = isAllReachable ? 'Reachable' : gossip.reachability.statusBy(self.key, key);
    const available = isAvailable(
      state.detectors.get(member.node.addressKey),
      turn.nowMs,
      state.settings.heartbeat.detector,
    );
    if (status === 'Reachable' && !available) lost.push(member);
    else if (status === 'Unreachable' && available) found.push(member);
  }
  if (lost.length === 0 && found.length === 0) return state;
  let { reachability } = gossip;
  for (const { node } of lost) reachability = reachability.unreachable(self.key, node.key);
  for (const { node } of found) reachability = reachability.reachable(self.key, node.key);
  if (lost.length > 0) turn.log('warn', `Marking node(s) as UNREACHABLE [${describe(lost)}]`);
  if (found.length > 0) turn.log('info', `Marking node(s) as REACHABLE [${describe(found)}]`);
  return withOwnChange(state, { ...gossip, reachability });
}

function describe(members: readonly Member[]): string {
  return members
    .map(({ node, status, roles }) => `${node.addressKey} (${status}, ${roles.join(' ')})`)
    .join(', ');
}
