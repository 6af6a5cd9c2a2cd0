// A lease as a pure state machine: who may take it, when a holder gives signs of life, and when it must count it as lost.
// Two writers never both succeed, as each write names the version it has seen; a refused write is looked into by reading.

import { unreachable } from '../runtime/index.ts';
import type { LeaseRecord } from './lease-resource.ts';
import type { LeaseSettings } from './options.ts';

export type LeaseState =
  /** `owed`: a write of ours may have gone through, so that the lease may carry our name. */
  | { readonly phase: 'idle'; readonly owed: boolean }
  | Acquiring
  | Held
  | { readonly phase: 'releasing'; readonly step: 'reading' | 'giving'; readonly rounds: number };

interface Acquiring {
  readonly phase: 'acquiring';
  readonly step: 'reading' | 'creating' | 'taking';
  /** Times that somebody else was faster. */
  readonly rounds: number;
  readonly askedAtMs: number;
  readonly sentAtMs: number;
}

interface Held {
  readonly phase: 'held';
  readonly step: 'resting' | 'renewing' | 'reading';
  readonly version: string;
  /** When the last write that went through was sent. */
  readonly renewedAtMs: number;
  readonly sentAtMs: number;
  /** Whether this sign of life was refused once already. */
  readonly isSecondTry: boolean;
  readonly releaseWanted: boolean;
}

export type LeaseEvent =
  | { readonly type: 'acquire' }
  | { readonly type: 'release' }
  /** The time of a heartbeat has come. */
  | { readonly type: 'beat' }
  /** Read, created or written. */
  | { readonly type: 'answered'; readonly record: LeaseRecord }
  /** There is none of that name. */
  | { readonly type: 'missing' }
  | { readonly type: 'conflict' }
  | { readonly type: 'failed'; readonly error: unknown };

export type LeaseEffect =
  | { readonly kind: 'read' }
  | { readonly kind: 'create' }
  /** With the time of day. An empty holder gives it back. */
  | { readonly kind: 'write'; readonly holder: string; readonly version: string }
  | { readonly kind: 'beat'; readonly afterMs: number }
  | { readonly kind: 'granted' }
  | { readonly kind: 'taken'; readonly by: string }
  | { readonly kind: 'refused'; readonly why: string; readonly error?: unknown }
  | { readonly kind: 'released' }
  | { readonly kind: 'releaseFailed'; readonly error: unknown }
  | { readonly kind: 'lost'; readonly why: string; readonly error?: unknown };

export interface LeaseMoment {
  /** Monotonic. */
  readonly nowMs: number;
  /** Time of day, which the contenders must agree on to some seconds. */
  readonly wallMs: number;
}

export interface LeaseStep {
  readonly state: LeaseState;
  readonly effects: readonly LeaseEffect[];
}

/** The settings with who contends. */
export interface LeaseRules extends LeaseSettings {
  readonly owner: string;
}

export const newLease: LeaseState = { phase: 'idle', owed: false };

/** Of an acquisition, until it gives up among many contenders (as Pekko's). */
const roundsMax = 5;

/** Two signs of life earlier than it says, as in Pekko's `LeaseActor`: 96 s with the defaults. */
export function isExpired(record: LeaseRecord, rules: LeaseSettings, wallMs: number): boolean {
  return wallMs > record.timeMs + rules.heartbeatTimeoutMs - 2 * rules.heartbeatIntervalMs;
}

export function step(
  state: LeaseState,
  event: LeaseEvent,
  moment: LeaseMoment,
  rules: LeaseRules,
): LeaseStep {
  switch (state.phase) {
    case 'idle':
      return whenIdle(state, event, moment);
    case 'acquiring':
      return whenAcquiring(state, event, moment, rules);
    case 'held':
      return whenHeld(state, event, moment, rules);
    case 'releasing':
      return whenReleasing(state, event, rules);
    default:
      return unreachable(state);
  }
}

function whenIdle(
  state: Extract<LeaseState, { phase: 'idle' }>,
  event: LeaseEvent,
  { nowMs }: LeaseMoment,
): LeaseStep {
  if (event.type === 'acquire') {
    const acquiring = { phase: 'acquiring', step: 'reading', rounds: 0 } as const;
    return {
      state: { ...acquiring, askedAtMs: nowMs, sentAtMs: nowMs },
      effects: [{ kind: 'read' }],
    };
  }
  if (event.type !== 'release') return { state, effects: [] };
  if (!state.owed) return { state, effects: [{ kind: 'released' }] };
  return { state: { phase: 'releasing', step: 'reading', rounds: 0 }, effects: [{ kind: 'read' }] };
}

function whenAcquiring(
  state: Acquiring,
  event: LeaseEvent,
  moment: LeaseMoment,
  rules: LeaseRules,
): LeaseStep {
  const gaveUp = (why: string, error?: unknown): LeaseStep => ({
    state: { phase: 'idle', owed: state.step === 'taking' },
    effects: [{ kind: 'refused', why, error }],
  });
  const { nowMs } = moment;
  if (event.type === 'failed') return gaveUp('the API server gave no usable answer', event.error);
  if (nowMs - state.askedAtMs > rules.operationTimeoutMs) {
    return gaveUp(`it took longer than ${rules.operationTimeoutMs} ms`);
  }
  switch (event.type) {
    case 'conflict': {
      if (state.rounds >= roundsMax) return gaveUp('others were faster again and again');
      const again = { step: 'reading', rounds: state.rounds + 1, sentAtMs: nowMs } as const;
      return { state: { ...state, ...again }, effects: [{ kind: 'read' }] };
    }
    case 'missing':
      return {
        state: { ...state, step: 'creating', sentAtMs: nowMs },
        effects: [{ kind: 'create' }],
      };
    case 'answered':
      if (state.step === 'taking') return taken(state, event.record, nowMs, rules);
      return takeIfFree(state, event.record, moment, rules);
    default:
      return { state, effects: [] };
  }
}

/**
 * Written anew also where it carries our name already (this process was restarted under its old address): whoever
 * renews a lease of 95 s might be too late otherwise.
 */
function takeIfFree(
  state: Acquiring,
  record: LeaseRecord,
  { nowMs, wallMs }: LeaseMoment,
  rules: LeaseRules,
): LeaseStep {
  const { holder, version } = record;
  if (holder !== '' && holder !== rules.owner && !isExpired(record, rules, wallMs)) {
    return { state: { phase: 'idle', owed: false }, effects: [{ kind: 'taken', by: holder }] };
  }
  return {
    state: { ...state, step: 'taking', sentAtMs: nowMs },
    effects: [{ kind: 'write', holder: rules.owner, version }],
  };
}

function taken(
  state: Acquiring,
  { version }: LeaseRecord,
  nowMs: number,
  rules: LeaseRules,
): LeaseStep {
  if (nowMs - state.sentAtMs > rules.heartbeatTimeoutMs / 2) {
    const why = 'its answer was so late that the lease may be over already';
    return { state: { phase: 'idle', owed: true }, effects: [{ kind: 'refused', why }] };
  }
  const times = { renewedAtMs: state.sentAtMs, sentAtMs: state.sentAtMs };
  return {
    state: {
      phase: 'held',
      step: 'resting',
      version,
      ...times,
      isSecondTry: false,
      releaseWanted: false,
    },
    effects: [{ kind: 'granted' }, { kind: 'beat', afterMs: rules.heartbeatIntervalMs }],
  };
}

function whenHeld(
  state: Held,
  event: LeaseEvent,
  { nowMs }: LeaseMoment,
  rules: LeaseRules,
): LeaseStep {
  switch (event.type) {
    case 'acquire':
      return { state, effects: [{ kind: 'granted' }] };
    case 'release':
      if (state.step !== 'resting')
        return { state: { ...state, releaseWanted: true }, effects: [] };
      return giveBack(state.version, 0);
    case 'beat':
      if (state.step !== 'resting') return still(state);
      return renew({ ...state, isSecondTry: false }, state.version, nowMs, rules);
    case 'answered':
      if (state.step === 'reading') return heldAfterReading(state, event.record, nowMs, rules);
      return renewed(state, event.record.version, nowMs, rules);
    case 'conflict':
      if (state.isSecondTry && !state.releaseWanted) {
        return notRenewed(state, undefined, nowMs, rules);
      }
      return { state: { ...state, step: 'reading' }, effects: [{ kind: 'read' }] };
    case 'missing':
      return lost(state, 'somebody has removed it', false);
    case 'failed':
      return notRenewed(state, event.error, nowMs, rules);
    default:
      return unreachable(event);
  }
}

const still = (state: LeaseState): LeaseStep => ({ state, effects: [] });

function renew(state: Held, version: string, nowMs: number, rules: LeaseRules): LeaseStep {
  return {
    state: { ...state, step: 'renewing', version, sentAtMs: nowMs },
    effects: [{ kind: 'write', holder: rules.owner, version }],
  };
}

function renewed(state: Held, version: string, nowMs: number, rules: LeaseRules): LeaseStep {
  if (state.releaseWanted) return giveBack(version, 0);
  const isLate = nowMs - state.sentAtMs > rules.heartbeatTimeoutMs / 2;
  return {
    state: { ...state, step: 'resting', version, renewedAtMs: state.sentAtMs },
    effects: [{ kind: 'beat', afterMs: isLate ? 0 : rules.heartbeatIntervalMs }],
  };
}

/** A write was refused. It carries our name when one of ours went through whose answer never came. */
function heldAfterReading(
  state: Held,
  record: LeaseRecord,
  nowMs: number,
  rules: LeaseRules,
): LeaseStep {
  if (record.holder !== rules.owner) {
    const why = record.holder === '' ? 'somebody gave it back' : `"${record.holder}" has it`;
    return lost(state, why, false);
  }
  if (state.releaseWanted) return giveBack(record.version, 0);
  return renew({ ...state, isSecondTry: true }, record.version, nowMs, rules);
}

/**
 * Pekko counts the lease as lost with the first heartbeat that fails. Here it is tried again for half of the timeout:
 * nobody else can have it before its time is up, and an API server that is away for a minute costs no cluster.
 */
function notRenewed(state: Held, error: unknown, nowMs: number, rules: LeaseRules): LeaseStep {
  if (nowMs - state.renewedAtMs >= rules.heartbeatTimeoutMs / 2) {
    return lost(state, 'it could not be renewed in time', true, error);
  }
  if (state.releaseWanted) {
    return { state: { phase: 'idle', owed: true }, effects: [{ kind: 'releaseFailed', error }] };
  }
  return {
    state: { ...state, step: 'resting' },
    effects: [{ kind: 'beat', afterMs: rules.heartbeatIntervalMs / 4 }],
  };
}

function lost(state: Held, why: string, owed: boolean, error?: unknown): LeaseStep {
  const released: readonly LeaseEffect[] = state.releaseWanted ? [{ kind: 'released' }] : [];
  return {
    state: { phase: 'idle', owed },
    effects: [{ kind: 'lost', why, error }, ...released],
  };
}

function giveBack(version: string, rounds: number): LeaseStep {
  return {
    state: { phase: 'releasing', step: 'giving', rounds },
    effects: [{ kind: 'write', holder: '', version }],
  };
}

/** Whoever has it by now, it is not us: that is all that was wanted. */
function whenReleasing(
  state: Extract<LeaseState, { phase: 'releasing' }>,
  event: LeaseEvent,
  rules: LeaseRules,
): LeaseStep {
  const done: LeaseStep = {
    state: { phase: 'idle', owed: false },
    effects: [{ kind: 'released' }],
  };
  switch (event.type) {
    case 'failed':
      return {
        state: { phase: 'idle', owed: true },
        effects: [{ kind: 'releaseFailed', error: event.error }],
      };
    case 'conflict':
      if (state.rounds >= roundsMax) return done;
      return {
        state: { phase: 'releasing', step: 'reading', rounds: state.rounds + 1 },
        effects: [{ kind: 'read' }],
      };
    case 'missing':
      return done;
    case 'answered':
      if (state.step === 'giving' || event.record.holder !== rules.owner) return done;
      return giveBack(event.record.version, state.rounds);
    default:
      return still(state);
  }
}
