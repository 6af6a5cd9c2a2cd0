// The state machine of one cluster member: takes an input, hands it to the mechanism that knows it, and returns the
// next state and what has to be done. No I/O, no timers; the production shell and the simulator run this same function.

import { assert } from '../runtime/index.ts';
import { downing, markTerminated } from './downing.ts';
import { prepareForFullShutdown } from './full-shutdown.ts';
import { receiveEnvelope, receiveStatus } from './gossip-exchange.ts';
import { gossipRound, gossipTick, needsSpeedup } from './gossip-sending.ts';
import {
  expectedHeartbeat,
  heartbeatTick,
  receiveHeartbeat,
  receiveHeartbeatResponse,
} from './heartbeat-sender.ts';
import { askAnotherWhenUnheard, bannedWhileJoining, retryJoin } from './join-retry.ts';
import { joinTo, receiveInitJoin, receiveJoin, receiveWelcome } from './joining.ts';
import { leaderTick } from './leader-actions.ts';
import { exitingCompleted, leaving, receiveExitingConfirmed } from './leaving.ts';
import type { MembershipState } from './membership-state.ts';
import type { ClusterInput } from './protocol.ts';
import { publishChanges } from './publishing.ts';
import { reapUnreachable } from './reaper.ts';
import { delayedQuarantine } from './removed-nodes.ts';
import {
  joinSeedNodes,
  receiveInitJoinAck,
  receiveInitJoinNack,
  seedProcessTick,
} from './seed-process.ts';
import { resolveSplitBrain } from './split-brain/acting.ts';
import { shutdownCluster } from './stopping.ts';
import { type Effect, type Moment, Turn } from './turn.ts';

export interface Step {
  readonly state: MembershipState;
  readonly effects: readonly Effect[];
}

/** The state after the input, and the effects in the order in which they have to be done. */
export function step(state: MembershipState, input: ClusterInput, moment: Moment): Step {
  if (state.phase.name === 'stopped') return { state, effects: [] };
  const turn = new Turn(moment, state.self);
  const next = publishChanges(handle(state, input, turn), turn);
  return { state: next, effects: turn.effects };
}

function handle(state: MembershipState, input: ClusterInput, turn: Turn): MembershipState {
  switch (input.type) {
    case 'start':
      return start(state, turn);
    case 'message':
      return receive(state, input, turn);
    case 'joinTo':
      return mayJoin(state, turn) ? joinTo(state, input.address, turn) : state;
    case 'joinSeedNodes':
      return mayJoin(state, turn) ? beginSeedJoin(state, input.addresses, turn) : state;
    case 'stop':
      return shutdownCluster(state, turn);
    case 'exitingCompleted':
      return exitingCompleted(state, turn);
    case 'seedProcessTick':
      return seedProcessTick(state, input.process, turn);
    default:
      return input.type.endsWith('Tick') ? tick(state, input, turn) : asMember(state, input, turn);
  }
}

function start(state: MembershipState, turn: Turn): MembershipState {
  const { settings } = state;
  const first = (intervalMs: number): number => Math.max(settings.initialDelayMs, intervalMs);
  turn.schedule(first(settings.gossipIntervalMs), { type: 'gossipTick' });
  turn.schedule(first(settings.reaperIntervalMs), { type: 'reaperTick' });
  turn.schedule(first(settings.leaderActionsIntervalMs), { type: 'leaderTick' });
  turn.schedule(first(settings.heartbeat.intervalMs), { type: 'heartbeatTick' });
  if (settings.splitBrain !== undefined) {
    turn.schedule(settings.splitBrain.tickMs, { type: 'splitBrainTick' });
  }
  // Bootstrap, or the application, has this node join.
  return settings.seedNodes.length === 0 ? state : beginSeedJoin(state, settings.seedNodes, turn);
}

function beginSeedJoin(
  state: MembershipState,
  addresses: MembershipState['seedNodes'],
  turn: Turn,
): MembershipState {
  const limitMs = state.settings.shutdownAfterUnsuccessfulJoinMs;
  const joinDeadlineMs =
    limitMs === undefined || addresses.length === 0 ? undefined : turn.nowMs + limitMs;
  return joinSeedNodes({ ...state, joinDeadlineMs }, addresses, turn);
}

function mayJoin(state: MembershipState, turn: Turn): boolean {
  if (state.phase.name !== 'member') return true;
  turn.log('info', 'Trying to join when already part of a cluster, ignoring');
  return false;
}

function tick(state: MembershipState, input: ClusterInput, turn: Turn): MembershipState {
  const { settings } = state;
  const isMember = state.phase.name === 'member';
  switch (input.type) {
    case 'gossipTick':
      turn.schedule(settings.gossipIntervalMs, input);
      return isMember ? gossipTick(state, turn) : retryJoin(state, turn);
    case 'gossipSpeedupTick':
      if (isMember && needsSpeedup(state)) gossipRound(state, turn);
      return state;
    case 'reaperTick':
      turn.schedule(settings.reaperIntervalMs, input);
      return isMember ? reapUnreachable(state, turn) : retryJoin(state, turn);
    case 'leaderTick':
      turn.schedule(settings.leaderActionsIntervalMs, input);
      return isMember
        ? leaderTick(askAnotherWhenUnheard(state, turn), turn)
        : retryJoin(state, turn);
    case 'heartbeatTick':
      turn.schedule(settings.heartbeat.intervalMs, input);
      return isMember ? heartbeatTick(state, turn) : state;
    case 'splitBrainTick':
      if (settings.splitBrain !== undefined) turn.schedule(settings.splitBrain.tickMs, input);
      return isMember ? resolveSplitBrain(state, input, turn) : state;
    default:
      assert(false, `${input.type} is a tick that somebody handles`);
  }
}

function asMember(state: MembershipState, input: ClusterInput, turn: Turn): MembershipState {
  if (input.type === 'delayedQuarantine') return delayedQuarantine(state, input.node, turn);
  if (state.phase.name !== 'member') {
    if (input.type !== 'quarantinedByRemote') return state;
    return bannedWhileJoining(state, input.node, turn);
  }
  switch (input.type) {
    case 'leave':
      return leaving(state, input.address, turn);
    case 'down':
      return downing(state, input.address, turn);
    case 'prepareForFullShutdown':
      return prepareForFullShutdown(state, turn);
    case 'quarantined':
      return markTerminated(state, input.node, turn);
    case 'expectedHeartbeat':
      return expectedHeartbeat(state, input.node, turn);
    default:
      return resolveSplitBrain(state, input, turn);
  }
}

function receive(
  state: MembershipState,
  input: Extract<ClusterInput, { type: 'message' }>,
  turn: Turn,
): MembershipState {
  const { message, sender } = input;
  switch (message.type) {
    case 'Heartbeat':
      receiveHeartbeat(state, message, sender, turn);
      return state;
    case 'InitJoin':
      return receiveInitJoin(state, message.config, sender, turn);
    case 'InitJoinAck':
      return receiveInitJoinAck(state, message, input.to, turn);
    case 'InitJoinNack':
      return receiveInitJoinNack(state, message.address, input.to, turn);
    case 'Welcome':
      return receiveWelcome(state, message, sender, turn);
    default:
      return state.phase.name === 'member' ? receiveAsMember(state, input, turn) : state;
  }
}

function receiveAsMember(
  state: MembershipState,
  input: Extract<ClusterInput, { type: 'message' }>,
  turn: Turn,
): MembershipState {
  const { message, sender } = input;
  switch (message.type) {
    case 'HeartbeatRsp':
      return receiveHeartbeatResponse(state, message.from, turn);
    case 'GossipEnvelope':
      if (isStale(state, input, turn)) return state;
      return receiveEnvelope(state, message, sender, turn);
    case 'GossipStatus':
      return receiveStatus(state, message, sender, turn);
    case 'Join':
      return receiveJoin(state, message, sender, turn);
    case 'Leave':
      return leaving(state, message.address, turn);
    case 'Down':
      return downing(state, message.address, turn);
    case 'ExitingConfirmed':
      return receiveExitingConfirmed(state, message.node, turn);
    default:
      return state;
  }
}

/** Gossip that waited too long in this overloaded process only adds to the load. */
function isStale(
  state: MembershipState,
  input: Extract<ClusterInput, { type: 'message' }>,
  turn: Turn,
): boolean {
  if (input.receivedAtMs === undefined) return false;
  return turn.nowMs - input.receivedAtMs > state.settings.gossipTimeToLiveMs;
}
