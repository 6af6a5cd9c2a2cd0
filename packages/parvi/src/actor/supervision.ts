// What happens to an actor that fails: a rule, the history of its restarts, and the decision from both. Pure.

import { type Duration, durationMs, type Random, randomFloat } from '../runtime/index.ts';
import { ActorError } from './errors.ts';
import { invalidOption, refuseOtherNames } from './option-checks.ts';

export interface RestartRule {
  readonly restart: {
    /** Restarts allowed within the window; one more failure and `beyond` happens. By default 10. */
    readonly limit?: number;
    /** By default one minute. Back-off starts anew once no restart lies in the window. */
    readonly within?: Duration;
    /** Wait before the first restart; doubles with each further one in the window. By default 100 ms. */
    readonly backoffMin?: Duration;
    /** By default 10 s. */
    readonly backoffMax?: Duration;
    /** The wait is longer by a random part of up to this fraction. By default 0.2. */
    readonly jitter?: number;
    /** By default `stop`. */
    readonly beyond?: 'stop' | 'escalate';
  };
}

/**
 * - `restart`: forget the state, keep the mailbox, run setup again after a back-off. The failing message is lost.
 * - `resume`: keep the state, go on with the next message.
 * - `stop`: end the actor.
 * - `escalate`: the parent fails with this error, and its own supervision decides.
 */
export type SupervisionRule = 'restart' | 'resume' | 'stop' | 'escalate' | RestartRule;

/** One rule for all errors, or a choice by error. */
export type Supervision = SupervisionRule | ((error: Error) => SupervisionRule);

/** When the actor was restarted, newest last, within the window. */
export type RestartHistory = readonly number[];

export type SupervisionDecision =
  | {
      readonly directive: 'restart';
      readonly delayMs: number;
      readonly attempt: number;
      readonly history: RestartHistory;
    }
  | { readonly directive: 'resume' | 'stop' | 'escalate' };

export interface Failure {
  readonly error: Error;
  readonly history: RestartHistory;
  readonly nowMs: number;
}

/** Restarts remembered under a rule without limit: enough for any back-off to reach its maximum. */
const unlimitedHistoryMax = 32;

/** The decision on one failure. The back-off before restart n in the window is min(max, min · 2^(n-1)), plus jitter. */
export function supervise(
  supervision: Supervision,
  failure: Failure,
  random: Random,
): SupervisionDecision {
  const rule = typeof supervision === 'function' ? supervision(failure.error) : supervision;
  if (rule === 'resume' || rule === 'stop' || rule === 'escalate') return { directive: rule };
  const restart = rule === 'restart' ? {} : rule.restart;
  const withinMs = durationMs(restart.within ?? '1m', 'within');
  const recent = failure.history.filter((atMs) => failure.nowMs - atMs < withinMs);
  const limit = restart.limit ?? 10;
  if (recent.length >= limit) return { directive: restart.beyond ?? 'stop' };
  const minMs = durationMs(restart.backoffMin ?? 100, 'backoffMin');
  const maxMs = durationMs(restart.backoffMax ?? '10s', 'backoffMax');
  const baseMs = Math.min(maxMs, minMs * 2 ** recent.length);
  const delayMs = baseMs * (1 + (restart.jitter ?? 0.2) * randomFloat(random));
  const kept = Number.isFinite(limit) ? limit : unlimitedHistoryMax;
  const history = [...recent, failure.nowMs].slice(-kept);
  return { directive: 'restart', delayMs, attempt: recent.length + 1, history };
}

const directives: readonly unknown[] = ['restart', 'resume', 'stop', 'escalate'];
const beyonds: readonly unknown[] = ['stop', 'escalate', undefined];
const restartNames = ['limit', 'within', 'backoffMin', 'backoffMax', 'jitter', 'beyond'];

/** Refuses a rule that cannot work, at the time of the spawn rather than at the first failure. */
export function checkSupervision(supervision: Supervision): void {
  if (typeof supervision === 'function' || directives.includes(supervision)) return;
  if (typeof supervision !== 'object') {
    throw invalidOption(
      'supervision',
      supervision,
      'it takes "restart", "resume", "stop", "escalate", { restart: { … } } or a function',
    );
  }
  refuseOtherNames(supervision, 'supervision', ['restart']);
  refuseOtherNames(supervision.restart, 'supervision.restart', restartNames);
  const { beyond } = supervision.restart;
  if (!beyonds.includes(beyond)) {
    throw invalidOption('supervision.restart.beyond', beyond, 'it takes "stop" or "escalate"');
  }
  const { limit = 1, jitter = 0, within, backoffMin, backoffMax } = supervision.restart;
  durationMs(within ?? 0, 'within');
  durationMs(backoffMin ?? 0, 'backoffMin');
  durationMs(backoffMax ?? 0, 'backoffMax');
  if (limit >= 0 && jitter >= 0 && jitter <= 1) return;
  throw new ActorError(
    'ACTOR_OPTION_INVALID',
    `Cannot supervise with limit ${limit} and jitter ${jitter}: the limit is not negative, the jitter lies between 0 and 1`,
    { fields: { option: 'supervision.restart', limit, jitter } },
  );
}
