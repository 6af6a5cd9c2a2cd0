// The port to time. Everything that needs to know what time it is gets a Clock handed in.

export interface Clock {
  /** Monotonic milliseconds with fractions; for intervals, deadlines and failure detection. Its zero is arbitrary. */
  nowMs(): number;
  /** Milliseconds since the Unix epoch; for what people read and for tombstones. May jump. */
  wallMs(): number;
  /** Monotonic nanoseconds; for what the protocol wants as such. */
  nanos(): bigint;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  nanos: () => process.hrtime.bigint(),
};

/** ISO 8601 text (UTC) of an epoch time in milliseconds. */
export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
