// What a bootstrap knows, and the turn in which it learns something.

import type { ResolvedTarget } from '../discovery/index.ts';
import type { LogLevel } from '../observe/index.ts';
import type { ContactPoint } from './contact-point.ts';
import type { WaitsFor } from './join-decider.ts';
import type {
  BootstrapEffect,
  BootstrapEvent,
  BootstrapMoment,
  BootstrapSelf,
  BootstrapSettings,
} from './protocol.ts';

/** One contact point that is asked again and again. */
export interface Probe {
  readonly target: ResolvedTarget;
  readonly contactPoint: ContactPoint;
  /** Of this run of probes; results of others are too late. */
  readonly number: number;
  /** Stopped: silent for too long; a lookup that finds it still begins anew. */
  readonly isStopped: boolean;
  readonly deadlineMs: number;
  readonly observation:
    | { readonly atMs: number; readonly seedNodes: readonly string[] }
    | undefined;
  /** Why the last probe had no answer; none when it had one. */
  readonly failure: string | undefined;
}

export interface Contacts {
  readonly targets: readonly ResolvedTarget[];
  /** Found besides, with other ports than that of management. */
  readonly leftOut: number;
  readonly changedAtMs: number;
}

export interface BootstrapState {
  readonly settings: BootstrapSettings;
  readonly self: BootstrapSelf;
  readonly phase: 'new' | 'looking' | 'joining' | 'ended';
  readonly startedAtMs: number;
  /** Of the last lookup; an answer to an older one is too late. */
  readonly lookup: number;
  readonly isLookingUp: boolean;
  /** Of the timer that starts the next lookup; older ones do not count. */
  readonly discoverTimer: number;
  /** Lookups that have failed in a row, and why the last did. */
  readonly lookupFailures: number;
  readonly lookupFailure: string | undefined;
  /** Why the last failure that was told as a warning was one; unknown again once a lookup has found what it asks for. */
  readonly lookupWarnedOf: string | undefined;
  readonly lookupWarnedAtMs: number | undefined;
  /** Unknown until the first lookup, and after one that failed. */
  readonly contacts: Contacts | undefined;
  /** By the key of their target. */
  readonly probes: ReadonlyMap<string, Probe>;
  readonly probesBegun: number;
  readonly joinAttempts: number;
  /** Whom it has asked for admission; itself when it formed the cluster. */
  readonly joining: readonly string[];
  readonly waitsFor: WaitsFor | undefined;
  /** What has been said once and need not be said again. */
  readonly told: ReadonlySet<string>;
}

export function newBootstrap(settings: BootstrapSettings, self: BootstrapSelf): BootstrapState {
  return {
    settings,
    self,
    phase: 'new',
    startedAtMs: 0,
    lookup: 0,
    isLookingUp: false,
    discoverTimer: 0,
    lookupFailures: 0,
    lookupFailure: undefined,
    lookupWarnedOf: undefined,
    lookupWarnedAtMs: undefined,
    contacts: undefined,
    probes: new Map(),
    probesBegun: 0,
    joinAttempts: 0,
    joining: [],
    waitsFor: undefined,
    told: new Set(),
  };
}

/** One step: the moment, and the effects so far. */
export class BootstrapTurn {
  readonly effects: BootstrapEffect[] = [];
  readonly moment: BootstrapMoment;

  constructor(moment: BootstrapMoment) {
    this.moment = moment;
  }

  get nowMs(): number {
    return this.moment.nowMs;
  }

  schedule(afterMs: number, event: BootstrapEvent): void {
    this.effects.push({ type: 'schedule', afterMs, event });
  }

  log(level: LogLevel, text: string, fields?: Readonly<Record<string, unknown>>): void {
    this.effects.push(
      fields === undefined ? { type: 'log', level, text } : { type: 'log', level, text, fields },
    );
  }

  /** Says it the first time. */
  logOnce(state: BootstrapState, level: LogLevel, text: string): BootstrapState {
    if (state.told.has(text)) return state;
    this.log(level, text);
    return { ...state, told: new Set([...state.told, text]) };
  }
}
