import { describe, expect, it } from 'vitest';
import { sampleView } from '../../src/grid/sample-view.ts';
import type { JobView } from '../../src/http/views.ts';
import { withJob } from '../../web/src/job-views.ts';

const job = (number: number, ended: boolean): JobView =>
  sampleView(`job-${number}`, ended ? 'completed' : 'running');

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
