// Finding a cluster to join: asks the seed nodes in turns until one answers. Only the first of the list may form a
// new cluster, and only when nobody answered in time or all said no (Pekko `SeedNodeProcess`).

import type { Address } from '../wire/index.ts';
import { addressText } from '../wire/index.ts';
import { checkContact, configText } from './join-compatibility.ts';
import { joinTo } from './joining.ts';
import type { MembershipState } from './membership-state.ts';
import type { ClusterActor, ClusterMessage } from './protocol.ts';
import type { Turn } from './turn.ts';

export interface SeedProcess {
  readonly number: number;
  readonly kind: 'first' | 'join';
  readonly others: readonly Address[];
  /** First: when to form a new cluster. Join: when to say that it takes long. */
  readonly deadlineMs: number;
  /** Spans of the seed-node timeout begun. */
  readonly attempts: number;
  readonly answered: boolean;
}

/** Pekko's joining nodes ask only once per seed-node timeout; asking each second costs little and saves waiting. */
const askIntervalMs = 1000;

/** Starts to look for a cluster, or forms one at once when this node is the only seed. */
export function joinSeedNodes(
  state: MembershipState,
  addresses: readonly Address[],
  turn: Turn,
): MembershipState {
  if (addresses.length === 0) {
    turn.log('info', 'No seed nodes configured, manual cluster join required');
    return state;
  }
  const seeds = addresses.filter((address) => isOfOwnSystem(state, address, turn));
  if (seeds.length === 0) {
    turn.effects.push({ type: 'runCoordinatedShutdown', reason: 'ClusterJoinUnsuccessful' });
    return state;
  }
  return startSeedProcess(state, seeds, turn);
}

/** All members of a cluster have the same system name; to ask others would lead nowhere without a word. */
function isOfOwnSystem(state: MembershipState, address: Address, turn: Turn): boolean {
  const own = state.self.address.system;
  if (address.system === own) return true;
  turn.log(
    'error',
    `Cannot join the seed node [${addressText(address)}]: its actor system is named [${address.system}] and this one [${own}]; give all members of a cluster the same system name`,
  );
  return false;
}

function startSeedProcess(
  state: MembershipState,
  addresses: readonly Address[],
  turn: Turn,
): MembershipState {
  const ownKey = state.self.addressKey;
  const others = addresses.filter((address) => addressText(address) !== ownKey);
  const next: MembershipState = {
    ...state,
    seedNodes: addresses,
    phase: { name: 'uninitialized' },
  };
  if (others.length === 0) return joinTo(next, state.self.address, turn);
  const kind =
    addresses[0] !== undefined && addressText(addresses[0]) === ownKey ? 'first' : 'join';
  const number = state.seedProcessCount + 1;
  const process: SeedProcess = {
    number,
    kind,
    others,
    deadlineMs: turn.nowMs + state.settings.seedNodeTimeoutMs,
    attempts: 0,
    answered: false,
  };
  return askSeeds({ ...next, seedProcessCount: number }, process, turn);
}

function askSeeds(state: MembershipState, process: SeedProcess, turn: Turn): MembershipState {
  const from: ClusterActor = `${process.kind}SeedNodeProcess-${process.number}`;
  const message: ClusterMessage = {
    type: 'InitJoin',
    config: configText(state.settings.joinConfig),
  };
  for (const to of process.others) {
    turn.effects.push({ type: 'send', to, actor: 'daemon', from, message });
  }
  const waitMs = Math.min(askIntervalMs, state.settings.seedNodeTimeoutMs);
  turn.schedule(waitMs, { type: 'seedProcessTick', process: process.number });
  return { ...state, seedProcess: process };
}

export function seedProcessTick(
  state: MembershipState,
  number: number,
  turn: Turn,
): MembershipState {
  const process = state.seedProcess;
  if (process?.number !== number || process.answered) return state;
  if (turn.nowMs < process.deadlineMs) return askSeeds(state, process, turn);
  const seeds = process.others.map(addressText).join(', ');
  if (process.kind === 'first') {
    turn.log('info', `Couldn't join other seed nodes, will join myself. seed-nodes=[${seeds}]`);
    return joinTo(state, state.self.address, turn);
  }
  const attempts = process.attempts + 1;
  turn.log(
    'warn',
    `Couldn't join seed nodes after [${attempts}] attempts, will try again. seed-nodes=[${seeds}]. Check that they run, can be reached from here by exactly these addresses, and have the system name [${state.self.address.system}]`,
  );
  const deadlineMs = turn.nowMs + state.settings.seedNodeTimeoutMs;
  return askSeeds(state, { ...process, attempts, deadlineMs }, turn);
}

export function receiveInitJoinAck(
  state: MembershipState,
  ack: Extract<ClusterMessage, { type: 'InitJoinAck' }>,
  to: ClusterActor,
  turn: Turn,
): MembershipState {
  const process = state.seedProcess;
  if (process === undefined || process.answered) return state;
  if (to !== `${process.kind}SeedNodeProcess-${process.number}`) return state;
  const from = addressText(ack.address);
  turn.log('info', `Received InitJoinAck message from [${from}] to [${state.self.addressKey}]`);
  const next: MembershipState = { ...state, seedProcess: { ...process, answered: true } };
  const problem = problemOf(ack, state);
  if (problem === undefined) return joinTo(next, ack.address, turn);
  if (!state.settings.enforceJoinConfig) {
    turn.log('warn', `Joining despite incompatible configuration: ${problem}`);
    return joinTo(next, ack.address, turn);
  }
  turn.log(
    'error',
    `Couldn't join seed nodes because of incompatible cluster configuration. ${problem}. Shutting down; to join anyway set cluster.enforceJoinConfig to off`,
  );
  turn.effects.push({
    type: 'runCoordinatedShutdown',
    reason: 'IncompatibleConfigurationDetected',
  });
  return next;
}

function problemOf(
  ack: Extract<ClusterMessage, { type: 'InitJoinAck' }>,
  state: MembershipState,
): string | undefined {
  const from = addressText(ack.address);
  switch (ack.check.verdict) {
    case 'Unchecked':
      return undefined;
    case 'Incompatible':
      return `The cluster member [${from}] refused this node's configuration; its log names the settings`;
    case 'Compatible': {
      const problems = checkContact(ack.check.config, state.settings.joinConfig);
      if (problems.length === 0) return undefined;
      return `The configuration of [${from}] does not fit: ${problems.join(', ')}`;
    }
  }
}

/** A seed that is no member itself; when all others say so, the first seed forms the cluster. */
export function receiveInitJoinNack(
  state: MembershipState,
  address: Address,
  to: ClusterActor,
  turn: Turn,
): MembershipState {
  const process = state.seedProcess;
  if (process?.kind !== 'first' || process.answered) return state;
  if (to !== `firstSeedNodeProcess-${process.number}`) return state;
  const key = addressText(address);
  const others = process.others.filter((each) => addressText(each) !== key);
  if (others.length > 0) return { ...state, seedProcess: { ...process, others } };
  return joinTo(state, state.self.address, turn);
}
