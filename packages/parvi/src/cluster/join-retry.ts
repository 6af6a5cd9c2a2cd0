// A join that gets no Welcome is repeated, begun again, and at last given up; one whose contact dies before it told
// anybody is begun again with another member.

import { randomPick } from '../runtime/index.ts';
import { addressText } from '../wire/index.ts';
import { randomTargets } from './gossip-targets.ts';
import { joinTo, sendJoin } from './joining.ts';
import type { Member } from './member.ts';
import { type MembershipState, selfStatus } from './membership-state.ts';
import type { NodeKey } from './node.ts';
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

const unheardMs = 5000;

/** Whether a member is one of those that the cluster knows for certain, unlike one that may be a stranger itself. */
const isAdmitted = ({ status }: Member): boolean => status !== 'Joining';

/** A member has gossiped to this node, so somebody knows of it. Another that joins says nothing of the cluster. */
export function heardFrom(state: MembershipState, key: NodeKey): MembershipState {
  if (state.unheardSinceMs === undefined) return state;
  const { members } = state.gossip;
  const from = members.get(key);
  const hasNews =
    (from !== undefined && isAdmitted(from)) || ![...members.values()].some(isAdmitted);
  return hasNews ? { ...state, unheardSinceMs: undefined } : state;
}

/**
 * A member that was welcomed but of which nobody seems to have heard asks another member for admission: its contact
 * may have died with the news, and everybody else ignores the gossip of a stranger. Known members are welcomed again,
 * which changes nothing. Pekko's joining nodes wait for ever there.
 */
export function askAnotherWhenUnheard(state: MembershipState, turn: Turn): MembershipState {
  const { unheardSinceMs } = state;
  if (unheardSinceMs === undefined || turn.nowMs - unheardSinceMs < unheardMs) return state;
  const all = randomTargets(state, state.gossip.members.size, turn.random);
  const admitted = all.filter(isAdmitted);
  const targets = admitted.length > 0 ? admitted : all;
  if (selfStatus(state) !== 'Joining' || targets.length === 0) {
    return { ...state, unheardSinceMs: undefined };
  }
  sendJoin(state, randomPick(turn.random, targets).node.address, turn);
  return { ...state, unheardSinceMs: turn.nowMs };
}

/** Told by a node that this one wants to join that it has been banned: only a new incarnation can get in. */
export function bannedWhileJoining(
  state: MembershipState,
  by: NodeKey,
  turn: Turn,
): MembershipState {
  const asked = state.phase.name === 'tryingToJoin' ? [state.phase.address] : [];
  const candidates = [...asked, ...state.seedNodes].map(addressText);
  if (!candidates.some((address) => by.startsWith(`${address}#`))) return state;
  turn.log('error', `[${by}] has quarantined this node, it cannot join any more. Shutting down`);
  turn.effects.push({ type: 'runCoordinatedShutdown', reason: 'ClusterJoinUnsuccessful' });
  return state;
}
