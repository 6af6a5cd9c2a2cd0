// How late a timer of two a second fires, as a histogram that only grows: unlike percentiles since some moment, it can be
// compared over any span of time, by any number of scrapers, and shows each time that the event loop stood still.

import type { Cancellable, Clock, Timers } from '../runtime/index.ts';
import type { MetricsRegistry } from './metrics.ts';

/** A loop that stands still for longer than this is seen for certain. */
export const latenessIntervalMs = 500;

/** Upper bounds in seconds; heartbeats are in danger from about one second on. */
const latenessBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Measures until it is cancelled. */
export function watchLoopLateness(
  metrics: MetricsRegistry,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
): Cancellable {
  const lateness = metrics.histogram({
    name: 'parvi_event_loop_lateness_seconds',
    help: 'How late a timer fired that is due twice a second',
    buckets: latenessBuckets,
  });
  let dueMs = clock.nowMs() + latenessIntervalMs;
  return timers.every(latenessIntervalMs, () => {
    const nowMs = clock.nowMs();
    lateness.record(Math.max(0, nowMs - dueMs) / 1000);
    dueMs = nowMs + latenessIntervalMs;
  });
}
