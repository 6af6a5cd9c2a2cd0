// The registry of health checks: layers and applications register, management asks. Every check has a time limit,
// because a probe that hangs is worse than one that fails.

import { type Cancellable, type Clock, errorLine, type Timers } from '../runtime/index.ts';
import { ObserveError } from './errors.ts';

/**
 * What a check speaks about: `startup` has this process come up, `ready` may it be sent work, `alive` must it be
 * restarted.
 */
export type HealthAspect = 'startup' | 'ready' | 'alive';

/** `true`, or nothing, is healthy; a text says why it is not. */
export type HealthAnswer = boolean | string | undefined;

export interface HealthCheckOptions {
  /** Unique among the checks of its aspect; shown to people. */
  readonly name: string;
  readonly aspect: HealthAspect;
  /** By default the registry's. */
  readonly timeLimitMs?: number;
  /** The signal aborts when the time limit has passed. Throwing counts as unhealthy. */
  check(signal: AbortSignal): HealthAnswer | Promise<HealthAnswer>;
}

/** What became of a check: `notOk` said no, `failed` has thrown, `timedOut` has not answered in time. */
export type HealthOutcome = 'ok' | 'notOk' | 'failed' | 'timedOut';

export interface HealthCheckResult {
  readonly name: string;
  readonly healthy: boolean;
  readonly outcome: HealthOutcome;
  /** Why it is not healthy. */
  readonly reason: string | undefined;
  readonly tookMs: number;
  /** How long it might have taken. */
  readonly limitMs: number;
}

export interface HealthReport {
  readonly aspect: HealthAspect;
  /** All checks passed; true also when there are none. */
  readonly healthy: boolean;
  readonly checks: readonly HealthCheckResult[];
}

interface Registered {
  readonly options: HealthCheckOptions;
  /** The run that has not answered yet. Later probes wait for it too, so that a hanging check is not started twice. */
  running: Promise<HealthAnswer> | undefined;
}

type Judgement = Pick<HealthCheckResult, 'outcome' | 'reason'>;

function judgementOf(answer: HealthAnswer): Judgement {
  if (answer === true || answer === undefined) return { outcome: 'ok', reason: undefined };
  return { outcome: 'notOk', reason: answer === false ? 'is not healthy' : answer };
}

/** How long a check may take unless it says otherwise. */
export const healthTimeLimitMsDefault = 1000;

export class HealthRegistry {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #timeLimitMs: number;
  readonly #checks = new Map<string, Registered>();

  constructor(options: {
    readonly clock: Clock;
    readonly timers: Timers;
    readonly timeLimitMs?: number;
  }) {
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#timeLimitMs = options.timeLimitMs ?? healthTimeLimitMsDefault;
  }

  /** @throws ObserveError `HEALTH_CHECK_CONFLICT` when the aspect has a check of that name */
  register(options: HealthCheckOptions): Cancellable {
    const key = `${options.aspect} ${options.name}`;
    if (this.#checks.has(key)) {
      throw new ObserveError(
        'HEALTH_CHECK_CONFLICT',
        `Cannot register the health check "${options.name}": "${options.aspect}" has one of that name; cancel it first or choose another name`,
        { fields: { name: options.name, aspect: options.aspect } },
      );
    }
    const entry: Registered = { options, running: undefined };
    this.#checks.set(key, entry);
    return {
      cancel: () => {
        if (this.#checks.get(key) === entry) this.#checks.delete(key);
      },
    };
  }

  /** Names of the checks of an aspect, in the order of their registration. */
  names(aspect: HealthAspect): string[] {
    return this.#of(aspect).map((entry) => entry.options.name);
  }

  /** Runs all checks of an aspect at once. Never rejects, and answers within the longest of their time limits. */
  async run(aspect: HealthAspect): Promise<HealthReport> {
    const checks = await Promise.all(this.#of(aspect).map((entry) => this.#runOne(entry)));
    return { aspect, healthy: checks.every((check) => check.healthy), checks };
  }

  #of(aspect: HealthAspect): Registered[] {
    return [...this.#checks.values()].filter((entry) => entry.options.aspect === aspect);
  }

  async #runOne(entry: Registered): Promise<HealthCheckResult> {
    const { name } = entry.options;
    const limitMs = entry.options.timeLimitMs ?? this.#timeLimitMs;
    const startMs = this.#clock.nowMs();
    const { outcome, reason } = await this.#judge(entry, limitMs);
    const tookMs = this.#clock.nowMs() - startMs;
    return { name, healthy: outcome === 'ok', outcome, reason, tookMs, limitMs };
  }

  async #judge(entry: Registered, limitMs: number): Promise<Judgement> {
    const abort = new AbortController();
    const { promise: timeout, resolve } = Promise.withResolvers<Judgement>();
    const timer = this.#timers.after(limitMs, () => {
      resolve({ outcome: 'timedOut', reason: `did not answer within ${limitMs} ms` });
      abort.abort();
    });
    try {
      return await Promise.race([this.#start(entry, abort.signal).then(judgementOf), timeout]);
    } catch (thrown) {
      return { outcome: 'failed', reason: errorLine(thrown) };
    } finally {
      timer.cancel();
    }
  }

  #start(entry: Registered, signal: AbortSignal): Promise<HealthAnswer> {
    if (entry.running !== undefined) return entry.running;
    const running = (async () => entry.options.check(signal))();
    entry.running = running;
    const done = (): void => {
      entry.running = undefined;
    };
    running.then(done, done);
    return running;
  }
}
