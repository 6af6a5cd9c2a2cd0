// What we know of one peer address: which incarnation lives there, whether it is quarantined or saying goodbye, and
// when its streams may be closed or the whole entry forgotten. Pure; one value per remote address.
// Source: Pekko `Association` and `AssociationRegistry`.

import type { QuarantineMark } from './quarantine.ts';

export interface AssociationLimits {
  /** A peer that announced its end is quarantined, harmlessly, so long afterwards. */
  readonly terminatingDelayMs: number;
  /** Streams to a quarantined peer are closed after so long without traffic. */
  readonly stopQuarantinedAfterIdleMs: number;
  /** Silence after which the peer is asked whether it is there. */
  readonly livenessProbeAfterMs: number;
  /** Silence, probes unanswered, after which the peer is quarantined. */
  readonly quarantineIdleAfterMs: number;
  /** A quarantined or never known peer is forgotten after so long without traffic. */
  readonly removeAfterMs: number;
}

export interface Association {
  /** The incarnation that lives at the address as far as we know. */
  readonly uid: bigint | undefined;
  /** How many incarnations we have seen there. */
  readonly incarnation: number;
  readonly quarantine: QuarantineMark | undefined;
  /** Earlier incarnations that were quarantined; they never come back. */
  readonly banned: ReadonlyMap<bigint, QuarantineMark>;
  readonly terminatingAtMs: number | undefined;
  readonly probedAtMs: number | undefined;
  readonly streamsStopped: boolean;
}

export type AssociationEvent =
  /** A handshake frame of the peer showed its uid. */
  | { readonly type: 'peer-seen'; readonly uid: bigint }
  | {
      readonly type: 'quarantine';
      /** The incarnation meant; `undefined` for whichever is known. */
      readonly uid: bigint | undefined;
      readonly reason: string;
      readonly harmless: boolean;
    }
  /** The peer said that its actor system terminates. */
  | { readonly type: 'terminating'; readonly uid: bigint }
  /** Something is sent to the peer. */
  | { readonly type: 'used' }
  /** Time passed; `idleMs` since the last frame to it or handshake from it. */
  | { readonly type: 'tick'; readonly idleMs: number };

export type AssociationEffect =
  | {
      readonly type: 'incarnation';
      readonly uid: bigint;
      /** The incarnation before, when there was one: its tables, numbers and waiting frames are void. */
      readonly previous: bigint | undefined;
    }
  | { readonly type: 'quarantined'; readonly mark: QuarantineMark; readonly notifyPeer: boolean }
  | { readonly type: 'quarantine-ignored'; readonly reason: string }
  | { readonly type: 'probe' }
  | { readonly type: 'stop-streams'; readonly reason: string }
  | { readonly type: 'forget' };

export interface AssociationStep {
  readonly state: Association;
  readonly effects: readonly AssociationEffect[];
}

export const unknownAssociation: Association = {
  uid: undefined,
  incarnation: 0,
  quarantine: undefined,
  banned: new Map(),
  terminatingAtMs: undefined,
  probedAtMs: undefined,
  streamsStopped: false,
};

export function stepAssociation(
  state: Association,
  event: AssociationEvent,
  nowMs: number,
  limits: AssociationLimits,
): AssociationStep {
  switch (event.type) {
    case 'peer-seen':
      return peerSeen(state, event.uid);
    case 'quarantine':
      return quarantine(state, event, nowMs);
    case 'terminating':
      if (event.uid !== state.uid || state.quarantine !== undefined) return unchanged(state);
      if (state.terminatingAtMs !== undefined) return unchanged(state);
      return { state: { ...state, terminatingAtMs: nowMs }, effects: [] };
    case 'used':
      return state.streamsStopped || state.probedAtMs !== undefined
        ? { state: { ...state, streamsStopped: false, probedAtMs: undefined }, effects: [] }
        : unchanged(state);
    case 'tick':
      return tick(state, event.idleMs, nowMs, limits);
  }
}

/** The quarantine that holds for an incarnation, present or past. */
export function quarantineOf(state: Association, uid: bigint): QuarantineMark | undefined {
  return state.uid === uid ? state.quarantine : state.banned.get(uid);
}

/** Whether nobody is expected to answer there any more: the incarnation said goodbye, or was quarantined. */
export function isOver({ terminatingAtMs, quarantine }: Association): boolean {
  return terminatingAtMs !== undefined || quarantine !== undefined;
}

function unchanged(state: Association): AssociationStep {
  return { state, effects: [] };
}

function peerSeen(state: Association, uid: bigint): AssociationStep {
  if (state.uid === uid) return { state: { ...state, probedAtMs: undefined }, effects: [] };
  if (state.banned.has(uid)) return unchanged(state);
  const banned =
    state.quarantine === undefined
      ? state.banned
      : new Map(state.banned).set(state.quarantine.uid, state.quarantine);
  return {
    state: { ...unknownAssociation, uid, incarnation: state.incarnation + 1, banned },
    effects: [{ type: 'incarnation', uid, previous: state.uid }],
  };
}

function quarantine(
  state: Association,
  event: { readonly uid: bigint | undefined; readonly reason: string; readonly harmless: boolean },
  nowMs: number,
): AssociationStep {
  const ignored = (reason: string): AssociationStep => ({
    state,
    effects: [{ type: 'quarantine-ignored', reason }],
  });
  if (state.uid === undefined) return ignored('its uid is unknown');
  const uid = event.uid ?? state.uid;
  if (uid !== state.uid) return ignored(`uid ${uid} is not the present uid ${state.uid}`);
  if (state.quarantine !== undefined) return ignored('it is quarantined already');
  const mark = { uid, reason: event.reason, harmless: event.harmless, sinceMs: nowMs };
  return {
    state: { ...state, quarantine: mark, terminatingAtMs: undefined },
    effects: [{ type: 'quarantined', mark, notifyPeer: !event.harmless }],
  };
}

function tick(
  state: Association,
  idleMs: number,
  nowMs: number,
  limits: AssociationLimits,
): AssociationStep {
  const { terminatingAtMs } = state;
  if (terminatingAtMs !== undefined && nowMs - terminatingAtMs >= limits.terminatingDelayMs) {
    const reason = 'its actor system terminated';
    return quarantine(state, { uid: state.uid, reason, harmless: true }, nowMs);
  }
  if (state.quarantine !== undefined || state.uid === undefined) {
    return tickUseless(state, idleMs, limits);
  }
  if (idleMs >= limits.quarantineIdleAfterMs) {
    const reason = `nothing was heard from it for ${idleMs} ms`;
    return quarantine(state, { uid: state.uid, reason, harmless: false }, nowMs);
  }
  const probedLongAgo =
    state.probedAtMs === undefined || nowMs - state.probedAtMs >= limits.livenessProbeAfterMs;
  if (idleMs >= limits.livenessProbeAfterMs && probedLongAgo) {
    return { state: { ...state, probedAtMs: nowMs }, effects: [{ type: 'probe' }] };
  }
  return unchanged(state);
}

/** A peer that is quarantined or was never reached: stop talking soon, forget it later. */
function tickUseless(
  state: Association,
  idleMs: number,
  limits: AssociationLimits,
): AssociationStep {
  if (idleMs >= limits.removeAfterMs) return { state, effects: [{ type: 'forget' }] };
  const stop =
    state.quarantine !== undefined &&
    !state.streamsStopped &&
    idleMs >= limits.stopQuarantinedAfterIdleMs;
  if (!stop) return unchanged(state);
  return {
    state: { ...state, streamsStopped: true },
    effects: [{ type: 'stop-streams', reason: 'the peer is quarantined' }],
  };
}
