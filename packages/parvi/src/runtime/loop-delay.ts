// How late the event loop runs what is due. A held loop means late heartbeats, so it is watched all the time.

import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopDelay {
  /** The delay, in milliseconds, that the share `q` (0 to 1) of all samples stays below; 0 without samples. */
  quantileMs(q: number): number;
  /** The longest delay in milliseconds; 0 without samples. */
  maxMs(): number;
  /** Starts counting anew. */
  reset(): void;
  stop(): void;
}

/** Samples every `resolutionMs`, by default 10 ms. Samples are of timers, so about 1 ms is never a held loop. */
export function monitorLoopDelay(resolutionMs = 10): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // The samples hold the whole interval between two timers: the delay is what exceeds the resolution.
  const delayMs = (intervalNs: number): number => Math.max(0, intervalNs / 1e6 - resolutionMs);
  return {
    quantileMs: (q) => (histogram.count === 0 ? 0 : delayMs(histogram.percentile(clampPercent(q)))),
    maxMs: () => (histogram.count === 0 ? 0 : delayMs(histogram.max)),
    reset: () => histogram.reset(),
    stop: () => {
      histogram.disable();
    },
  };
}

/** The histogram takes percentiles above 0 up to 100. */
function clampPercent(q: number): number {
  return Math.min(100, Math.max(0.001, q * 100));
}
