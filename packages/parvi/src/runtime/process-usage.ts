// What the process has used so far, for metrics: processor time, heap, and how long its event loop was at work.

export interface ProcessUsage {
  /** Processor time of all threads, user and system, in seconds since the start. */
  cpuSeconds(): number;
  /** Bytes of the heap that hold something. */
  heapUsedBytes(): number;
  /** Time in seconds that the event loop was at work and did not wait for events. */
  loopActiveSeconds(): number;
  /** When the process started, in seconds since 1970. */
  startedAtSeconds(): number;
}

export const systemUsage: ProcessUsage = {
  cpuSeconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  heapUsedBytes: () => process.memoryUsage().heapUsed,
  loopActiveSeconds: () => performance.eventLoopUtilization().active / 1000,
  startedAtSeconds: () => performance.timeOrigin / 1000,
};
