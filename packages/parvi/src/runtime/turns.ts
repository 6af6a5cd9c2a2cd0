// The port to the event loop's turns: work right after the current callback, or in a later turn.

export interface Turns {
  /** Runs the callback after the current one returns, before any I/O is looked at. */
  soon(callback: () => void): void;
  /** Runs the callback when this turn has nothing left to do, promises included, before any I/O is looked at. */
  settled(callback: () => void): void;
  /** Runs the callback in a later turn, after pending I/O had its chance. */
  later(callback: () => void): void;
}

export const systemTurns: Turns = {
  soon: (callback) => queueMicrotask(callback),
  // Behind the promises that wait already; from there, the next tick is behind all that follow from them.
  settled: (callback) => queueMicrotask(() => process.nextTick(callback)),
  later: (callback) => {
    setImmediate(callback);
  },
};
