// What can be set of a controller and a worker of the grid. Defaults suit one machine.

import type { SchedulingOptions } from './core/options.ts';

export interface ControllerOptions {
  /** Jobs that have not ended. */
  readonly jobsMax: number;
  /** Requests at a time that wait for the price of a few trades. */
  readonly valuesMax: number;
  /** Trades without result, over all jobs. */
  readonly queuedTradesMax: number;
  /** Ended jobs that keep their results; the oldest goes first. */
  readonly endedJobsMax: number;
  /** How long an ended job keeps its results. */
  readonly endedJobMsMax: number;
  /** Where trades and results are spooled; by default the system's temporary directory. */
  readonly spoolDirectory: string | undefined;
  /**
   * How long a leaving controller goes on as before while it says that it is not ready, so that gateways turn away from
   * it before it refuses anything.
   */
  readonly leaveNoticeMs: number;
  /**
   * How long a leaving controller may take to hand its jobs to others, and waits for those that none takes. Those
   * unfinished then are lost: it says so to the other controllers, and these answer for them by id. It does not wait
   * for jobs that nobody takes while no worker is there.
   */
  readonly leaveWaitMs: number;
  /** Bad trades named in the error that refuses an input. */
  readonly rejectedListMax: number;
  /** How long trades that somebody waits for may take. */
  readonly valueMsMax: number;
  readonly scheduling: Partial<SchedulingOptions>;
}

export const controllerDefaults: ControllerOptions = {
  jobsMax: 100,
  valuesMax: 200,
  queuedTradesMax: 20_000_000,
  endedJobsMax: 200,
  endedJobMsMax: 3_600_000,
  spoolDirectory: undefined,
  leaveNoticeMs: 0,
  leaveWaitMs: 20_000,
  rejectedListMax: 100,
  valueMsMax: 30_000,
  scheduling: {},
};

export interface WorkerOptions {
  /** Pricing threads; as many as cores. */
  readonly threads: number;
  /** Chunks it wants in hand for each thread: one at work, one ready, and one while results travel. */
  readonly chunksPerThread: number;
}

export const chunksPerThreadDefault = 3;

/**
 * The most bytes of results or of a snapshot in one message. The large stream takes 2 MiB with the envelope.
 */
export const payloadBytesMax = 1_800_000;

/**
 * Bytes of one page of results, or of news of several jobs, for another controller. A single row or job may have more,
 * up to `payloadBytesMax`.
 */
export const pageBytesMax = 400_000;

/** Characters of a sentence about a failure that go to another node. */
export const failureLengthMax = 1000;
