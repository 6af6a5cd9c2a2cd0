// The port to delayed work. A manual implementation for tests lives in the testkit.

export interface Cancellable {
  cancel(): void;
}

export interface Timers {
  /** Runs the callback once, not before `delayMs` have passed. */
  after(delayMs: number, callback: () => void): Cancellable;
  /** Runs the callback every `intervalMs`, first after one interval. A late tick is not made up for. */
  every(intervalMs: number, callback: () => void): Cancellable;
}

/** The longest delay Node's timers take; longer ones would fire at once, so they are waited for in parts. */
const delayMsMax = 2 ** 31 - 1;

/**
 * Timers of the process. `keepsProcessAlive: false` gives timers that do not hold an otherwise finished process.
 */
export function systemTimers(options: { readonly keepsProcessAlive: boolean }): Timers {
  const arm = (timer: NodeJS.Timeout): NodeJS.Timeout =>
    options.keepsProcessAlive ? timer : timer.unref();
  return {
    after(delayMs, callback) {
      let timer: NodeJS.Timeout;
      const wait = (restMs: number): void => {
        const partMs = Math.min(restMs, delayMsMax);
        const then = partMs === restMs ? callback : () => wait(restMs - partMs);
        timer = arm(setTimeout(then, partMs));
      };
      wait(Math.max(delayMs, 0));
      return { cancel: () => clearTimeout(timer) };
    },
    every(intervalMs, callback) {
      const timer = arm(setInterval(callback, Math.min(Math.max(intervalMs, 1), delayMsMax)));
      return { cancel: () => clearInterval(timer) };
    },
  };
}
