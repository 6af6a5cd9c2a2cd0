// A job on the terminal: one moving line while it runs, a table when it has ended.

import { bar, countText, type Terminal, table } from 'parvi/cli/terminal';
import type { JobView } from '../http/views.ts';
import { figureText, tradesText } from './figures.ts';

const barWidth = 28;

export const secondsText = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;

export function progressLine(terminal: Terminal, job: JobView): string {
  const done = job.priced + job.failed;
  const share = job.trades === 0 ? 0 : done / job.trades;
  const name = job.metric.padEnd(9);
  const counts = `${countText(done)} of ${countText(job.trades)}`.padStart(20);
  const rate = `${countText(job.tradesPerSecond)}/s`;
  const state =
    job.state === 'running' || job.state === 'completed' ? '' : `  ${job.reason ?? job.state}`;
  return `${name} ${terminal.style('cyan', bar(share, barWidth))} ${counts}  ${rate}${state}`;
}

/** Rows of the input that were never trades of a job; a column of its own where there are any. */
function rejectedColumn(jobs: readonly JobView[]) {
  const isShown = jobs.some((job) => job.rejected > 0);
  return {
    heads: isShown ? [{ title: 'rejected', right: true }] : [],
    cells: (job: JobView): string[] => (isShown ? [countText(job.rejected)] : []),
  };
}

/** Jobs, one a row. */
export function jobTable(jobs: readonly JobView[]): string {
  const right = true;
  const rejected = rejectedColumn(jobs);
  return table(
    [
      { title: 'job' },
      { title: 'name' },
      { title: 'metric' },
      { title: 'state' },
      { title: 'trades', right },
      { title: 'done', right },
      { title: 'failed', right },
      ...rejected.heads,
      { title: 'submitted' },
    ],
    jobs.map((job) => [
      job.id,
      job.name ?? '',
      job.metric,
      job.state,
      countText(job.trades),
      `${job.trades === 0 ? 0 : Math.floor((100 * (job.priced + job.failed)) / job.trades)} %`,
      countText(job.failed),
      ...rejected.cells(job),
      job.submittedAt,
    ]),
  );
}

/** Per metric: what came out and how long it took. */
export function metricTable(jobs: readonly JobView[]): string {
  const right = true;
  const rejected = rejectedColumn(jobs);
  return table(
    [
      { title: 'metric' },
      { title: 'trades', right },
      { title: 'priced', right },
      { title: 'failed', right },
      ...rejected.heads,
      { title: 'sum', right },
      { title: 'mean', right },
      { title: 'time', right },
      { title: 'trades/s', right },
    ],
    jobs.map((job) => [
      job.metric,
      countText(job.trades),
      countText(job.priced),
      countText(job.failed),
      ...rejected.cells(job),
      figureText(job.sum),
      figureText(job.mean),
      secondsText(job.elapsedMs),
      countText(job.tradesPerSecond),
    ]),
  );
}

interface WorkerSum {
  trades: number;
  chunks: number;
  busyMs: number;
  possibleMs: number;
}

/** Per worker: its part of all these jobs. The busy share is busy thread time over the time its threads had. */
export function workerTable(jobs: readonly JobView[]): string {
  const sums = new Map<string, WorkerSum>();
  for (const job of jobs) {
    for (const worker of job.workers) {
      const sum = sums.get(worker.address) ?? { trades: 0, chunks: 0, busyMs: 0, possibleMs: 0 };
      sum.trades += worker.trades;
      sum.chunks += worker.chunks;
      sum.busyMs += worker.busyMs;
      if (worker.busyShare > 0) sum.possibleMs += worker.busyMs / worker.busyShare;
      sums.set(worker.address, sum);
    }
  }
  const right = true;
  return table(
    [
      { title: 'worker' },
      { title: 'trades', right },
      { title: 'chunks', right },
      { title: 'busy', right },
    ],
    [...sums]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([address, sum]) => [
        address.slice(address.indexOf('@') + 1),
        countText(sum.trades),
        countText(sum.chunks),
        sum.possibleMs === 0 ? '–' : `${Math.round((100 * sum.busyMs) / sum.possibleMs)} %`,
      ]),
  );
}

export function errorLines(jobs: readonly JobView[]): string[] {
  return jobs.flatMap((job) => [
    ...Object.entries(job.errors).map(
      ([code, times]) => `${job.metric}: ${tradesText(times)} failed with ${code}`,
    ),
    ...(job.rejected === 0
      ? []
      : [
          `${job.metric}: ${tradesText(job.rejected)} rejected as not valid; "valuation results ${job.id} --failed" lists them`,
        ]),
  ]);
}

/**
 * How much of a file has been sent; the controller takes it no faster than it checks the trades. A pipe has a length of 0.
 */
export function uploadLine(terminal: Terminal, sentBytes: number, bytes: number): string {
  const sent = megabytes(sentBytes);
  if (bytes === 0) return `Uploading ${sent} MB`;
  const share = `${sent} of ${megabytes(bytes)} MB`;
  return `Uploading ${terminal.style('cyan', bar(sentBytes / bytes, barWidth))} ${share.padStart(20)}`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
