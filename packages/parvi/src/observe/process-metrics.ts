// What a process says of itself: memory and the delay of its event loop, on which heartbeats depend.

import type { Cancellable, LoopDelay, ProcessPort } from '../runtime/index.ts';
import type { MetricsRegistry } from './metrics.ts';

const quantiles = [0.5, 0.99] as const;

/** Registers the metrics of the process until they are cancelled. The delay is measured since the monitor was last reset. */
export function registerProcessMetrics(
  metrics: MetricsRegistry,
  ports: { readonly process: ProcessPort; readonly loopDelay: LoopDelay },
): readonly Cancellable[] {
  const memory = metrics.read({
    kind: 'gauge',
    name: 'process_resident_memory_bytes',
    help: 'Resident set size of the process',
    read: () => ports.process.residentBytes(),
  });
  const delay = metrics.read({
    kind: 'gauge',
    name: 'parvi_event_loop_delay_seconds',
    help: 'How late the event loop runs what is due, by percentile',
    labels: ['percentile'],
    read: () =>
      quantiles.map((quantile) => ({
        labels: [String(quantile * 100)],
        value: ports.loopDelay.quantileMs(quantile) / 1000,
      })),
  });
  const longest = metrics.read({
    kind: 'gauge',
    name: 'parvi_event_loop_delay_max_seconds',
    help: 'The longest that the event loop was late',
    read: () => ports.loopDelay.maxMs() / 1000,
  });
  return [memory, delay, longest];
}
