// The grid's metrics. All are read when somebody looks, from figures that are kept anyway.

import type { MetricsRegistry } from 'parvi/observe';
import type { ControllerNode } from './controller-node.ts';
import type { WorkerNode } from './worker-node.ts';

type Kind = 'counter' | 'gauge';
type Row = readonly [name: string, kind: Kind, help: string, read: () => number];

export function registerControllerMetrics(metrics: MetricsRegistry, node: ControllerNode): void {
  const { scheduler } = node;
  const running = (): number => {
    let chunks = 0;
    for (const job of scheduler.state.jobs.values()) chunks += job.running.size;
    return chunks;
  };
  register(metrics, [
    ['valuation_jobs_taken_total', 'counter', 'Jobs taken', () => node.jobsTaken],
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
  ]);
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
}

function register(metrics: MetricsRegistry, rows: readonly Row[]): void {
  for (const [name, kind, help, read] of rows) metrics.read({ name, kind, help, read });
}
