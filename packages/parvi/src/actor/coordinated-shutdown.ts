// The orderly way out: phases one after another, the tasks of a phase at once, each phase within its time. Runs once,
// whatever starts it, and always comes to an end.

import type { Logger } from '../observe/index.ts';
import {
  type Cancellable,
  type Clock,
  type Duration,
  durationMs,
  type ProcessPort,
  type StopSignal,
  type Timers,
  toError,
} from '../runtime/index.ts';
import { ActorError } from './errors.ts';
import {
  type ShutdownPhase,
  type ShutdownReason,
  shutdownPhases,
  shutdownReasons,
} from './shutdown-phases.ts';

/** Work to do in a phase. It should end well within the phase's time; nothing waits for it longer. */
export type ShutdownTask = (reason: ShutdownReason) => unknown;

export interface ShutdownPhaseOptions {
  /** By default Pekko's: 5 s, some phases 10 s. */
  readonly timeout?: Duration;
  /** Whether the sequence goes on after a task failed or the time ran out. By default `true`. */
  readonly recover?: boolean;
  /** `false` skips the tasks of the phase. By default `true`. */
  readonly enabled?: boolean;
}

export interface CoordinatedShutdownOptions {
  readonly phases?: Readonly<Partial<Record<ShutdownPhase, ShutdownPhaseOptions>>>;
  /**
   * End the process after every shutdown. By default only after a signal, or for a reason with an exit code other
   * than 0. Needs the process port.
   */
  readonly exitProcess?: boolean;
}

export interface PhaseReport {
  readonly phase: ShutdownPhase;
  readonly tasks: readonly string[];
  readonly failed: readonly string[];
  readonly timedOut: readonly string[];
  readonly tookMs: number;
}

export interface ShutdownReport {
  readonly reason: ShutdownReason;
  /** Phases that had tasks. */
  readonly phases: readonly PhaseReport[];
}

export interface CoordinatedShutdownPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** With it, SIGTERM and SIGINT run the shutdown; a second signal ends the process at once. */
  readonly process?: ProcessPort | undefined;
  /** Called when the sequence has ended, however it ended. */
  readonly onEnd: () => void;
}

interface NamedTask {
  readonly name: string;
  readonly task: ShutdownTask;
}

/** One Ctrl-C may arrive twice, from the terminal and from a package manager that passes it on. */
const sameSignalMs = 500;

const signalNumbers: Readonly<Record<StopSignal, number>> = { SIGINT: 2, SIGTERM: 15 };

export class CoordinatedShutdown {
  readonly #options: CoordinatedShutdownOptions;
  readonly #ports: CoordinatedShutdownPorts;
  readonly #tasks = new Map<ShutdownPhase, Set<NamedTask>>();
  readonly #signalHandlers: Cancellable[] = [];
  #running: Promise<ShutdownReport> | undefined;
  #reason: ShutdownReason | undefined;
  #signalledAtMs: number | undefined;

  constructor(options: CoordinatedShutdownOptions, ports: CoordinatedShutdownPorts) {
    this.#options = options;
    this.#ports = ports;
    for (const [phase, { timeout = 0 }] of Object.entries(options.phases ?? {})) {
      checkPhase(phase);
      durationMs(timeout, `timeout of ${phase}`);
    }
    const { process } = ports;
    if (process === undefined) return;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      this.#signalHandlers.push(process.onSignal(signal, () => this.#onSignal(process, signal)));
    }
  }

  /** Why the system is shutting down; `undefined` while it is not. */
  get reason(): ShutdownReason | undefined {
    return this.#reason;
  }

  /**
   * Adds work to a phase. Tasks may be added until their phase begins, also by tasks of earlier phases.
   *
   * @throws ActorError `SHUTDOWN_PHASE_UNKNOWN`
   */
  addTask(phase: ShutdownPhase, name: string, task: ShutdownTask): Cancellable {
    checkPhase(phase);
    const entry = { name, task };
    const tasks = this.#tasks.get(phase) ?? new Set<NamedTask>();
    tasks.add(entry);
    this.#tasks.set(phase, tasks);
    return { cancel: () => tasks.delete(entry) };
  }

  /**
   * Runs all phases. The first reason counts; further calls get the same promise.
   *
   * @throws ActorError `SHUTDOWN_ABORTED` (as a rejection) when a phase with `recover: false` failed
   */
  run(reason: ShutdownReason = shutdownReasons.unknown): Promise<ShutdownReport> {
    if (this.#running === undefined) {
      this.#reason = reason;
      this.#ports.log.info({ reason: reason.name }, 'Coordinated shutdown begins');
      this.#running = this.#runAndEnd(reason);
      this.#running.catch(() => undefined);
    }
    return this.#running;
  }

  async #runAndEnd(reason: ShutdownReason): Promise<ShutdownReport> {
    const phases: PhaseReport[] = [];
    let { exitCode } = reason;
    try {
      for (const { name, timeoutMs } of shutdownPhases) {
        const report = await this.#runPhase(name, timeoutMs, reason);
        if (report !== undefined) phases.push(report);
      }
      return { reason, phases };
    } catch (thrown) {
      exitCode = exitCode === 0 ? 1 : exitCode;
      throw thrown;
    } finally {
      this.#ports.log.info({ reason: reason.name, exitCode }, 'Coordinated shutdown has ended');
      this.#ports.onEnd();
      this.#exit(exitCode);
    }
  }

  async #runPhase(
    phase: ShutdownPhase,
    timeoutMsDefault: number,
    reason: ShutdownReason,
  ): Promise<PhaseReport | undefined> {
    const tasks = [...(this.#tasks.get(phase) ?? [])];
    const options = this.#options.phases?.[phase] ?? {};
    if (tasks.length === 0 || options.enabled === false) return undefined;
    const timeoutMs = durationMs(options.timeout ?? timeoutMsDefault, 'timeout');
    const startMs = this.#ports.clock.nowMs();
    const failed: string[] = [];
    const unfinished = new Set(tasks);
    const runs = tasks.map(async (entry) => {
      const { name, task } = entry;
      try {
        await task(reason);
      } catch (thrown) {
        failed.push(name);
        const fields = { phase, task: name, error: toError(thrown) };
        this.#ports.log.error(fields, 'Task of coordinated shutdown failed');
      }
      unfinished.delete(entry);
    });
    await this.#within(timeoutMs, Promise.all(runs));
    const timedOut = Array.from(unfinished, ({ name }) => name);
    const tookMs = this.#ports.clock.nowMs() - startMs;
    if (timedOut.length > 0) {
      const fields = { phase, tasks: timedOut, timeoutMs };
      this.#ports.log.warn(fields, 'Phase of coordinated shutdown ran out of time');
    }
    if (options.recover === false) refuseFailure(phase, failed, timedOut);
    return { phase, tasks: tasks.map(({ name }) => name), failed, timedOut, tookMs };
  }

  /** Ends with the work or with the time, whichever comes first. */
  async #within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#ports.timers.after(timeoutMs, () => resolve());
    await Promise.race([work, promise]);
    timer.cancel();
  }

  #onSignal(process: ProcessPort, signal: StopSignal): void {
    const { log, clock } = this.#ports;
    if (this.#signalledAtMs !== undefined) {
      if (clock.nowMs() - this.#signalledAtMs < sameSignalMs) return;
      log.warn({ signal }, 'Second signal, so the process ends without waiting for the rest');
      process.exit(128 + signalNumbers[signal]);
      return;
    }
    this.#signalledAtMs = clock.nowMs();
    log.info({ signal }, 'Signal received; send it again to end without waiting');
    this.run(shutdownReasons.processSignal).catch(() => undefined);
  }

  #exit(exitCode: number): void {
    const { process } = this.#ports;
    if (process === undefined) return;
    if (this.#signalledAtMs !== undefined || exitCode !== 0 || this.#options.exitProcess === true) {
      process.exit(exitCode);
      return;
    }
    for (const handler of this.#signalHandlers) handler.cancel();
  }
}

function checkPhase(phase: string): void {
  if (shutdownPhases.some(({ name }) => name === phase)) return;
  const known = shutdownPhases.map(({ name }) => name).join(', ');
  throw new ActorError(
    'SHUTDOWN_PHASE_UNKNOWN',
    `Cannot use the shutdown phase "${phase}": the phases are ${known}`,
    { fields: { phase } },
  );
}

function refuseFailure(
  phase: ShutdownPhase,
  failed: readonly string[],
  timedOut: readonly string[],
): void {
  const guilty = [...failed, ...timedOut];
  if (guilty.length === 0) return;
  throw new ActorError(
    'SHUTDOWN_ABORTED',
    `Cannot go on with coordinated shutdown: "${guilty.join('", "')}" failed in the phase "${phase}", which must succeed`,
    { fields: { phase, failed, timedOut } },
  );
}
