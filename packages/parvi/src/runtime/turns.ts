// The port to the event loop's turns: work right after the current callback, or in a later turn.

export interface Turns {
  /** Runs the callback after the current one returns, before any I/O is looked at. */
  soon(callback: () => void): void;
  /**
   * Runs the callback when this turn has nothing left to do, promises included, before any I/O is looked at; but no later than
   * after twelve rounds of promises that follow from others, since some never end.
   */
  settled(callback: () => void): void;
  /** Runs the callback in a later turn, after pending I/O had its chance. */
  later(callback: () => void): void;
}

const roundsMax = 12;

/** Each `await` goes on behind the promises that wait already; where none do, all rounds take less than a microsecond. */
async function afterRounds(callback: () => void): Promise<void> {
  for (let i = 0; i < roundsMax; i++) await undefined;
  callback();
}

export const systemTurns: Turns = {
  soon: (callback) => queueMicrotask(callback),
  settled: (callback) => void afterRounds(callback),
  later: (callback) => {
    setImmediate(callback);
  },
};
