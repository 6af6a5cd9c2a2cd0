// The dashboard of the pricing grid: jobs, the queue, workers and their threads, chunks.

import type { DashboardPlan, Query } from './dashboard.ts';
import { instance, query, rate, series, stat } from './panels.ts';

const quantile = (share: number, metric: string): string =>
  `histogram_quantile(${share}, sum by (le) (rate(${metric}_bucket{$of}[$__rate_interval])))`;

const quantiles = (metric: string): readonly Query[] =>
  [0.5, 0.9, 0.99].map((share) => query(quantile(share, metric), `${share * 100} %`));

const now = [
  stat('Workers', 'Workers that ask for work.', 'max(valuation_workers{$of})'),
  stat('Threads', 'Their pricing threads.', 'max(valuation_workers_threads{$of})'),
  stat(
    'Open jobs',
    'Jobs that have not ended, of all controllers.',
    'sum(valuation_jobs_open{$of})',
  ),
  stat('Trades queued', 'Trades without a result.', 'sum(valuation_trades_queued{$of})'),
  stat('Chunks running', 'Chunks that are with workers.', 'sum(valuation_chunks_running{$of})'),
  stat(
    'Trades a second',
    'Results stored, of all controllers.',
    'sum(rate(valuation_trades_stored_total{$of}[$__rate_interval]))',
  ),
];

const jobs = [
  series(
    'Trades priced',
    'ops',
    'Results stored by each controller.',
    query(rate('valuation_trades_stored_total'), instance),
  ),
  series(
    'Queue',
    'short',
    'Trades without a result, by the controller that has the job. It grows while more comes in than is priced.',
    query('valuation_trades_queued{$of}', instance),
  ),
  series('Jobs', 'short', 'Jobs that have not ended.', query('valuation_jobs_open{$of}', instance)),
  series(
    'Jobs taken and ended',
    'cps',
    'Jobs that came, and how they ended.',
    query(rate('valuation_jobs_taken_total', 'job'), 'taken'),
    query(rate('valuation_jobs_ended_total', 'state'), '{{state}}'),
  ),
  series(
    'Time of a job',
    's',
    'From its submission to its end. Long queues make long jobs.',
    ...quantiles('valuation_job_duration_seconds'),
  ),
  series(
    'Lost clients',
    'cps',
    'Requests whose client went before they were whole.',
    query(rate('valuation_http_clients_gone_total'), instance),
  ),
];

const workers = [
  series(
    'Workers',
    'short',
    'Workers and threads, as controllers know them.',
    query('max(valuation_workers{$of})', 'workers'),
    query('max(valuation_workers_threads{$of})', 'threads'),
  ),
  series(
    'Trades of each worker',
    'ops',
    'Trades priced or failed.',
    query(rate('valuation_worker_trades_total'), instance),
  ),
  series(
    'Threads at work',
    'percentunit',
    'Share of the time that pricing threads are at work. Near 1 with a queue: more workers help. Below with a queue: something holds chunks up.',
    query(
      `${rate('valuation_worker_busy_seconds_total')} / sum by (instance) (valuation_worker_threads{$of})`,
      instance,
    ),
  ),
  series(
    'Failed trades',
    'percentunit',
    'Share of the trades that could not be priced.',
    query(
      `sum(rate(valuation_worker_trades_failed_total{$of}[$__rate_interval])) / sum(rate(valuation_worker_trades_total{$of}[$__rate_interval]))`,
      'failed',
    ),
  ),
  series(
    'Chunks in hand',
    'short',
    'Chunks that a worker has taken and not answered.',
    query('valuation_worker_chunks_held{$of}', instance),
  ),
  series(
    'Lost threads',
    'cps',
    'Pricing threads that died and were replaced.',
    query(rate('valuation_worker_threads_lost_total'), instance),
  ),
];

const chunks = [
  series(
    'Pricing of a chunk',
    's',
    'Time in the pricing itself. Chunks are cut for 20 to 50 ms.',
    ...quantiles('valuation_worker_chunk_pricing_seconds'),
  ),
  series(
    'A thread with a chunk',
    's',
    'Reading, pricing and writing.',
    ...quantiles('valuation_worker_chunk_busy_seconds'),
  ),
  series(
    'Round trip of a chunk',
    's',
    'From handing it out to its results. Much longer than the time of the thread: it waits in a worker or on the network.',
    ...quantiles('valuation_chunk_round_trip_seconds'),
  ),
  series(
    'Handed out again',
    'cps',
    'Chunks whose worker was lost, gave them back or was too slow, and results that came twice.',
    query(rate('valuation_chunks_requeued_total', 'job'), 'again'),
    query(rate('valuation_results_dropped_total', 'job'), 'twice'),
  ),
  series(
    'Chunks',
    'short',
    'With workers, and waiting for another one.',
    query('sum(valuation_chunks_running{$of})', 'running'),
    query('sum(valuation_chunks_waiting{$of})', 'waiting'),
  ),
];

export const gridDashboard: DashboardPlan = {
  id: 'parvi-grid',
  title: 'Pricing grid',
  about: 'Jobs, queue, workers and chunks of the pricing grid.',
  chosenBy: 'valuation_workers',
  rows: [
    { title: 'Now', panels: now },
    { title: 'Jobs', panels: jobs },
    { title: 'Workers', panels: workers },
    { title: 'Chunks', panels: chunks },
  ],
};
