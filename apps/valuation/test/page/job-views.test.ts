import { describe, expect, it } from 'vitest';
import type { JobView } from '../../src/http/views.ts';
import { withJob } from '../../web/src/job-views.ts';

const job = (number: number, ended: boolean): JobView => ({
  id: `job-${number}`,
  metric: 'NPV',
  snapshot: 'default',
  state: ended ? 'completed' : 'running',
  owner: 'pekko://Valuation@a:1',
  submittedAt: '2026-01-01T00:00:00.000Z',
  ...(ended ? { endedAt: '2026-01-01T00:01:00.000Z' } : {}),
  trades: 1,
  priced: 0,
  failed: 0,
  rejected: 0,
  chunksDone: 0,
  chunksTotal: 0,
  sum: null,
  mean: null,
  min: null,
  max: null,
  elapsedMs: 0,
  pricingMs: 0,
  tradesPerSecond: 0,
  errors: {},
  workers: [],
});

describe('the jobs that a page lists', () => {
  it('are the newest two hundred, besides those that run and the one that is looked at', () => {
    let jobs: readonly JobView[] = [];
    jobs = withJob(jobs, job(0, false), undefined);
    for (let number = 1; number <= 500; number++) jobs = withJob(jobs, job(number, true), 'job-5');
    const newest = Array.from({ length: 198 }, (_, i) => `job-${500 - i}`);
    expect(jobs.map(({ id }) => id)).toEqual([...newest, 'job-5', 'job-0']);
  });

  it('do not run again once they have ended, and keep their place', () => {
    const told = [job(1, false), job(2, false), job(1, true), job(1, false)];
    const jobs = told.reduce<readonly JobView[]>((list, one) => withJob(list, one, undefined), []);
    expect(jobs.map(({ id, state }) => [id, state])).toEqual([
      ['job-2', 'running'],
      ['job-1', 'completed'],
    ]);
  });
});
