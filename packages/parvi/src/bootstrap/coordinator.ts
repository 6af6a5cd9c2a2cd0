// The loop of a bootstrap as a pure state machine: look for contact points, probe them, decide (Pekko
// `BootstrapCoordinator`). Unlike there it goes on after a decision until this node is a member: seed nodes that die
// before they have admitted it must not leave it waiting for ever.

import { type ResolvedTarget, targetKey, targetText } from '../discovery/index.ts';
import { randomFloat, unreachable } from '../runtime/index.ts';
import { contactPointText } from './contact-point.ts';
import { explanation } from './explanation.ts';
import { selectHosts, uniqueTargets } from './host-selection.ts';
import type { JoinDecision, Observation } from './join-decider.ts';
import { answered, isFresh, probeTick, unanswered, withProbesFor } from './probing.ts';
import type {
  BootstrapEffect,
  BootstrapEvent,
  BootstrapMoment,
  BootstrapSettings,
} from './protocol.ts';
import { type BootstrapState, BootstrapTurn, type Contacts } from './state.ts';

/** When it is first said why there is no cluster yet, and how often afterwards. */
const explainFirstMs = 20_000;
const explainEachMs = 60_000;
/** Lookups that fail now and then, or each time for another reason, do not fill the log with warnings. */
const lookupWarningEachMs = 30_000;

export function step(
  state: BootstrapState,
  event: BootstrapEvent,
  moment: BootstrapMoment,
): { readonly state: BootstrapState; readonly effects: readonly BootstrapEffect[] } {
  const turn = new BootstrapTurn(moment);
  return { state: handle(state, event, turn), effects: turn.effects };
}

function handle(state: BootstrapState, event: BootstrapEvent, turn: BootstrapTurn): BootstrapState {
  if (state.phase === 'ended') return state;
  switch (event.type) {
    case 'start':
      return state.phase === 'new' ? start(state, turn) : state;
    case 'discoverTick':
      return event.timer === state.discoverTimer ? lookUp(state, turn) : state;
    case 'found':
      return event.lookup === state.lookup ? found(state, event.targets, turn) : state;
    case 'notFound':
      return event.lookup === state.lookup ? notFound(state, event.reason, turn) : state;
    case 'probeTick':
      return probeTick(state, event, turn);
    case 'answered': {
      const next = answered(state, event, turn);
      return event.seedNodes.length > 0 ? decide(next, turn) : next;
    }
    case 'unanswered':
      return afterSilence(state, unanswered(state, event, turn), turn);
    case 'decideTick':
      turn.schedule(state.settings.probeIntervalMs, { type: 'decideTick' });
      return decide(state, turn);
    case 'joinTick':
      return lookAgain(state, event.attempt, turn);
    case 'explainTick':
      turn.schedule(explainEachMs, { type: 'explainTick' });
      turn.log('warn', explanation(state, turn.nowMs));
      return state;
    case 'member':
    case 'stop':
      return end(state, turn);
    default:
      return unreachable(event);
  }
}

function start(state: BootstrapState, turn: BootstrapTurn): BootstrapState {
  const { settings, self } = state;
  const { serviceName } = settings.query;
  turn.log(
    'info',
    `Looking for the nodes of service "${serviceName}"; this node answers at ${contactPointText(self.contactPoint)}`,
  );
  if (settings.requiredContactPointNr < 2 && settings.newClusterEnabled) {
    turn.log(
      'warn',
      'A single contact point is enough to form a cluster here: nodes that do not find each other each form one of their own; set bootstrap.requiredContactPointNr to the number of nodes that start together',
    );
  }
  turn.schedule(settings.probeIntervalMs, { type: 'decideTick' });
  turn.schedule(explainFirstMs, { type: 'explainTick' });
  return lookUp({ ...state, phase: 'looking', startedAtMs: turn.nowMs }, turn);
}

/** Not before the lookup that is under way has ended. */
function lookUp(state: BootstrapState, turn: BootstrapTurn): BootstrapState {
  if (state.phase !== 'looking' || state.isLookingUp) return state;
  const lookup = state.lookup + 1;
  const { query, resolveTimeoutMs: limitMs } = state.settings;
  turn.effects.push({ type: 'lookup', lookup, query, limitMs });
  return { ...state, lookup, isLookingUp: true };
}

function found(
  state: BootstrapState,
  targets: readonly ResolvedTarget[],
  turn: BootstrapTurn,
): BootstrapState {
  if (state.phase !== 'looking') return state;
  const { settings } = state;
  const unique = uniqueTargets(targets);
  const selected = selectHosts(unique, { ...settings, portName: settings.query.portName ?? '' });
  const leftOut = unique.length - selected.length;
  const contacts = contactsAfter(state.contacts, {
    targets: selected,
    leftOut,
    changedAtMs: turn.nowMs,
  });
  if (contacts.changedAtMs !== state.contacts?.changedAtMs) {
    const shown = selected.map(targetText).join(', ');
    const others = leftOut === 0 ? '' : `, and left out ${leftOut} with other ports`;
    turn.log(
      'info',
      `Found ${selected.length} contact point${selected.length === 1 ? '' : 's'}: [${shown}]${others}`,
    );
  }
  const forgotten = { lookupFailures: 0, lookupFailure: undefined, lookupWarnedOf: undefined };
  const known = { ...state, ...forgotten, contacts, isLookingUp: false };
  return nextLookup(withProbesFor(known, selected, turn), turn);
}

/** The same set of targets keeps its time; another one starts the stable margin anew. */
function contactsAfter(before: Contacts | undefined, found: Contacts): Contacts {
  const keys = new Set(found.targets.map(targetKey));
  const isSame =
    before !== undefined &&
    before.targets.length === keys.size &&
    before.targets.every((target) => keys.has(targetKey(target)));
  return isSame ? { ...found, changedAtMs: before.changedAtMs } : found;
}

/** What is not known any more allows no new cluster. */
function notFound(state: BootstrapState, reason: string, turn: BootstrapTurn): BootstrapState {
  if (state.phase !== 'looking') return state;
  const isDue = isWarningDue(state, reason, turn.nowMs);
  if (isDue || reason !== state.lookupFailure) turn.log(isDue ? 'warn' : 'info', reason);
  const lookupFailures = state.lookupFailures + 1;
  const failed = { ...state, contacts: undefined, lookupFailures, lookupFailure: reason };
  const warned = isDue ? { lookupWarnedOf: reason, lookupWarnedAtMs: turn.nowMs } : {};
  return nextLookup({ ...failed, ...warned, isLookingUp: false }, turn);
}

/** A reason that comes too soon after a warning of another one is due as long as it stays. */
function isWarningDue(state: BootstrapState, reason: string, nowMs: number): boolean {
  const { lookupWarnedOf, lookupWarnedAtMs = Number.NEGATIVE_INFINITY } = state;
  return reason !== lookupWarnedOf && nowMs - lookupWarnedAtMs >= lookupWarningEachMs;
}

function nextLookup(state: BootstrapState, turn: BootstrapTurn): BootstrapState {
  const discoverTimer = state.discoverTimer + 1;
  const afterMs = lookupIntervalMs(state.settings, state.lookupFailures, turn.moment);
  turn.schedule(afterMs, { type: 'discoverTick', timer: discoverTimer });
  return { ...state, discoverTimer };
}

/** Pekko `BootstrapCoordinator.backedOffInterval`. */
function lookupIntervalMs(
  settings: BootstrapSettings,
  failures: number,
  { random }: BootstrapMoment,
): number {
  const { intervalMs, exponentialBackoffMaxMs, exponentialBackoffRandomFactor } = settings;
  const noise = 1 + randomFloat(random) * exponentialBackoffRandomFactor;
  return Math.min(exponentialBackoffMaxMs, intervalMs * 2 ** failures) * noise;
}

/** A contact point that fell silent may be gone, which the next lookup tells. */
function afterSilence(
  before: BootstrapState,
  state: BootstrapState,
  turn: BootstrapTurn,
): BootstrapState {
  const stopped = [...state.probes].some(
    ([key, probe]) => probe.isStopped && before.probes.get(key)?.isStopped === false,
  );
  return stopped && !state.isLookingUp ? nextLookup(state, turn) : state;
}

function decide(state: BootstrapState, turn: BootstrapTurn): BootstrapState {
  const { contacts, settings, self } = state;
  if (state.phase !== 'looking' || contacts === undefined) return state;
  const decision = settings.decide(
    {
      contactPoints: contacts.targets,
      changedAtMs: contacts.changedAtMs,
      observations: freshObservations(state, contacts, turn.nowMs),
      nowMs: turn.nowMs,
      self: self.contactPoint,
      ownAddress: self.address,
    },
    settings,
  );
  return act(state, decision, turn);
}

function freshObservations(
  state: BootstrapState,
  { targets }: Contacts,
  nowMs: number,
): readonly Observation[] {
  return targets.flatMap((target) => {
    const probe = state.probes.get(targetKey(target));
    if (probe?.observation === undefined || !isFresh(probe, state.settings, nowMs)) return [];
    return [{ target, seedNodes: probe.observation.seedNodes }];
  });
}

function act(state: BootstrapState, decision: JoinDecision, turn: BootstrapTurn): BootstrapState {
  const { address, contactPoint } = state.self;
  switch (decision.kind) {
    case 'keepProbing': {
      const next = { ...state, waitsFor: decision.waitsFor };
      if (decision.waitsFor !== 'itself') return next;
      const shown = state.contacts?.targets.map(targetText).join(', ') ?? '';
      return turn.logOnce(
        next,
        'warn',
        `Discovery finds [${shown}] and not this node, which answers at ${contactPointText(contactPoint)}; it will not form a cluster. Set management.host and management.port to what discovery finds`,
      );
    }
    case 'joinSelf': {
      const others = (state.contacts?.targets.length ?? 1) - 1;
      turn.log('info', `Forms a new cluster as the lowest of ${others + 1} contact points`);
      turn.effects.push({ type: 'joinSelf' });
      return joining(state, [address], turn);
    }
    case 'joinSeedNodes': {
      const { addresses } = decision;
      turn.log('info', `Joins the cluster of [${addresses.join(', ')}]`);
      turn.effects.push({ type: 'joinSeedNodes', addresses });
      return joining(state, addresses, turn);
    }
    default:
      return unreachable(decision);
  }
}

function joining(
  state: BootstrapState,
  addresses: readonly string[],
  turn: BootstrapTurn,
): BootstrapState {
  const joinAttempts = state.joinAttempts + 1;
  turn.schedule(state.settings.joinTimeoutMs, { type: 'joinTick', attempt: joinAttempts });
  return {
    ...state,
    phase: 'joining',
    joinAttempts,
    joining: addresses,
    waitsFor: undefined,
    probes: new Map(),
    contacts: undefined,
    isLookingUp: false,
    lookup: state.lookup + 1,
  };
}

/** The rules hold as at the start: nothing that was seen before counts any more. */
function lookAgain(state: BootstrapState, attempt: number, turn: BootstrapTurn): BootstrapState {
  if (state.phase !== 'joining' || attempt !== state.joinAttempts) return state;
  const seconds = Math.round(state.settings.joinTimeoutMs / 1000);
  turn.log(
    'warn',
    `Not admitted by [${state.joining.join(', ')}] within ${seconds} s, looking for a cluster again`,
  );
  return lookUp({ ...state, phase: 'looking' }, turn);
}

function end(state: BootstrapState, turn: BootstrapTurn): BootstrapState {
  turn.effects.push({ type: 'ended' });
  return { ...state, phase: 'ended', probes: new Map(), contacts: undefined };
}
