// Probes of contact points: each is asked again and again, until it has been silent for too long (Pekko
// `HttpContactPointBootstrap`).

import { type ResolvedTarget, targetKey } from '../discovery/index.ts';
import { randomFloat } from '../runtime/index.ts';
import { parseAddress } from '../wire/index.ts';
import {
  type ContactPoint,
  contactPointOf,
  contactPointText,
  isSameHost,
} from './contact-point.ts';
import type { BootstrapEvent, BootstrapSelf, BootstrapSettings } from './protocol.ts';
import type { BootstrapState, BootstrapTurn, Probe } from './state.ts';

/** Reasons that have remedies of their own. */
export const nameUnknown = 'its name is not known to DNS';
export const systemForeign = 'it belongs to another actor system';

type ProbeEvent<T> = Extract<BootstrapEvent, { readonly type: T }>;

/** Forgets contact points that are not there any more, and begins to probe new ones and those that were given up. */
export function withProbesFor(
  state: BootstrapState,
  targets: readonly ResolvedTarget[],
  turn: BootstrapTurn,
): BootstrapState {
  const keys = new Set(targets.map(targetKey));
  const kept = [...state.probes].filter(([key]) => keys.has(key));
  let next: BootstrapState = { ...state, probes: new Map(kept) };
  for (const target of targets) {
    const known = next.probes.get(targetKey(target));
    if (known === undefined || known.isStopped) next = begin(next, target, turn);
  }
  return next;
}

function begin(state: BootstrapState, target: ResolvedTarget, turn: BootstrapTurn): BootstrapState {
  const { settings, self } = state;
  const contactPoint = contactPointOf(target, {
    self: self.contactPoint,
    fallbackPort: settings.fallbackPort,
  });
  if (isRemoting(contactPoint, self)) {
    return turn.logOnce(
      state,
      'warn',
      `Discovery finds ${contactPointText(contactPoint)}, which is where this node's actors are reached, not its management; it is not probed, and so there will be no new cluster. Set bootstrap.portName or bootstrap.fallbackPort to the port of management`,
    );
  }
  const number = state.probesBegun + 1;
  const probe: Probe = {
    target,
    contactPoint,
    number,
    isStopped: false,
    deadlineMs: turn.nowMs + settings.probingFailureTimeoutMs,
    observation: undefined,
    failure: state.probes.get(targetKey(target))?.failure,
  };
  ask(state, probe, turn);
  return { ...withProbe(state, probe), probesBegun: number };
}

/** A port that is taken for that of management by mistake. */
function isRemoting({ host, port }: ContactPoint, self: BootstrapSelf): boolean {
  return port === self.port && isSameHost(host, self.host);
}

function ask({ settings }: BootstrapState, probe: Probe, turn: BootstrapTurn): void {
  const { target, number, contactPoint } = probe;
  turn.effects.push({
    type: 'probe',
    key: targetKey(target),
    probe: number,
    contactPoint,
    limitMs: settings.probingFailureTimeoutMs,
  });
}

export function probeTick(
  state: BootstrapState,
  event: ProbeEvent<'probeTick'>,
  turn: BootstrapTurn,
): BootstrapState {
  const probe = current(state, event);
  if (probe !== undefined) ask(state, probe, turn);
  return state;
}

export function answered(
  state: BootstrapState,
  event: ProbeEvent<'answered'>,
  turn: BootstrapTurn,
): BootstrapState {
  const { key, probe: number, selfNode, seedNodes } = event;
  const probe = current(state, event);
  if (probe === undefined) return state;
  const foreign = [selfNode, ...seedNodes].find((address) => !isOfOwnSystem(address, state.self));
  if (foreign !== undefined) {
    const reason = `${systemForeign}: "${beginningOf(foreign)}"`;
    return unanswered(state, { type: 'unanswered', key, probe: number, reason }, turn);
  }
  const { settings } = state;
  turn.schedule(probeIntervalMs(settings, turn), { type: 'probeTick', key, probe: number });
  return withProbe(state, {
    ...probe,
    deadlineMs: turn.nowMs + settings.probingFailureTimeoutMs,
    observation: { atMs: turn.nowMs, seedNodes },
    failure: undefined,
  });
}

/** Whoever answers may say anything; logs need not hold all of it. */
const beginningOf = (text: string): string =>
  text.length > charsShownMax ? `${text.slice(0, charsShownMax)}…` : text;
const charsShownMax = 100;

/** Members of one cluster have the same protocol and system name. */
function isOfOwnSystem(text: string, self: BootstrapSelf): boolean {
  try {
    const { protocol, system } = parseAddress(text);
    return `${protocol}://${system}@` === self.address.slice(0, self.address.indexOf('@') + 1);
  } catch {
    return false;
  }
}

export function unanswered(
  state: BootstrapState,
  event: ProbeEvent<'unanswered'>,
  turn: BootstrapTurn,
): BootstrapState {
  const probe = current(state, event);
  if (probe === undefined) return state;
  const { key, probe: number, reason } = event;
  const place = contactPointText(probe.contactPoint);
  const what = reason.startsWith(systemForeign) ? 'No use for the answer of' : 'No answer from';
  if (reason !== probe.failure) turn.log('info', `${what} ${place}: ${reason}`);
  const silent = { ...probe, failure: reason };
  if (turn.nowMs >= probe.deadlineMs) {
    return withProbe(state, { ...silent, isStopped: true, observation: undefined });
  }
  const afterMs = probeIntervalMs(state.settings, turn);
  turn.schedule(afterMs, { type: 'probeTick', key, probe: number });
  return withProbe(state, silent);
}

/** Old ones count no more, also where their successors have not failed yet. */
export function isFresh(probe: Probe, settings: BootstrapSettings, nowMs: number): boolean {
  const { observation } = probe;
  return observation !== undefined && nowMs - observation.atMs <= settings.probingFailureTimeoutMs;
}

function probeIntervalMs(settings: BootstrapSettings, { moment }: BootstrapTurn): number {
  const { probeIntervalMs: intervalMs, probeIntervalJitter } = settings;
  return intervalMs + intervalMs * probeIntervalJitter * randomFloat(moment.random);
}

function current(
  state: BootstrapState,
  { key, probe: number }: { readonly key: string; readonly probe: number },
): Probe | undefined {
  const probe = state.probes.get(key);
  return probe?.number === number && !probe.isStopped ? probe : undefined;
}

function withProbe(state: BootstrapState, probe: Probe): BootstrapState {
  return { ...state, probes: new Map(state.probes).set(targetKey(probe.target), probe) };
}
