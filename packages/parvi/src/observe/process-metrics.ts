// What a process says of itself: version, memory, processor time, and the delay of its event loop, on which heartbeats
// depend.

import {
  type Cancellable,
  type Clock,
  type LoopDelay,
  nodeVersion,
  type ProcessPort,
  type ProcessUsage,
  parviVersion,
  type Timers,
} from '../runtime/index.ts';
import { watchLoopLateness } from './loop-lateness.ts';
import type { MetricsRegistry } from './metrics.ts';

const quantiles = [0.5, 0.99] as const;

export interface ProcessMetricsPorts {
  readonly process: ProcessPort;
  readonly usage: ProcessUsage;
  readonly loopDelay: LoopDelay;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Registers the metrics of the process until they are cancelled. Percentiles are of all since the monitor was last reset. */
export function registerProcessMetrics(
  metrics: MetricsRegistry,
  ports: ProcessMetricsPorts,
): readonly Cancellable[] {
  return [
    ...registerUsage(metrics, ports),
    ...registerLoop(metrics, ports),
    watchLoopLateness(metrics, ports),
  ];
}

function registerUsage(
  metrics: MetricsRegistry,
  { process, usage }: ProcessMetricsPorts,
): Cancellable[] {
  const info = metrics.read({
    kind: 'gauge',
    name: 'parvi_info',
    help: 'Always 1; says in its labels which versions run',
    labels: ['version', 'node_version'],
    read: () => [{ labels: [parviVersion, nodeVersion], value: 1 }],
  });
  const gauge = (name: string, help: string, read: () => number): Cancellable =>
    metrics.read({ kind: 'gauge', name, help, read });
  const memory = gauge('process_resident_memory_bytes', 'Resident set size of the process', () =>
    process.residentBytes(),
  );
  const heap = gauge('nodejs_heap_used_bytes', 'Bytes of the heap that hold something', () =>
    usage.heapUsedBytes(),
  );
  const start = gauge(
    'process_start_time_seconds',
    'When the process started, in seconds since 1970',
    () => usage.startedAtSeconds(),
  );
  const cpu = metrics.read({
    kind: 'counter',
    name: 'process_cpu_seconds_total',
    help: 'Processor time of all threads, user and system',
    read: () => usage.cpuSeconds(),
  });
  return [info, memory, heap, start, cpu];
}

function registerLoop(
  metrics: MetricsRegistry,
  { loopDelay, usage }: ProcessMetricsPorts,
): Cancellable[] {
  const delay = metrics.read({
    kind: 'gauge',
    name: 'parvi_event_loop_delay_seconds',
    help: 'How late the event loop runs what is due, by percentile since the start',
    labels: ['percentile'],
    read: () =>
      quantiles.map((quantile) => ({
        labels: [String(quantile * 100)],
        value: loopDelay.quantileMs(quantile) / 1000,
      })),
  });
  const longest = metrics.read({
    kind: 'gauge',
    name: 'parvi_event_loop_delay_max_seconds',
    help: 'The longest that the event loop was late since the start',
    read: () => loopDelay.maxMs() / 1000,
  });
  const active = metrics.read({
    kind: 'counter',
    name: 'parvi_event_loop_active_seconds_total',
    help: 'Time that the event loop was at work and did not wait for events',
    read: () => usage.loopActiveSeconds(),
  });
  return [delay, longest, active];
}
