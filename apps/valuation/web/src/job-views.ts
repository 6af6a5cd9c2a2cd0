// The list of jobs as events and answers come in, which overtake each other.

import type { JobView } from '../../src/http/views.ts';

/** Jobs listed: a page may stay open for weeks. */
const jobsMax = 200;

/** The list with what was told of a job; a new one comes first, and the oldest go where there are too many. */
export function withJob(
  jobs: readonly JobView[],
  told: JobView,
  lookedAt: string | undefined,
): readonly JobView[] {
  const known = jobs.some(({ id }) => id === told.id);
  if (known) return jobs.map((job) => (job.id === told.id ? newerView(job, told) : job));
  return withoutOldest([told, ...jobs], lookedAt);
}

/** What has ended does not run again. */
export const newerView = (known: JobView | undefined, told: JobView): JobView =>
  known?.endedAt !== undefined && told.endedAt === undefined ? known : told;

/** What still runs stays, and what is being looked at. */
function withoutOldest(jobs: readonly JobView[], lookedAt: string | undefined): readonly JobView[] {
  if (jobs.length <= jobsMax) return jobs;
  const oldest = jobs.findLast(({ id, endedAt }) => endedAt !== undefined && id !== lookedAt);
  return jobs.filter((job) => job !== oldest);
}
