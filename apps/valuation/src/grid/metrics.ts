// The grid's metrics. Most are read when somebody looks, from figures that are kept anyway; times of jobs and chunks are
// written as they end.

import { durationBucketsSeconds, type MetricsRegistry } from 'parvi/observe';
import type { ControllerNode } from './controller-node.ts';
import type { WorkerNode } from './worker-node.ts';

type Kind = 'counter' | 'gauge';
/** Jobs take from a blink to hours. */
const jobBucketsSeconds = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400];

const endStates = ['completed', 'failed', 'cancelled', 'lost'];

type Row = readonly [name: string, kind: Kind, help: string, read: () => number];

export function registerControllerMetrics(metrics: MetricsRegistry, node: ControllerNode): void {
  const { scheduler } = node;
  const running = (): number => {
    let chunks = 0;
    for (const job of scheduler.state.jobs.values()) chunks += job.running.size;
    return chunks;
  };
  const waiting = (): number => {
    let chunks = 0;
    for (const job of scheduler.state.jobs.values()) chunks += job.waiting.length;
    return chunks;
  };
  register(metrics, [
    ['valuation_jobs_taken_total', 'counter', 'Jobs taken', () => node.jobsTaken],
    [
      'valuation_jobs_handed_over_total',
      'counter',
      'Jobs that went to another controller, since this one leaves',
      () => node.handOver.counts.given,
    ],
    [
      'valuation_jobs_taken_over_total',
      'counter',
      'Jobs that came from controllers that leave',
      () => node.handOver.counts.taken,
    ],
    ['valuation_jobs_open', 'gauge', 'Jobs that have not ended', () => node.queue().jobs],
    ['valuation_trades_queued', 'gauge', 'Trades without a result', () => node.queue().trades],
    [
      'valuation_trades_stored_total',
      'counter',
      'Trades whose result or error was stored',
      () => scheduler.pricedTrades,
    ],
    ['valuation_chunks_running', 'gauge', 'Chunks that are with workers', running],
    [
      'valuation_chunks_requeued_total',
      'counter',
      'Chunks that were handed out again',
      () => scheduler.requeues,
    ],
    [
      'valuation_results_dropped_total',
      'counter',
      'Results that came for chunks that were done already',
      () => scheduler.duplicates,
    ],
    ['valuation_workers', 'gauge', 'Workers that ask for work', () => scheduler.workerCount],
    [
      'valuation_workers_threads',
      'gauge',
      'Pricing threads of the workers that ask for work',
      () => scheduler.threadCount,
    ],
    [
      'valuation_chunks_waiting',
      'gauge',
      'Chunks that were handed out before and wait for another worker',
      waiting,
    ],
  ]);
  measureJobs(metrics, node);
}

function measureJobs(metrics: MetricsRegistry, { scheduler }: ControllerNode): void {
  const ended = metrics.counter({
    name: 'valuation_jobs_ended_total',
    help: 'Jobs that ended, by how',
    labels: ['state'],
    seriesMax: 8,
  });
  // From the start, so that the first end of a kind is a step from 0 to 1.
  for (const state of endStates) ended.with(state);
  const duration = metrics.histogram({
    name: 'valuation_job_duration_seconds',
    help: 'Time from the submission of a job to its end',
    buckets: jobBucketsSeconds,
  });
  const roundTrip = metrics.histogram({
    name: 'valuation_chunk_round_trip_seconds',
    help: 'Time from the handing out of a chunk to its results',
    buckets: durationBucketsSeconds,
  });
  scheduler.meter = {
    chunkAnswered: (roundTripMs) => roundTrip.record(roundTripMs / 1000),
    jobEnded: (phase, elapsedMs) => {
      ended.with(phase).add();
      duration.record(elapsedMs / 1000);
    },
  };
}

export function registerWorkerMetrics(metrics: MetricsRegistry, node: WorkerNode): void {
  register(metrics, [
    ['valuation_worker_trades_total', 'counter', 'Trades priced or failed', () => node.trades],
    [
      'valuation_worker_busy_seconds_total',
      'counter',
      'Time that pricing threads were at work, added up',
      () => node.busyMs / 1000,
    ],
    ['valuation_worker_threads', 'gauge', 'Pricing threads', () => node.threads],
    [
      'valuation_worker_threads_lost_total',
      'counter',
      'Pricing threads that died and were replaced',
      () => node.threadsLost,
    ],
    ['valuation_worker_chunks_held', 'gauge', 'Chunks taken and not answered', () => node.held],
  ]);
  const failed = metrics.counter({
    name: 'valuation_worker_trades_failed_total',
    help: 'Trades that could not be priced',
  });
  const pricing = metrics.histogram({
    name: 'valuation_worker_chunk_pricing_seconds',
    help: 'Time that a chunk took in the pricing itself',
    buckets: durationBucketsSeconds,
  });
  const busy = metrics.histogram({
    name: 'valuation_worker_chunk_busy_seconds',
    help: 'Time that a thread was at a chunk: reading, pricing, writing',
    buckets: durationBucketsSeconds,
  });
  node.meter = {
    chunkPriced: (figures) => {
      failed.add(figures.failed);
      pricing.record(figures.pricingMs / 1000);
      busy.record(figures.busyMs / 1000);
    },
  };
}

function register(metrics: MetricsRegistry, rows: readonly Row[]): void {
  for (const [name, kind, help, read] of rows) metrics.read({ name, kind, help, read });
}
